"""Reading several partitions as one list, newest first, at a bounded price.

A lane is a partition that is read a chunk at a time. What is not known of one lane may still stand before what is known
of another: a merge ends where it would have to guess, and the page is short.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.repositories import raw
from chalicelib.repositories.raw import Image, Span

NAMES = ("term", "position")
"""The directory's keys."""


_ITEM_BYTES = 450
"""Of an item of the directory, as a rule: the key, a card, the marks of its terms."""

_HALF_UNIT_BYTES = 4096


@dataclass
class Allowance:
    """What a page may still cost, in half units: a request costs one for each 4 KB that it reads, rounded up."""

    left: int

    def use(self, items: int = 1) -> bool:
        """Take what a request for some items costs, if there is as much."""
        cost = -(-items * _ITEM_BYTES // _HALF_UNIT_BYTES)
        enough = cost <= self.left
        self.left -= cost if enough else 0
        return enough


@dataclass
class Lane:
    """A partition of the directory below a position.

    Attributes:
        table, partition: where it is.
        below: what was read last; at first, where to begin.
        items: what was read and not yet given, the next one last.
        ended: whether nothing more follows what was read.
    """

    table: str
    partition: str
    below: str
    items: list[Image] = field(default_factory=list)
    ended: bool = False

    def fill(self, limit: int) -> None:
        """Read some more."""
        found, more = raw.query(self.table, NAMES, self.partition, Span(below=self.below), limit=limit)
        self.items = found[::-1]
        self.ended = not more
        if found:
            self.below = position_of(found[-1])


@dataclass
class Merge:
    """Some lanes as one.

    Attributes:
        lanes: what is merged.
        allowance: what reading may cost.
        chunk: items of one request.
        complete: whether all of every lane was given; known once it was gone through.
    """

    lanes: Sequence[Lane]
    allowance: Allowance
    chunk: int
    complete: bool = False

    def __iter__(self) -> Iterator[Image]:
        """Give items, newest first, as far as the allowance goes."""
        while True:
            for lane in self.lanes:
                while not lane.items and not lane.ended:
                    if not self.allowance.use(self.chunk):
                        return
                    lane.fill(self.chunk)
            filled = [lane for lane in self.lanes if lane.items]
            if not filled:
                self.complete = True
                return
            yield max(filled, key=lambda lane: position_of(lane.items[-1])).items.pop()


def position_of(item: Image) -> str:
    """Return an item's sort key."""
    return raw.text(item, "position")


def key_of(term: str, position: str) -> Image:
    """Return the key of an item of the directory."""
    return {"term": {"S": term}, "position": {"S": position}}
