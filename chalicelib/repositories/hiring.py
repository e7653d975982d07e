"""What moderators decide about studios: one write with the case and the log."""

from collections.abc import Sequence

from pynamodb.transactions import TransactWrite

from chalicelib.domain.moderation import Case, LogEntry
from chalicelib.domain.studios import Studio
from chalicelib.repositories.audit import AuditRepository
from chalicelib.repositories.cases import CaseRepository, close_cases
from chalicelib.repositories.connection import transact
from chalicelib.repositories.studios import change_studio


class HiringDecisionRepository:
    """Cases about studios, what was decided about them, and deciding."""

    def about(self, target: str) -> list[Case]:
        """Return what is open about a target, oldest first."""
        return CaseRepository().about(target)

    def latest(self, target: str) -> LogEntry | None:
        """Return what was decided last about a target, or None."""
        return next(iter(AuditRepository().page(target, limit=1, position=None).entries), None)

    def decide(self, entry: LogEntry, cases: Sequence[Case], *, studio: tuple[Studio, Studio]) -> None:
        """Close cases, write the decision into the log and change the studio, all or nothing.

        Raises:
            LostRaceError: somebody else decided one of the cases, or changed the studio.
        """

        def writes(transaction: TransactWrite) -> None:
            close_cases(transaction, entry, cases)
            change_studio(transaction, *studio)

        transact(writes)
