"""Stand-ins for streams, errands and counters: what they were asked, and nothing done."""

from dataclasses import dataclass, field

from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError


@dataclass
class Errands:
    """A queue of errands.

    Attributes:
        put_in: errands with their delays.
        brought: receipts that are to come again, with the seconds.
        away: whether it takes nothing.
    """

    put_in: list[tuple[Errand, int]] = field(default_factory=list)
    brought: list[tuple[str, int]] = field(default_factory=list)
    away: bool = False

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        """Take an errand."""
        self._check()
        self.put_in.append((errand, delay_seconds))

    def again(self, receipt: str, seconds: int) -> None:
        """Note that a message is to come again."""
        self._check()
        self.brought.append((receipt, seconds))

    def _check(self) -> None:
        if self.away:
            raise TemporaryError("the queue is away")
