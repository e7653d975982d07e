"""Jobs and studios as everyone sees them who comes without an account."""

from dataclasses import dataclass

from chalicelib.domain.jobs import JobCard
from chalicelib.domain.media import Media
from chalicelib.services.hiring_ports import JobCardPage
from chalicelib.services.job_search import JobQuery, JobSearch
from chalicelib.services.jobs import JobService, JobView
from chalicelib.services.pages import STRANGER
from chalicelib.services.studios import StudioService, StudioView


@dataclass(frozen=True, slots=True)
class PublicJob:
    """An open job, and its studio's logo where everyone may see that."""

    view: JobView
    logo: Media | None


@dataclass(frozen=True, slots=True)
class PublicStudio:
    """A studio, and some of its open jobs."""

    view: StudioView
    jobs: JobCardPage


@dataclass(frozen=True, slots=True)
class JobPageService:
    """Asks the services of jobs and studios as a stranger: what those keep back, pages keep back as well."""

    jobs: JobService
    studios: StudioService
    search: JobSearch

    def job(self, job_id: str) -> PublicJob:
        """Return an open job.

        Raises:
            NotFoundError: there is none that everyone may know of.
            GoneError: it is over.
        """
        view = self.jobs.get(job_id, STRANGER)
        return PublicJob(view, self.studios.view(view.studio, None).logo)

    def studio(self, slug: str, *, limit: int, position: str | None) -> PublicStudio:
        """Return a studio with a page of its open jobs, newest first; it may be short.

        Raises:
            NotFoundError: there is none that everyone may know of.
        """
        view = self.studios.get(slug, STRANGER)
        return PublicStudio(view, self.jobs.of_studio(slug, STRANGER, limit=limit, position=position))

    def newest(self, limit: int) -> tuple[JobCard, ...]:
        """Return the newest open jobs."""
        return self.search.find(JobQuery({}), limit=limit, position=None).cards
