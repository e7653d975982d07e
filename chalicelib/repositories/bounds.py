"""Bounds of accounts, an item of each in the relations table.

An entry takes 37 bytes, so that some 100 are read for half a unit. ``blocked_by`` can grow by the will of others: after
500 further ones go into items of their own (``bounds#1`` and so on), which are read where there are any. Whatever an
account fills its own item with, there is room for these: one that is full could not be blocked.
"""

from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import size
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.relations import (
    MAX_BLOCKS,
    MAX_FOLLOWS,
    MAX_MUTES,
    NO_BOUNDS,
    Between,
    Bounds,
    MutedTexts,
    RelationKind,
)
from chalicelib.repositories.connection import dynamodb_errors, write
from chalicelib.repositories.feeds import note_bounds
from chalicelib.repositories.relation_items import BOUNDS, RelationItem, key, to_domain

PAGE = 500
"""How many are added to ``blocked_by`` of one item before the next one is begun."""


class BoundsRepository:
    """What accounts are not to see, and what they are to each other. See :class:`RelationRepository`."""

    def bounds(self, account_id: str, moment: datetime | None = None) -> Bounds:
        """Return an account's bounds: half a unit while they are small, half a one more for each 100 entries."""
        item = _head(account_id)
        if item is None:
            return NO_BOUNDS
        blocked_by: set[str] = set(item.blocked_by or ())
        if pages := _pages(item):
            with dynamodb_errors():
                keys = [(account_id, _page_key(page)) for page in range(1, pages + 1)]
                blocked_by.update(*(each.blocked_by or () for each in RelationItem.batch_get(keys)))
        now = clock.to_text(moment or clock.now())
        return Bounds(
            blocked=frozenset(item.blocked or ()),
            blocked_by=frozenset(blocked_by),
            muted=frozenset(item.muted or ()),
            muted_tags=_current(item.tags, now),
            muted_words=_current(item.words, now),
        )

    def follows(self, account_id: str, other_id: str) -> bool:
        """Tell whether an account follows another: half a unit."""
        with dynamodb_errors():
            try:
                RelationItem.get(account_id, key("follow", other_id), attributes_to_get=["relation"])
            except RelationItem.DoesNotExist:
                return False
        return True

    def between(self, account_id: str, other_id: str) -> Between:
        """Return how things stand between two accounts, read consistently: up to five units."""
        kinds: set[RelationKind] = set()
        with dynamodb_errors():
            wanted = [(account_id, key(kind, other_id)) for kind in ("follow", "request", "block", "mute")]
            kinds.update(to_domain(item).kind for item in RelationItem.batch_get(wanted, consistent_read=True))
        head = _head(account_id, consistent=True)
        if head is None:
            return Between(frozenset(kinds), parted=False, follows=0)
        parted = other_id in (head.blocked or ()) or other_id in (head.blocked_by or ())
        if not parted and _pages(head):
            parted = self.bounds(account_id).parted_from(other_id)
        return Between(frozenset(kinds), parted=parted, follows=int(head.follows or 0))

    def pages_of(self, account_id: str) -> int:
        """Return how many further items there are of who blocked an account."""
        head = _head(account_id, consistent=True)
        return _pages(head) if head else 0

    def where_blocked(self, account_id: str, other_id: str) -> str:
        """Return the item among whose ``blocked_by`` the block of another by an account was written.

        Raises:
            LostRaceError: there is none.
        """
        head = _head(other_id, consistent=True)
        keys = [(other_id, _page_key(page)) for page in range(1, _pages(head) + 1)] if head else []
        with dynamodb_errors():
            further = list(RelationItem.batch_get(keys, consistent_read=True)) if keys else []
        for item in (head, *further):
            if item is not None and account_id in (item.blocked_by or ()):
                return str(item.relation)
        raise LostRaceError

    def muted_texts(self, account_id: str) -> MutedTexts:
        """Return an account's muted tags and words, those that are over included."""
        head = _head(account_id, consistent=True)
        if head is None:
            return MutedTexts()
        return MutedTexts(head.tags or {}, head.words or {}, int(head.texts_version or 0))

    def save_muted_texts(self, account_id: str, texts: MutedTexts) -> None:
        """Store an account's muted tags and words.

        Raises:
            LostRaceError: they were changed since ``texts.version`` was read.
        """
        note_bounds((account_id,))
        version = RelationItem.texts_version
        unchanged = version == texts.version if texts.version else version.does_not_exist()
        actions: list[Any] = [
            RelationItem.tags.set(dict(texts.tags)),
            RelationItem.words.set(dict(texts.words)),
            version.set(texts.version + 1),
        ]
        write(lambda: RelationItem(account_id, BOUNDS).update(actions=actions, condition=unchanged))


def count_follows(transaction: TransactWrite, account_id: str, other_id: str | None, change: int) -> None:
    """Count an account's follows as part of a transaction; one more fails beyond the limit, or across an own block."""
    condition = None
    if change > 0:
        few = RelationItem.follows.does_not_exist() | (RelationItem.follows < MAX_FOLLOWS)
        condition = few & ~RelationItem.blocked.contains(other_id)
    actions: list[Any] = [RelationItem.follows.add(change)]
    transaction.update(RelationItem(account_id, BOUNDS), actions=actions, condition=condition)


def check_not_parted(transaction: TransactWrite, account_id: str, other_id: str) -> None:
    """Have a transaction fail where a block parts two accounts.

    The blocks themselves are asked for: which item of the bounds one is noted in, hangs on how often there were others.
    """
    for one, two in ((account_id, other_id), (other_id, account_id)):
        none = RelationItem.account_id.does_not_exist()
        transaction.condition_check(RelationItem, one, key("block", two), condition=none)


def part(transaction: TransactWrite, account_id: str, other_id: str, pages: int, ended: list[int]) -> None:
    """Write a block into the bounds of both as part of a transaction; ``ended`` are the follows that each loses."""
    few = RelationItem.blocked.does_not_exist() | (size(RelationItem.blocked) < MAX_BLOCKS)
    mine: list[Any] = [RelationItem.blocked.add({other_id}), RelationItem.follows.add(-ended[0])]
    transaction.update(RelationItem(account_id, BOUNDS), actions=mine, condition=few)
    theirs: list[Any] = [RelationItem.times_blocked.add(1), RelationItem.follows.add(-ended[1])]
    adding: list[Any] = [RelationItem.blocked_by.add({account_id})]
    if pages:
        transaction.update(RelationItem(other_id, _page_key(pages)), actions=adding)
    transaction.update(RelationItem(other_id, BOUNDS), actions=theirs if pages else theirs + adding)


def rejoin(transaction: TransactWrite, account_id: str, other_id: str, written: str) -> None:
    """Take a block out of the bounds of both as part of a transaction, which fails where it is not where it was."""
    mine: list[Any] = [RelationItem.blocked.delete({other_id})]
    theirs: list[Any] = [RelationItem.blocked_by.delete({account_id})]
    there = RelationItem.blocked_by.contains(account_id)
    transaction.update(RelationItem(account_id, BOUNDS), actions=mine)
    transaction.update(RelationItem(other_id, written), actions=theirs, condition=there)


def forget_blocked(transaction: TransactWrite, account_id: str, other_id: str) -> None:
    """Take a block out of the bounds of whose it is as part of a transaction, which fails where there are none."""
    mine: list[Any] = [RelationItem.blocked.delete({other_id})]
    transaction.update(RelationItem(account_id, BOUNDS), actions=mine, condition=RelationItem.account_id.exists())


def mute(transaction: TransactWrite, account_id: str, other_id: str) -> None:
    """Write a mute into an account's bounds as part of a transaction."""
    few = RelationItem.muted.does_not_exist() | (size(RelationItem.muted) < MAX_MUTES)
    actions: list[Any] = [RelationItem.muted.add({other_id})]
    transaction.update(RelationItem(account_id, BOUNDS), actions=actions, condition=few)


def unmute(transaction: TransactWrite, account_id: str, other_id: str) -> None:
    """Take a mute out of an account's bounds as part of a transaction."""
    actions: list[Any] = [RelationItem.muted.delete({other_id})]
    transaction.update(RelationItem(account_id, BOUNDS), actions=actions)


def _head(account_id: str, *, consistent: bool = False) -> RelationItem | None:
    with dynamodb_errors():
        try:
            return RelationItem.get(account_id, BOUNDS, consistent_read=consistent)
        except RelationItem.DoesNotExist:
            return None


def _pages(item: RelationItem) -> int:
    return int(item.times_blocked or 0) // PAGE


def _page_key(page: int) -> str:
    return f"{BOUNDS}#{page}"


def _current(texts: dict[str, str | None] | None, now: str) -> frozenset[str]:
    return frozenset(text for text, until in (texts or {}).items() if until is None or until > now)
