"""The reactions table: likes, bookmarks, reposts, each with the card by which its account's list shows the post."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.reactions import REACTION_KINDS, Reaction, ReactionKey, ReactionKeys, ReactionKind, ReactionPage
from chalicelib.repositories.connection import BaseModel, dynamodb_errors, write
from chalicelib.repositories.packing import SharedCardAttribute
from chalicelib.settings import settings

SHARDS = 8
"""Partitions of one post's reactions in ``by_post``: a post that everyone likes takes 8,000 likes a second."""

_AT_ONCE = 8
"""Writes under way at the same time: a piece of 100 cards takes a tenth of a second, not half of one."""


class _ByAccount(GlobalSecondaryIndex["_ReactionItem"]):
    class Meta:
        index_name = "by_account"
        projection = AllProjection()

    account_kind = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ByPost(GlobalSecondaryIndex["_ReactionItem"]):
    class Meta:
        index_name = "by_post"
        projection = KeysOnlyProjection()

    post_shard = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ReactionItem(BaseModel):
    class Meta:
        table_name = settings().reactions_table

    by_account = _ByAccount()
    by_post = _ByPost()

    account_id = UnicodeAttribute(hash_key=True)
    reaction = UnicodeAttribute(range_key=True)  # kind#post
    account_kind = UnicodeAttribute()
    post_shard = UnicodeAttribute()
    position = UnicodeAttribute()  # when#post
    card = SharedCardAttribute()
    post_version = NumberAttribute()


def from_image(image: Mapping[str, Any]) -> Reaction:
    """Return the reaction in an image of the table's stream."""
    return _to_domain(_ReactionItem.from_raw_data(dict(image)))


class ReactionRepository:
    """Reactions by account and kind, and by post."""

    def put(self, reaction: Reaction) -> None:
        """Store a reaction; one that is there already stays as it is."""
        item = _ReactionItem(
            reaction.account_id,
            f"{reaction.kind}#{reaction.post_id}",
            account_kind=f"{reaction.account_id}#{reaction.kind}",
            post_shard=f"{reaction.post_id}#{_shard(reaction.account_id)}",
            position=reaction.position,
            card=reaction.card,
            post_version=reaction.post_version,
        )
        with suppress(LostRaceError):
            write(lambda: item.save(_ReactionItem.account_id.does_not_exist()))

    def remove(self, kind: ReactionKind, account_id: str, post_id: str) -> None:
        """Take a reaction back; where there is none nothing happens."""
        write(lambda: _ReactionItem(account_id, f"{kind}#{post_id}").delete())

    def of_account(self, account_id: str, kind: ReactionKind, *, limit: int, position: str | None) -> ReactionPage:
        """List an account's reactions of one kind, newest first. One more than asked for is read."""
        before = _ReactionItem.position < position if position else None
        with dynamodb_errors():
            query = _ReactionItem.by_account.query(
                f"{account_id}#{kind}", before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
            )
            found = tuple(map(_to_domain, query))
        return ReactionPage(found[:limit], found[limit - 1].position if len(found) > limit else None)

    def of_posts(self, account_id: str, post_ids: Iterable[str]) -> list[Reaction]:
        """Return an account's reactions to some posts, read consistently: what it has just done shows."""
        keys = [(account_id, f"{kind}#{post_id}") for post_id in post_ids for kind in REACTION_KINDS]
        with dynamodb_errors():
            return [_to_domain(item) for item in _ReactionItem.batch_get(keys, consistent_read=True)]

    def walk(self, post_id: str, shard: int, *, limit: int, position: str | None) -> ReactionKeys:
        """Name some reactions to a post, of one of its :data:`SHARDS`, oldest first."""
        key = f"{post_id}#{shard}"
        with dynamodb_errors():
            query = _ReactionItem.by_post.query(
                key, limit=limit, page_size=limit, last_evaluated_key=_after(key, position)
            )
            items = list(query)
        return ReactionKeys(tuple(map(_key, items)), _place(items[-1]) if len(items) == limit else None)

    def refresh(self, keys: Iterable[ReactionKey], card: SharedCard, version: int) -> None:
        """Give some reactions the card of a post's version, those excepted that are gone or have a later one.

        Raises:
            TemporaryError: some could not be changed; once more changes nothing of the others.
        """
        older = _ReactionItem.account_id.exists() & (_ReactionItem.post_version <= version)

        def change(key: ReactionKey) -> None:
            item = _ReactionItem(key.account_id, f"{key.kind}#{key.post_id}")
            actions: list[Any] = [_ReactionItem.card.set(card), _ReactionItem.post_version.set(version)]
            with suppress(LostRaceError):
                write(lambda: item.update(actions=actions, condition=older))

        _together(change, keys)

    def delete(self, keys: Iterable[ReactionKey]) -> None:
        """Remove some reactions."""
        with dynamodb_errors(), _ReactionItem.batch_write() as batch:
            for key in keys:
                batch.delete(_ReactionItem(key.account_id, f"{key.kind}#{key.post_id}"))


def _together(work: Callable[[ReactionKey], None], keys: Iterable[ReactionKey]) -> None:
    """Do some work for each key, several at a time; what it consumes is measured as the present work's."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        begun = [pool.submit(copy_context().run, work, key) for key in keys]
        for each in begun:
            each.result()


def _shard(account_id: str) -> int:
    return zlib.crc32(account_id.encode()) % SHARDS


def _place(item: _ReactionItem) -> str:
    """Name a place in ``by_post``: many react in the same millisecond, so that it takes the item's whole key."""
    return f"{item.position} {item.reaction} {item.account_id}"


def _after(key: str, place: str | None) -> dict[str, dict[str, str]] | None:
    if place is None:
        return None
    position, reaction, account_id = place.split(" ", 2)
    last = {"post_shard": key, "position": position, "reaction": reaction, "account_id": account_id}
    return {name: {"S": value} for name, value in last.items()}


def _to_domain(item: _ReactionItem) -> Reaction:
    key, made_at = _key(item), item.position.partition("#")[0]
    return Reaction(key.kind, key.account_id, key.post_id, made_at, item.card, int(item.post_version))


def _key(item: _ReactionItem) -> ReactionKey:
    kind, _, post_id = item.reaction.partition("#")
    return ReactionKey(kind, item.account_id, post_id)  # type: ignore[arg-type]  # only kinds are ever written
