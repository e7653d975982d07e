"""Noting that jobs are over, once their closing moment came: readers know by the clock, lists and counts by this."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.jobs import JobChange
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.ports import Clock


@dataclass(frozen=True, slots=True)
class JobExpiry:
    """What the sweep does about jobs."""

    jobs: JobStore
    now: Clock = clock.now

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of jobs whose closing moment came between two moments."""
        return self.jobs.due(since, until)

    def look_after(self, job_id: str) -> bool:
        """Note that a job expired, if it did; nothing of this is a rescue.

        Raises:
            LostRaceError: somebody changed it at the same time.
        """
        old = self.jobs.get(job_id, consistent=True)
        if old is not None and old.state_at(self.now()) != old.state:
            new = replace(old, state="expired", updated_at=clock.to_text(self.now()))
            change = JobChange(new.version, "the clock", new.updated_at, {"state": old.state}, {"state": new.state})
            self.jobs.save(old, new, change)
        return False
