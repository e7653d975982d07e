"""What moderators decide about studios and jobs: one write with the case and the log."""

from collections.abc import Sequence

from pynamodb.transactions import TransactWrite

from chalicelib.domain.jobs import Job, JobChange
from chalicelib.domain.moderation import Case, LogEntry
from chalicelib.domain.studios import Studio
from chalicelib.repositories.audit import AuditRepository
from chalicelib.repositories.cases import CaseRepository, close_cases
from chalicelib.repositories.connection import transact
from chalicelib.repositories.jobs import change_job
from chalicelib.repositories.studios import change_studio


class HiringDecisionRepository:
    """Cases about studios and jobs, what was decided about them, and deciding."""

    def about(self, target: str) -> list[Case]:
        """Return what is open about a target, oldest first."""
        return CaseRepository().about(target)

    def latest(self, target: str) -> LogEntry | None:
        """Return what was decided last about a target, or None."""
        return next(iter(AuditRepository().page(target, limit=1, position=None).entries), None)

    def decide(
        self,
        entry: LogEntry,
        cases: Sequence[Case],
        *,
        studio: tuple[Studio, Studio] | None = None,
        job: tuple[Job, Job, JobChange] | None = None,
    ) -> None:
        """Close cases, write the decision into the log and change a studio and a job, all or nothing.

        Args:
            entry: the decision.
            cases: those that it closes, as they were read.
            studio: a studio as it was read, and as it shall be.
            job: a job, likewise, and what is noted of its change.

        Raises:
            LostRaceError: somebody else decided one of the cases, or changed the rest.
        """

        def writes(transaction: TransactWrite) -> None:
            close_cases(transaction, entry, cases)
            if studio is not None:
                change_studio(transaction, *studio)
            if job is not None:
                change_job(transaction, *job)

        transact(writes)
