"""Keeping lists of open jobs, a job's places under each of its terms, a piece at a time; then the sitemap of jobs."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain import clock, sitemap
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.job_listing import Listed, Places, terms_of
from chalicelib.domain.jobs import Job, make_card
from chalicelib.services.hiring_ports import JobListingStore, JobStore
from chalicelib.services.ports import Clock, ErrandQueue, SitemapStore

KIND = "list-job"

AT_ONCE = 25
"""How many places one piece changes, a transaction of two writes each."""


def order(queue: ErrandQueue, job: Job) -> None:
    """Have lists follow a job that was saved; where the queue does not take it, the sweep finds the job."""
    if job.published_at is not None:
        with suppress(TemporaryError):
            queue.put(Errand(KIND, job.job_id))


@dataclass(frozen=True, slots=True)
class JobLister:
    """Does the errands.

    Where a job may stand is noted before it stands there, and never forgotten, so that nothing of it is left behind
    by whoever was cut short. A piece that finds that the job was changed since it was begun begins anew: what it wrote
    for the former one is mended by that.

    Attributes:
        then: has others follow a job, by its id, once lists show it as it is.
    """

    jobs: JobStore
    listings: JobListingStore
    pages: SitemapStore
    now: Clock = clock.now
    then: Callable[[str], None] = lambda _: None

    def work(self, errand: Errand) -> Errand | None:
        """Bring some places of a job up to date, and return what follows.

        Raises:
            LostRaceError, TemporaryError: it could not be done this time.
        """
        job_id = errand.subject
        job = self.jobs.get(job_id, consistent=True)
        version = str(job.version if job else 0)
        begin = int(errand.cursor or 0) if errand.arguments.get("version") == version else 0
        listed = self._listed(job)
        wanted = {(term, listed.position) for term in terms_of(listed.card)} if listed else set()
        places = self._places(job_id, wanted)
        for term, position in places[begin : begin + AT_ONCE]:
            self.listings.swap(term, position, listed if (term, position) in wanted else None)
        last = begin + AT_ONCE >= len(places)
        if last:
            self._map(job_id, job if listed else None, {position for _, position in places})
        after = self.jobs.get(job_id, consistent=True)
        if str(after.version if after else 0) != version:
            return Errand(KIND, job_id)
        if not last:
            return Errand(KIND, job_id, str(begin + AT_ONCE), {"version": version})
        if job is not None:
            self.then(job_id)
            self.jobs.settled(job)
        return None

    def _map(self, job_id: str, job: Job | None, positions: set[str]) -> None:
        """Bring the page of a job, None for one that is not open, to its place in the sitemap, and to no other."""
        stands = sitemap.of_job(job) if job else None
        if stands is not None:
            self.pages.put([stands])
        before = (sitemap.job_at(job_id, position.partition("#")[0]) for position in positions)
        self.pages.remove([each for each in before if stands is None or each.part != stands.part])

    def _places(self, job_id: str, wanted: set[tuple[str, str]]) -> Places:
        """Return where a job stands or may have stood, in order, with where it is to stand noted."""
        known = self.listings.note(job_id)
        places = tuple(sorted(wanted | set(known)))
        if places != known:
            self.listings.save_note(job_id, places)
        return places

    def _listed(self, job: Job | None) -> Listed | None:
        shown = job is not None and job.state_at(self.now()) == "open"
        return Listed(make_card(job)) if job is not None and shown else None
