"""The feeds table: what was pushed to each reader, and what is known of the reader. See docs/adr/0032-home-feed.md.

A reader's state sorts after every entry, so that one request reads it with the first page.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.feeds import KEPT_DAYS, FeedEntry, FeedPage, FeedState, with_hub
from chalicelib.repositories import raw
from chalicelib.repositories.card_codec import decode, encode
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_NAMES = ("account_id", "position")
_STATE = "~state"
_ATTEMPTS = 5
_AT_ONCE = 100


class FeedRepository:
    """Feeds by reader."""

    def page(self, reader_id: str, *, limit: int, below: str | None) -> FeedPage:
        """Read up to ``limit`` entries below a position; without one from the top, and the reader's state with them."""
        table, first = settings().feeds_table, below is None
        found, more = raw.query(table, _NAMES, reader_id, Span(below=below), limit=limit + int(first))
        state = None
        if first and found and text(found[0], "position") == _STATE:
            state, found = _state(found[0]), found[1:]
        more = more or len(found) > limit  # nobody has read this feed, and its state is not there
        return FeedPage(tuple(_entry(item) for item in found[:limit]), more, state)

    def push(self, reader_ids: Iterable[str], entry: FeedEntry) -> None:
        """Put an entry into some feeds, over the one that may be there."""
        packed = encode(entry.shared)
        raw.put_all(settings().feeds_table, [_item(reader, entry.position, packed) for reader in reader_ids])

    def push_all(self, reader_id: str, entries: Iterable[FeedEntry]) -> None:
        """Put some entries into a feed."""
        items = [_item(reader_id, entry.position, encode(entry.shared)) for entry in entries]
        raw.put_all(settings().feeds_table, items)

    def withdraw(self, reader_ids: Iterable[str], position: str) -> None:
        """Take a post out of some feeds."""
        raw.delete_all(settings().feeds_table, [_key(reader, position) for reader in reader_ids])

    def withdraw_author(self, reader_id: str, author_id: str, below: str | None) -> str | None:
        """Take the posts of an author out of some entries of a feed, and return where to go on; None at the end."""
        page = self.page(reader_id, limit=_AT_ONCE, below=below)
        stale = [_key(reader_id, entry.position) for entry in page.entries if entry.author_id == author_id]
        raw.delete_all(settings().feeds_table, stale)
        return page.entries[-1].position if page.more and page.entries else None

    def states(self, reader_ids: Iterable[str]) -> dict[str, FeedState]:
        """Return what is known of some readers, by reader: half a unit each."""
        keys = [_key(reader, _STATE) for reader in dict.fromkeys(reader_ids)]
        return {text(item, "account_id"): _state(item) for item in raw.get_all(settings().feeds_table, keys)}

    def touch(self, reader_id: str, day: str, *, again: bool) -> None:
        """Note that a reader reads on a day; ``again``: after so long that their feed must be filled anew."""
        removing = " REMOVE filled" if again else ""
        self._update(reader_id, f"SET read_on = :d{removing}", {":d": {"S": day}})

    def completed(self, reader_id: str) -> None:
        """Note that a reader's feed has been filled."""
        self._update(reader_id, "SET filled = :t", {":t": {"BOOL": True}})

    def set_hub(self, reader_id: str, number: int, *, followed: bool) -> None:
        """Note whether a reader follows a hub; of who has never read nothing is noted.

        Raises:
            LostRaceError: others keep changing it; once more.
        """
        for _ in range(_ATTEMPTS):
            item = raw.ask(
                "GetItem", TableName=settings().feeds_table, Key=_key(reader_id, _STATE), ConsistentRead=True
            ).get("Item")
            state = _state(item) if item else None
            hubs = with_hub(state.hubs, number, followed=followed) if state else b""
            if state is None or hubs == state.hubs:
                return
            values: Image = {":h": {"B": hubs}, ":n": {"N": str(state.version + 1)}, ":v": {"N": str(state.version)}}
            condition = "version = :v" if state.version else "attribute_not_exists(version) OR version = :v"
            try:
                self._update(reader_id, "SET hubs = :h, version = :n", values, condition)
            except LostRaceError:
                continue
            return
        raise LostRaceError

    def forget(self, reader_id: str) -> bool:
        """Remove some of what there is of a reader, their state included; tell whether there is more."""
        found, more = raw.query(settings().feeds_table, _NAMES, reader_id, Span(), limit=_AT_ONCE)
        raw.delete_all(settings().feeds_table, [_key(reader_id, text(item, "position")) for item in found])
        return more

    def _update(self, reader_id: str, expression: str, values: Image, condition: str = "") -> None:
        asked: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        raw.ask(
            "UpdateItem",
            TableName=settings().feeds_table,
            Key=_key(reader_id, _STATE),
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
            **asked,
        )


def note_bounds(reader_ids: Iterable[str]) -> None:
    """Note that there may be bounds of some readers, before there are: whoever has none need not look for them."""
    for reader in reader_ids:
        with suppress(LostRaceError):
            raw.ask(
                "UpdateItem",
                TableName=settings().feeds_table,
                Key=_key(reader, _STATE),
                UpdateExpression="SET bounded = :t",
                ConditionExpression="attribute_not_exists(bounded)",
                ExpressionAttributeValues={":t": {"BOOL": True}},
            )


def _key(reader_id: str, position: str) -> Image:
    return {"account_id": {"S": reader_id}, "position": {"S": position}}


def _item(reader_id: str, position: str, packed: bytes) -> Image:
    expires_at = int(time.time()) + KEPT_DAYS * 86400
    return {**_key(reader_id, position), "card": {"B": packed}, "expires_at": {"N": str(expires_at)}}


def _entry(item: Image) -> FeedEntry:
    position = text(item, "position")
    return FeedEntry(position, decode(item["card"]["B"], position))


def _state(item: Image) -> FeedState:
    hubs = item["hubs"]["B"] if "hubs" in item else b""
    version = int(item["version"]["N"]) if "version" in item else 0
    return FeedState(text(item, "read_on"), "filled" in item, hubs, version, "bounded" in item)
