"""Looking after applications: résumés go 180 days after their job's end, the rest with the job, or an account."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.answering import forgotten
from chalicelib.domain.applications import retention
from chalicelib.services.application_ports import ApplicationStore
from chalicelib.services.deletion_ports import ForgettingFiles
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.ports import Clock
from chalicelib.services.resumes import ResumeService

_PIECE = 10


@dataclass(frozen=True, slots=True)
class ApplicationUpkeep:
    """What the sweep does about applications."""

    applications: ApplicationStore
    jobs: JobStore
    resumes: ResumeService
    now: Clock = clock.now

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the keys of applications and announced résumés that are to be looked at."""
        return self.applications.due(since, until)

    def look_after(self, key: str) -> bool:
        """Delete what is to go, and note when to look again.

        Raises:
            LostRaceError: somebody changed it at the same time.
        """
        partition, _, position = key.partition("/")
        (kind, _, name), (_, _, resume_id) = partition.partition("#"), position.partition("#")
        if kind == "account":
            self.resumes.give_up(name, resume_id)
            return False
        application = self.applications.get(name)
        if application is None:
            return False
        job = self.jobs.get(application.job_id, consistent=True)
        left = retention(application, job, self.now())
        if left.resume:
            self.resumes.drop(application)
        if left.all:
            self.applications.delete(application, forgotten(application, self.now()))
        else:
            self.applications.postpone(application, left.due_at, None if left.resume else application.resume)
        return False


@dataclass(frozen=True, slots=True)
class OwnApplications:
    """Where applications of an account are, when it is deleted; with them go its résumés, every version of each."""

    applications: ApplicationStore
    files: ForgettingFiles
    now: Clock = clock.now
    name: str = "applications"

    def remove(self, account_id: str) -> bool:
        """Remove some, and tell whether there may be more: see :class:`chalicelib.services.deletion_places.Place`."""
        page = self.applications.of_account(account_id, limit=_PIECE, position=None)
        for line in page.lines:
            application = self.applications.get(line.application_id)
            if application is not None:
                self.applications.delete(application, forgotten(application, self.now()))
        return self.files.forget_resumes(account_id) or page.position is not None
