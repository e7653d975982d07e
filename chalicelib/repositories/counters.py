"""The counters table: an item for each post and each account, changed once for each batch of what is counted."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import size

from chalicelib.domain.counters import Count, PostCounters, ProfileCounters, post_key, profile_key
from chalicelib.domain.errors import LostRaceError
from chalicelib.repositories.connection import BaseModel, at_once, dynamodb_errors, write
from chalicelib.settings import settings

MOST_KNOWN = 80
"""Batches that a counter knows again: with eight characters for each the item stays below a write unit."""

_FORGOTTEN = 20  # the oldest ones, together, so that it is seldom


class _CounterItem(BaseModel):
    class Meta:
        table_name = settings().counters_table

    key = UnicodeAttribute(hash_key=True)
    likes = NumberAttribute(default=0)
    comments = NumberAttribute(default=0)
    reposts = NumberAttribute(default=0)
    views = NumberAttribute(default=0)
    followers = NumberAttribute(default=0)
    following = NumberAttribute(default=0)
    batches: ListAttribute[str] = ListAttribute(of=UnicodeAttribute, null=True)  # type: ignore[arg-type]  # pynamodb takes attributes, and types say values


def _number(value: Any) -> int:
    """Return a count; of something that is being removed, what goes may be told before what came."""
    return max(0, int(value or 0))


def _of_post(item: _CounterItem) -> PostCounters:
    return PostCounters(*(_number(each) for each in (item.likes, item.comments, item.reposts, item.views)))


class CounterRepository:
    """Counts of posts and accounts; what nothing was counted of has zeros. Reads are eventually consistent."""

    def of_post(self, post_id: str) -> PostCounters:
        """Return what was counted of a post."""
        item = _get(post_key(post_id))
        return _of_post(item) if item else PostCounters()

    def of_posts(self, post_ids: Iterable[str]) -> dict[str, PostCounters]:
        """Return what was counted of some posts, by their ids: half a read unit each."""
        keys = {post_key(post_id): post_id for post_id in post_ids}
        found = dict.fromkeys(keys.values(), PostCounters())
        with dynamodb_errors():
            for item in _CounterItem.batch_get(list(keys)):
                found[keys[item.key]] = _of_post(item)
        return found

    def of_profile(self, account_id: str) -> ProfileCounters:
        """Return what was counted of an account."""
        item = _get(profile_key(account_id))
        return ProfileCounters(_number(item.followers), _number(item.following)) if item else ProfileCounters()

    def begin(self, key: str) -> None:
        """Have a counter, so that views are counted from now on; one that is there stays as it is."""
        write(lambda: _CounterItem(key).update(actions=[_CounterItem.views.add(0)]))

    def count(self, counts: Sequence[Count]) -> None:
        """Add to counters what batches of changes bring; a batch that was added before is not added again.

        Raises:
            TemporaryError: some of it could not be written; all of it may come again.
        """
        at_once(_count, counts)

    def add_views(self, post_id: str, number: int) -> None:
        """Add views to a post that has a counter; those of a post that has none any more, or not yet, are forgotten."""
        there = _CounterItem.key.exists()
        with suppress(LostRaceError):
            item = _CounterItem(post_key(post_id))
            write(lambda: item.update(actions=[_CounterItem.views.add(number)], condition=there))

    def remove(self, key: str) -> None:
        """Remove a counter."""
        write(lambda: _CounterItem(key).delete())


def _get(key: str) -> _CounterItem | None:
    with dynamodb_errors():
        try:
            return _CounterItem.get(key)
        except _CounterItem.DoesNotExist:
            return None


def _count(count: Count) -> None:
    """Write one count: one write unit, no read, and nothing that another batch for the same counter must wait for.

    What only takes off needs a counter that is there: what it takes off was added before, so where there is none it was
    removed, and is not to come again.
    """
    item = _CounterItem(count.key)
    actions: list[Any] = [getattr(_CounterItem, name).add(change) for name, change in count.changes.items()]
    actions.append(_CounterItem.batches.set((_CounterItem.batches | []).append([count.batch])))
    condition = ~_CounterItem.batches.contains(count.batch)
    if all(change < 0 for change in count.changes.values()):
        condition &= _CounterItem.key.exists()
    with suppress(LostRaceError):
        write(lambda: item.update(actions=actions, condition=condition))
        if len(item.batches) > MOST_KNOWN:
            _forget(item)


def _forget(item: _CounterItem) -> None:
    """Forget the oldest batches, which nothing can bring again by now."""
    oldest: list[Any] = [_CounterItem.batches[place].remove() for place in range(_FORGOTTEN)]
    full = size(_CounterItem.batches) > MOST_KNOWN
    write(lambda: item.update(actions=oldest, condition=full))
