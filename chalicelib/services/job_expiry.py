"""Looking after jobs: noting that they are over once their closing moment came, and having lists follow."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.jobs import SETTLING_SECONDS, THE_CLOCK, JobChange
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.job_lister import order
from chalicelib.services.ports import Clock, ErrandQueue


@dataclass(frozen=True, slots=True)
class JobExpiry:
    """What the sweep does about jobs. Readers know by the clock that one is over, lists and counts by this."""

    jobs: JobStore
    errands: ErrandQueue
    now: Clock = clock.now

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of jobs whose closing moment came, or that lists do not show as they are."""
        return self.jobs.due(since, until)

    def look_after(self, job_id: str) -> bool:
        """Note that a job expired, if it did, and have lists follow; tell whether they had been left behind.

        Raises:
            LostRaceError: somebody changed it at the same time.
        """
        job = self.jobs.get(job_id, consistent=True)
        if job is None:
            return False
        if job.state_at(self.now()) != job.state:
            new = replace(job, state="expired", updated_at=clock.to_text(self.now()))
            change = JobChange(new.version, THE_CLOCK, new.updated_at, {"state": job.state}, {"state": new.state})
            order(self.errands, self.jobs.save(job, new, change))
            return False
        if job.settled:
            return False
        order(self.errands, job)
        self.jobs.postpone(job, clock.later(self.now(), SETTLING_SECONDS))
        return True
