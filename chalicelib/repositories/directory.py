"""The directory: public posts by day and by term, as inverted items. See docs/adr/0034-search.md."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.listings import (
    FIRST_YEAR,
    LATEST_SHARDS,
    Listing,
    latest_partition,
    latest_place,
    term_place,
)
from chalicelib.domain.search import holds, marks
from chalicelib.repositories import raw
from chalicelib.repositories.card_codec import decode, encode
from chalicelib.repositories.lanes import NAMES, Allowance, Lane, Merge, key_of, position_of
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

type Keep = Callable[[SharedCard], bool]

CHUNK = 9
"""Items of one request where several partitions are read: half a unit, while they have 450 bytes."""

HALF_UNITS = 4
"""What a page of 20 may cost at most."""

_PAGE = 20
_NOTE = "terms"
_NOTED_SECONDS = 7 * 86400
"""How long it is still known by what a post was found that is found no more."""

TOP = "~"
"""Sorts after every time."""


@dataclass(frozen=True, slots=True)
class SharedCardPage:
    """Some cards, newest first, and the position after them; None at the end."""

    cards: tuple[SharedCard, ...]
    position: str | None


@dataclass
class DirectoryRepository:
    """Posts as everyone finds them."""

    _noted_days: set[str] = field(default_factory=set)

    def put(self, post_id: str, listing: Listing) -> None:
        """Have a post found by its terms, with its present card, and by none that it had before.

        By what a post was ever found is noted with it, before it is: no term can be forgotten.
        """
        packed, marked = encode(listing.shared), marks(listing.terms)
        _, before, kept = self._noted(post_id)
        if not (kept and before.issuperset(listing.terms)):
            values: Image = {":t": {"SS": list(listing.terms)}, ":p": {"S": listing.position}}
            self._note(post_id, "ADD terms :t SET found_at = :p REMOVE expires_at", values)
        self._note_day(listing.position[:10])
        found = [_item(term_place(term, listing.position), listing.position, packed, marked) for term in listing.terms]
        latest = _item(latest_place(listing.position), listing.position, packed, b"")
        raw.put_all(settings().directory_table, [latest, *found])
        self._remove(listing.position, before.difference(listing.terms))

    def remove(self, post_id: str) -> None:
        """Have a post found no more."""
        position, terms, _ = self._noted(post_id)
        if position:
            self._remove(position, terms)
            raw.delete_all(settings().directory_table, [key_of(latest_place(position), position)])
            gone = int(time.time()) + _NOTED_SECONDS
            self._note(post_id, "SET expires_at = :e", {":e": {"N": str(gone)}})

    def _remove(self, position: str, terms: Iterable[str]) -> None:
        raw.delete_all(settings().directory_table, [key_of(term_place(term, position), position) for term in terms])

    def _noted(self, post_id: str) -> tuple[str, frozenset[str], bool]:
        """Return where a post stood in lists, '' for nowhere, by what it was ever found, and whether that is kept."""
        key = key_of(f"post#{post_id}", _NOTE)
        found = raw.ask("GetItem", TableName=settings().directory_table, Key=key, ConsistentRead=True).get("Item")
        if not found:
            return "", frozenset(), False
        return text(found, "found_at"), frozenset(found["terms"]["SS"]), "expires_at" not in found

    def _note(self, post_id: str, expression: str, values: Image) -> None:
        raw.ask(
            "UpdateItem",
            TableName=settings().directory_table,
            Key=key_of(f"post#{post_id}", _NOTE),
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
        )

    def latest(self, keep: Keep, *, limit: int, position: str | None, today: str, spent: int = 0) -> SharedCardPage:
        """List all public posts, newest first; ``today`` is the day, ``2026-11-26``, to begin with.

        A page may be short: where a day ends, or where some of its half units were ``spent`` before.
        """
        allowance = allowance_for(limit, spent)
        cards: list[SharedCard] = []
        day, below = (position or f"{today}{TOP}")[:10], position or f"{today}{TOP}"
        while True:
            if below != day:  # else all of the day was read
                merge = Merge(_lanes(day, below), allowance, CHUNK)
                for card, at in cards_of(merge, keep):
                    below = at
                    cards += [card] if card else []
                    if len(cards) == limit:
                        return SharedCardPage(tuple(cards), below)
                below = day if merge.complete else below
            if below != day or not allowance.left:
                return SharedCardPage(tuple(cards), below)
            earlier = self._day_before(day, int(today[:4]), allowance)
            if earlier is None:
                return SharedCardPage(tuple(cards), None)
            day, below = earlier, f"{earlier}{TOP}"

    def _note_day(self, day: str) -> None:
        if day not in self._noted_days:
            raw.put_all(settings().directory_table, [key_of(f"days#{day[:4]}", day)])
            self._noted_days.add(day)

    def _day_before(self, day: str, this_year: int, allowance: Allowance) -> str | None:
        """Return the last day before another on which something was published; as a rule by one request."""
        table, below = settings().directory_table, day
        for year in range(min(int(day[:4]), this_year), FIRST_YEAR - 1, -1):
            allowance.use()
            found, _ = raw.query(table, NAMES, f"days#{year}", Span(below=below), limit=1)
            if found:
                return position_of(found[0])
            below = TOP
        return None


def _lanes(day: str, below: str) -> list[Lane]:
    table = settings().directory_table
    return [Lane(table, latest_partition(day, shard), below) for shard in range(LATEST_SHARDS)]


def cards_of(
    merge: Iterable[Image], keep: Keep, wanted: Sequence[bytes] = ()
) -> Iterator[tuple[SharedCard | None, str]]:
    """Give each item's card, None where it is left out, and its position."""
    for item in merge:
        position = position_of(item)
        marked = item["marks"]["B"] if wanted else b""
        card = decode(item["card"]["B"], position) if holds(marked, wanted) else None
        yield (card if card and keep(card) else None), position


def allowance_for(limit: int, spent: int) -> Allowance:
    """Return what a page of some items may cost, after some half units of it were spent."""
    return Allowance(HALF_UNITS * max(1, -(-limit // _PAGE)) - spent)


def _item(term: str, position: str, packed: bytes, marked: bytes) -> Image:
    kept = {**key_of(term, position), "card": {"B": packed}}
    return {**kept, "marks": {"B": marked}} if marked else kept
