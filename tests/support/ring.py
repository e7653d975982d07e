"""The ring of discovery in memory, as the repository has it."""

import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.discovery import Hand, ends_at, sector_of, ticket_key
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.listings import Listing


@dataclass(frozen=True)
class Bare:
    """A ticket without a card."""

    key: str
    ends_at: str = "9999"


@dataclass
class Ring:
    """Tickets in order."""

    keys: list[str] = field(default_factory=list)
    reads: int = 0

    @classmethod
    def of(cls, keys: Iterable[str]) -> "Ring":
        return cls(sorted(keys))

    def after(self, key: str, limit: int) -> tuple[Sequence[Bare], bool]:
        self.reads += 1
        at = bisect.bisect_right(self.keys, key)
        found = [Bare(each) for each in self.keys[at : at + limit] if sector_of(each) == sector_of(key)]
        return found, len(found) == limit


@dataclass(frozen=True)
class Drawn:
    """A ticket with its card."""

    key: str
    ends_at: str
    shared: SharedCard


@dataclass
class FakeDraws:
    """As :class:`chalicelib.repositories.draws.DrawRepository`.

    Attributes:
        tickets: by artist.
        before: called before a ticket is stored: what another process does meanwhile.
    """

    tickets: dict[str, Drawn] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    hands: dict[str, Hand] = field(default_factory=dict)
    before: Callable[[], object] | None = None

    def after(self, key: str, limit: int) -> tuple[Sequence[Drawn], bool]:
        found = sorted(self.tickets.values(), key=lambda each: each.key)
        found = [each for each in found if each.key > key and sector_of(each.key) == sector_of(key)][:limit]
        return found, len(found) == limit

    def renew(self, author_id: str, newest: Callable[[], Listing | None]) -> None:
        version = self.versions.get(author_id, 0)
        listing = newest()
        before, self.before = self.before, None
        if before is not None:
            before()
        if self.versions.get(author_id, 0) != version:
            raise LostRaceError
        self.versions[author_id] = version + 1
        self.tickets.pop(author_id, None)
        if listing is not None:
            key, ends = ticket_key(listing.shared.card.post_id), ends_at(listing.position.partition("#")[0])
            self.tickets[author_id] = Drawn(key, ends, listing.shared)

    def forget(self, author_id: str) -> None:
        self.tickets.pop(author_id, None)
        self.versions.pop(author_id, None)

    def hand(self, turn: str) -> Hand | None:
        known = [each for each in self.hands if each <= turn]
        return self.hands[max(known)] if known else None

    def note_hand(self, hand: Hand) -> None:
        self.hands.setdefault(hand.turn, hand)
