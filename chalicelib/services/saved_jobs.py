"""Saved jobs: kept for later by artists, and true to what becomes of the jobs."""

from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.jobs import JobCard, make_card
from chalicelib.domain.saved_jobs import SavedJob
from chalicelib.services.hiring_ports import JobStore, SavedJobStore
from chalicelib.services.jobs import JobService, ShownCards, state_of
from chalicelib.services.ports import Clock

REFRESH = "refresh-saved-job"
"""The errand that has all who keep its subject, a job, see what became of it."""

_AT_ONCE = 25
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class SavedJobService:
    """Keeps, gives up and lists jobs.

    A card is a copy: a page costs what its cards weigh. An errand follows each change of a job; whoever saves one
    meanwhile looks once more after having saved it, so that no copy is left behind.
    """

    saved: SavedJobStore
    jobs: JobStore
    reading: JobService
    now: Clock = clock.now

    def save(self, job_id: str, account_id: str) -> None:
        """Keep an open job; once more changes nothing.

        Raises:
            NotFoundError: there is none that everyone may see.
            GoneError: it is over.
        """
        if self.saved.get(job_id, account_id) is not None:
            return
        job = self.reading.get(job_id, None).job
        self.saved.put(SavedJob(account_id, make_card(job), clock.to_text(self.now()), job.version))
        for _ in range(_ATTEMPTS):
            kept, job_now = self.saved.get(job_id, account_id), self.jobs.get(job_id, consistent=True)
            if kept is None or job_now is None or kept.version >= job_now.version:
                return
            self.saved.refresh(kept, kept.after(job_now))
        raise TemporaryError(f"job {job_id} is being changed by others")

    def give_up(self, job_id: str, account_id: str) -> None:
        """Keep a job no longer; once more changes nothing."""
        self.saved.remove(job_id, account_id)

    def of_account(self, account_id: str, *, limit: int, position: str | None) -> ShownCards:
        """List what an account keeps, the last saved first, each in its present state."""
        page = self.saved.of_account(account_id, limit=limit, position=position)
        now = clock.to_text(self.now())
        return ShownCards(tuple(_shown(each.card, now) for each in page.jobs), page.position)

    def refresh(self, errand: Errand) -> Errand | None:
        """Do a piece of :data:`REFRESH`."""
        page = self.saved.of_job(errand.subject, limit=_AT_ONCE, position=errand.cursor)
        job = self.jobs.get(errand.subject, consistent=True) if page.jobs else None
        if job is None:
            return None
        for kept in page.jobs:
            if kept.version < job.version:
                self.saved.refresh(kept, kept.after(job))
        return Errand(REFRESH, errand.subject, page.position) if page.position else None


def _shown(card: JobCard, now: str) -> JobCard:
    return replace(card, state=state_of(card, now))
