"""Who follows and blocks whom, and errands that are run at once: for tests of what stands on a post."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.errands import Errand
from chalicelib.domain.relations import NO_BOUNDS, Bounds
from chalicelib.services.ports import ErrandWorker


@dataclass
class FakeRelations:
    """As the store of relations; nobody follows or blocks anybody at first.

    Attributes:
        asked: whom it was asked about by :meth:`follows`, in order.
    """

    followers: set[tuple[str, str]] = field(default_factory=set)
    held: dict[str, Bounds] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def bounds(self, account_id: str) -> Bounds:
        return self.held.get(account_id, NO_BOUNDS)

    def follows(self, account_id: str, other_id: str) -> bool:
        self.asked.append((account_id, other_id))
        return (account_id, other_id) in self.followers

    def block(self, account_id: str, other_id: str) -> None:
        """Have one account block another."""
        self.held[account_id] = Bounds(blocked=frozenset({other_id}))
        self.held[other_id] = Bounds(blocked_by=frozenset({account_id}))


@dataclass
class FakeErrands:
    """As the queue of errands.

    Attributes:
        sent: errands that wait, with the seconds by which each was delayed.
    """

    sent: list[tuple[Errand, int]] = field(default_factory=list)

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        self.sent.append((errand, delay_seconds))

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        self.sent.extend((errand, delay_seconds) for errand in errands)

    def run(self, workers: Mapping[str, ErrandWorker]) -> int:
        """Do all errands, whatever they send as well, each piece twice as a queue may; return how many pieces."""
        pieces = 0
        while self.sent:
            errand, _ = self.sent.pop(0)
            workers[errand.kind](errand)
            following = workers[errand.kind](errand)
            pieces += 1
            if following is not None:
                self.put(following)
        return pieces
