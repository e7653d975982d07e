"""Applications, and what studios see of their hiring."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.hiring import job_service, studio_service
from chalicelib.composition.people import conversation_service
from chalicelib.composition.posts import post_reader
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.services.application_export import ApplicationExport
    from chalicelib.services.application_upkeep import ApplicationUpkeep
    from chalicelib.services.applications import ApplicationService
    from chalicelib.services.hiring_figures import HiringFigures
    from chalicelib.services.introductions import IntroductionService, ResumeRequests
    from chalicelib.services.resumes import ResumeService


@cache
def application_service() -> "ApplicationService":
    """Return what the routes of applications call."""
    from chalicelib.repositories.applications import ApplicationRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.applications import ApplicationService

    people = conversation_service().people
    return ApplicationService(
        ApplicationRepository(), JobRepository(), StudioRepository(), people, post_reader(), _resume_service()
    )


@cache
def _resume_service() -> "ResumeService":
    from chalicelib.documents import ResumeFiles
    from chalicelib.repositories.resumes import ResumeRepository
    from chalicelib.services.resumes import ResumeService

    return ResumeService(ResumeRepository(), ResumeFiles(settings().derivatives_bucket))


@cache
def resume_requests() -> "ResumeRequests":
    """Return what the routes of résumés call."""
    from chalicelib.services.introductions import ResumeRequests

    return ResumeRequests(application_service(), _resume_service())


@cache
def introduction_service() -> "IntroductionService":
    """Return what the route calls by which studios write to who applied."""
    from chalicelib.services.introductions import IntroductionService

    return IntroductionService(application_service(), conversation_service())


@cache
def application_export() -> "ApplicationExport":
    """Return what writes applications as tables."""
    from chalicelib.services.application_export import ApplicationExport

    return ApplicationExport(application_service(), settings().public_base_url)


@cache
def application_upkeep() -> "ApplicationUpkeep":
    """Return what looks after applications and résumés."""
    from chalicelib.repositories.applications import ApplicationRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.application_upkeep import ApplicationUpkeep

    return ApplicationUpkeep(ApplicationRepository(), JobRepository(), _resume_service())


@cache
def hiring_figures() -> "HiringFigures":
    """Return what adds up a studio's hiring; one for each process, as it holds views back for a moment."""
    from chalicelib.repositories.application_counts import ApplicationCountRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.hiring_figures import HiringFigures
    from chalicelib.services.views import BufferedViews

    counts = ApplicationCountRepository()
    return HiringFigures(counts, studio_service(), job_service(), JobRepository(), BufferedViews(counts))
