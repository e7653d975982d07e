"""What decides whom a page shows: the product's own rule, and what others do."""

import bisect
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.discovery.world import Artist, Weighted
from chalicelib.domain.discovery import (
    DEALT,
    Place,
    deal,
    following,
    sector_of,
    shuffled,
    ticket_key,
)

READS = 3
"""As the service has it."""

NEVER = "9999"


@dataclass(frozen=True)
class Ticket:
    """A ticket of the ring."""

    key: str
    ends_at: str = NEVER


@dataclass
class Dealing:
    """The platform's rule: :mod:`chalicelib.domain.discovery`, over a ring in memory."""

    name = "discover (dealt in turn)"
    keys: list[str] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)
    tickets: dict[int, str] = field(default_factory=dict)
    start: str = ticket_key("the first turn")

    def post(self, artist: Artist, minute: int) -> None:
        """Have an artist's ticket be a new post."""
        if (before := self.tickets.get(artist.number)) is not None:
            del self.keys[bisect.bisect_left(self.keys, before)]
            del self.owners[before]
        key = ticket_key(f"{artist.number}-{minute}")
        bisect.insort(self.keys, key)
        self.owners[key] = artist.number
        self.tickets[artist.number] = key

    def after(self, key: str, limit: int) -> tuple[Sequence[Ticket], bool]:
        """Return some tickets of a sector, as the repository does."""
        at = bisect.bisect_right(self.keys, key)
        found = [Ticket(each) for each in self.keys[at : at + limit] if sector_of(each) == sector_of(key)]
        return found, len(found) == limit

    def page(self, minute: int) -> list[int]:  # noqa: ARG002  all rules are asked alike
        """Return whom the first page of a minute shows."""
        dealt = deal(self, Place.begin(self.start), DEALT, "", READS)
        shown = [self.owners[ticket.key] for ticket in shuffled(dealt.tickets, self.start)]
        self.start = following(self.start, dealt)
        return shown

    def seen(self, shown: list[int], pages: int) -> None:
        """Take no notice of what was looked at."""


@dataclass
class Latest:
    """The newest posts, whoever makes them."""

    name = "latest"
    newest: list[int] = field(default_factory=list)

    def post(self, artist: Artist, minute: int) -> None:  # noqa: ARG002  as above
        """Put a new post first."""
        self.newest = [artist.number, *self.newest[: DEALT - 1]]

    def page(self, minute: int) -> list[int]:  # noqa: ARG002  all rules are asked alike
        """Return the newest."""
        return self.newest

    def seen(self, shown: list[int], pages: int) -> None:
        """Take no notice of what was looked at."""


@dataclass
class Engagement:
    """What most platforms do: likes divided by age, as Hacker News has it; who is seen is liked, and seen the more.

    Followers like a post wherever they meet it, so that it begins with likes in proportion to its artist's popularity.
    """

    people: Sequence[Artist]
    chance: random.Random
    name = "ranked by engagement"

    def __post_init__(self) -> None:
        """Begin without posts."""
        self.likes = np.zeros(len(self.people))
        self.posted = np.full(len(self.people), -1e9)

    def post(self, artist: Artist, minute: int) -> None:
        """Have an artist's newest post be ranked."""
        self.likes[artist.number] = 1000 * artist.popularity + self.chance.random()
        self.posted[artist.number] = minute

    def page(self, minute: int) -> list[int]:
        """Return those with the most likes for their age."""
        scores = self.likes / ((minute - self.posted) / 60 + 2) ** 1.8
        return [int(number) for number in np.argpartition(-scores, DEALT)[:DEALT]]

    def seen(self, shown: list[int], pages: int) -> None:
        """Have one in fifty who see a post like it."""
        self.likes[shown] += pages / 50


@dataclass
class ByPopularity:
    """Drawn, but in proportion to followers."""

    people: Sequence[Artist]
    chance: random.Random
    name = "drawn by followers"

    def __post_init__(self) -> None:
        """Make ready to draw."""
        self._weighted = Weighted([artist.popularity for artist in self.people])

    def post(self, artist: Artist, minute: int) -> None:
        """Take no notice of posts: all have some."""

    def page(self, minute: int) -> list[int]:  # noqa: ARG002  all rules are asked alike
        """Return some artists."""
        return list({self._weighted.draw(self.chance) for _ in range(DEALT)})

    def seen(self, shown: list[int], pages: int) -> None:
        """Take no notice of what was looked at."""


@dataclass
class Independent:
    """Drawn anew each minute, all alike: what chance alone leaves unequal."""

    people: Sequence[Artist]
    chance: random.Random
    name = "drawn anew each minute"

    def post(self, artist: Artist, minute: int) -> None:
        """Take no notice of posts: all have some."""

    def page(self, minute: int) -> list[int]:  # noqa: ARG002  all rules are asked alike
        """Return some artists."""
        return self.chance.sample(range(len(self.people)), min(DEALT, len(self.people)))

    def seen(self, shown: list[int], pages: int) -> None:
        """Take no notice of what was looked at."""
