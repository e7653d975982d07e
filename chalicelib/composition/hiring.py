"""Studios and jobs."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.pictures import exposure_service
from chalicelib.composition.stores import edge_copies, errand_queue

if TYPE_CHECKING:
    from chalicelib.services.invalidation import JobCopies
    from chalicelib.services.job_expiry import JobExpiry
    from chalicelib.services.job_lister import JobLister
    from chalicelib.services.job_pages import JobPageService
    from chalicelib.services.job_search import JobSearch
    from chalicelib.services.jobs import JobService
    from chalicelib.services.members import MemberService
    from chalicelib.services.saved_jobs import SavedJobService
    from chalicelib.services.sitemap import SitemapService
    from chalicelib.services.studios import StudioService
    from chalicelib.services.talent import Recruiters

JOB_PAGES = "jobs-sitemap"
"""The sitemap of open jobs, beside that of all other pages."""


@cache
def studio_service() -> "StudioService":
    """Return what the routes of studios call."""
    from chalicelib.repositories.application_counts import ApplicationCountRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.studios import StudioService

    return StudioService(StudioRepository(), MediaRepository(), exposure_service(), ApplicationCountRepository())


@cache
def job_service() -> "JobService":
    """Return what the routes of jobs call."""
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.jobs import JobService

    return JobService(JobRepository(), StudioRepository(), studio_service(), errand_queue(), ProfileRepository())


@cache
def job_search() -> "JobSearch":
    """Return what the route calls that lists open jobs."""
    from chalicelib.repositories.job_listings import JobListingRepository
    from chalicelib.services.job_search import JobSearch

    return JobSearch(JobListingRepository())


@cache
def job_page_service() -> "JobPageService":
    """Return what the public pages of jobs and studios call."""
    from chalicelib.services.job_pages import JobPageService

    return JobPageService(job_service(), studio_service(), job_search())


@cache
def job_lister() -> "JobLister":
    """Return what keeps the lists of open jobs."""
    from chalicelib.domain.errands import Errand
    from chalicelib.repositories.job_listings import JobListingRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.sitemap import SitemapRepository
    from chalicelib.services.job_lister import JobLister
    from chalicelib.services.job_matching import MATCH
    from chalicelib.services.saved_jobs import REFRESH

    def then(job_id: str) -> None:
        errand_queue().put(Errand(REFRESH, job_id))
        job_copies().order()
        errand_queue().put(Errand(MATCH, job_id))

    return JobLister(JobRepository(), JobListingRepository(), SitemapRepository(JOB_PAGES), then=then)


@cache
def job_sitemap() -> "SitemapService":
    """Return what the route of the sitemap of open jobs calls."""
    from chalicelib.domain.jobs import MAX_DAYS
    from chalicelib.repositories.sitemap import SitemapRepository
    from chalicelib.services.sitemap import SitemapService

    return SitemapService(SitemapRepository(JOB_PAGES), days=MAX_DAYS)


@cache
def job_copies() -> "JobCopies":
    """Return what has the CDN forget its copies of lists and pages of jobs."""
    from chalicelib.services.invalidation import JobCopies

    return JobCopies(errand_queue(), edge_copies())


@cache
def saved_job_service() -> "SavedJobService":
    """Return what keeps jobs for artists."""
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.saved_jobs import SavedJobRepository
    from chalicelib.services.saved_jobs import SavedJobService

    return SavedJobService(SavedJobRepository(), JobRepository(), job_service())


@cache
def job_expiry() -> "JobExpiry":
    """Return what closes jobs whose time is over."""
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.job_expiry import JobExpiry

    return JobExpiry(JobRepository(), errand_queue())


@cache
def recruiters() -> "Recruiters":
    """Return what knows who speaks for a verified studio."""
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.talent import Recruiters

    return Recruiters(StudioRepository())


@cache
def member_service() -> "MemberService":
    """Return what the routes of studios' members call."""
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.members import MemberService

    return MemberService(StudioRepository(), ProfileRepository(), studio_service(), RelationRepository())
