"""The directory and the queue of errands in memory, for what keeps them and what reads them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.errands import Errand
from chalicelib.domain.listings import Listing
from chalicelib.services.ports import ErrandWorker


@dataclass(frozen=True)
class FakePage:
    """As :class:`chalicelib.repositories.directory.SharedCardPage`."""

    cards: tuple[SharedCard, ...]
    position: str | None


@dataclass
class FakeDirectory:
    """As :class:`chalicelib.repositories.directory.DirectoryRepository`, and what searches it.

    Attributes:
        rows: what is listed, by post.
        before: called before a post is put or removed: what another process does meanwhile.
    """

    rows: dict[str, Listing] = field(default_factory=dict)
    before: Callable[[], object] | None = None

    def put(self, post_id: str, listing: Listing) -> None:
        self._interrupt()
        self.rows[post_id] = listing

    def remove(self, post_id: str) -> None:
        self._interrupt()
        self.rows.pop(post_id, None)

    def latest(
        self, keep: Callable[[SharedCard], bool], *, limit: int, position: str | None, today: str, spent: int = 0
    ) -> FakePage:
        return self._page(list(self.rows.values()), keep, limit, position)

    def posts(
        self,
        terms: Sequence[str],
        keep: Callable[[SharedCard], bool],
        *,
        limit: int,
        position: str | None,
        year: int,
        spent: int = 0,
    ) -> FakePage:
        found = [each for each in self.rows.values() if set(terms) <= set(each.terms)]
        return self._page(found, keep, limit, position)

    def _interrupt(self) -> None:
        before, self.before = self.before, None
        if before is not None:
            before()

    def _page(
        self, found: list[Listing], keep: Callable[[SharedCard], bool], limit: int, position: str | None
    ) -> FakePage:
        below = [each for each in found if position is None or each.position < position]
        kept = [each for each in sorted(below, key=lambda each: each.position, reverse=True) if keep(each.shared)]
        more = len(kept) > limit
        return FakePage(tuple(each.shared for each in kept[:limit]), kept[limit - 1].position if more else None)


@dataclass
class FakeErrands:
    """A queue of errands that a test has done when it wants."""

    waiting: list[Errand] = field(default_factory=list)
    done: int = 0

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        assert 0 <= delay_seconds <= 900
        self.waiting.append(errand)

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        for errand in errands:
            self.put(errand, delay_seconds)

    def run(self, workers: Mapping[str, ErrandWorker]) -> None:
        """Have all errands done, those that they bring forth included, each piece twice as a queue may."""
        while self.waiting:
            errand = self.waiting.pop(0)
            workers[errand.kind](errand)
            following = workers[errand.kind](errand)
            self.done += 1
            if following is not None:
                self.waiting.append(following)
