"""Discovery: each artist who showed something lately has one ticket, and tickets are dealt in turn.

The ticket is the artist's newest public post. Tickets lie on a ring, at places drawn by a digest of their post, and a
hand goes around: each minute it deals the next 20. Nobody comes twice before everybody came once, whoever follows or
likes them; and who posts more often is not dealt more often, only elsewhere on the ring. See
docs/adr/0033-discovery-gives-an-equal-chance.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain import clock

DEALT = 20
"""Tickets that the hand deals in one turn."""

TURN_SECONDS = 60
"""How long the same tickets lie on top: answers may be cached as long."""

TICKET_DAYS = 30
"""How long after its publication a post is dealt."""

SECTORS = 2
"""Parts of the ring, each a partition of its own."""

_DIGITS_A_SECTOR = 16 // SECTORS
_KEY_BYTES = 10


class Ticket(Protocol):
    """What lies on the ring."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def ends_at(self) -> str: ...  # noqa: D102


class Ring[T: Ticket](Protocol):
    """Where tickets lie."""

    def after(self, key: str, limit: int) -> tuple[Sequence[T], bool]:
        """Return up to ``limit`` tickets of a key's sector after the key, in order, and whether it may hold more."""


@dataclass(frozen=True, slots=True)
class Hand:
    """From where the hand deals in a turn, and from where in the one after it."""

    turn: str
    start: str
    following: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far around the ring somebody has come: from ``start``, exclusive, to ``at``; ``passed`` its end or not."""

    start: str
    at: str
    passed: bool = False

    @classmethod
    def begin(cls, start: str) -> "Place":
        """Return the place of who has seen nothing yet."""
        return cls(start, start)

    def to_text(self) -> str:
        """Write it as a cursor carries it."""
        return f"{self.start}|{self.at}|{int(self.passed)}"

    @classmethod
    def from_text(cls, text: str) -> "Place":
        """Read what :meth:`to_text` wrote."""
        start, at, passed = text.split("|")
        return cls(start, at, passed == "1")


@dataclass(frozen=True, slots=True)
class Deal[T: Ticket]:
    """What was dealt, and where to go on; None once the whole ring was."""

    tickets: tuple[T, ...]
    place: Place | None


def ticket_key(post_id: str) -> str:
    """Return where on the ring a post's ticket lies: 20 hexadecimal digits, as good as drawn."""
    return hashlib.blake2b(post_id.encode(), digest_size=_KEY_BYTES).hexdigest()


def sector_of(key: str) -> int:
    """Return the sector of a key, or of the beginning of one."""
    return int(key[0], 16) // _DIGITS_A_SECTOR


def turn_of(moment: datetime) -> str:
    """Return the turn of a moment: when it began."""
    seconds = int(moment.timestamp()) // TURN_SECONDS * TURN_SECONDS
    return clock.to_text(datetime.fromtimestamp(seconds, tz=moment.tzinfo))


def ends_at(published_at: str) -> str:
    """Return when the ticket of a post that was published at a time is dealt no more."""
    return clock.to_text(clock.from_text(published_at) + timedelta(days=TICKET_DAYS))


def deal[T: Ticket](ring: Ring[T], place: Place, count: int, moment: str, reads: int) -> Deal[T]:
    """Deal up to ``count`` tickets from a place on, by so many reads of the ring at most.

    Whoever goes on from the place that is returned comes around once and meets each ticket once.
    """
    found: list[T] = []
    at, passed = place.at, place.passed
    for _ in range(reads):
        tickets, more = ring.after(at, count - len(found))
        for ticket in tickets:
            if passed and ticket.key > place.start:
                return Deal(tuple(found), None)
            at = ticket.key
            found += [ticket] if ticket.ends_at > moment else []
        if len(found) == count:
            break
        if not more:
            sector = (sector_of(at) + 1) % SECTORS
            if passed and (sector == 0 or _beginning(sector) > place.start):
                return Deal(tuple(found), None)
            at, passed = _beginning(sector), passed or sector == 0
    return Deal(tuple(found), Place(place.start, at, passed))


def following(start: str, dealt: Deal[Ticket]) -> str:
    """Return where the hand deals from in the turn after one that dealt this from ``start``."""
    if dealt.place is not None:
        return dealt.place.at
    # everybody is dealt in each turn: then another one is first
    return dealt.tickets[0].key if dealt.tickets else start


def shuffled[T: Ticket](tickets: Sequence[T], seed: str) -> list[T]:
    """Return tickets in an order of the seed's, so that no place on a page is anybody's."""
    return sorted(tickets, key=lambda each: hashlib.blake2b(f"{seed}{each.key}".encode(), digest_size=8).digest())


def _beginning(sector: int) -> str:
    return f"{sector * _DIGITS_A_SECTOR:x}"
