"""Errands: each piece done by the worker of its kind, and the piece after it put into the queue."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.errands import Errand
from chalicelib.services.ports import ErrandQueue, ErrandWorker


class UnknownErrandError(Exception):
    """No worker is known for an errand of this kind: trying again mends nothing."""


@dataclass(frozen=True, slots=True)
class ErrandService:
    """Does errands, a piece at a time."""

    workers: Mapping[str, ErrandWorker]
    queue: ErrandQueue

    def run(self, errand: Errand) -> None:
        """Do a piece and have the next one done.

        Raises:
            UnknownErrandError: nobody does such errands.
            TemporaryError, LostRaceError: it could not be done this time; done again, it comes to the same end.
        """
        worker = self.workers.get(errand.kind)
        if worker is None:
            raise UnknownErrandError(errand.kind)
        following = worker(errand)
        if following is not None:
            self.queue.put(following)
