"""Pages of jobs and studios, and what other programs take of them: the same for everyone."""

from chalicelib.composition import job_page_service, job_sitemap
from chalicelib.domain.sitemap import SitemapPart
from chalicelib.handlers.showing import answer, problem_page, site
from chalicelib.http import cursors
from chalicelib.http.routing import PAGE, Answer, ApiRequest, Routes
from chalicelib.pages import sitemap
from chalicelib.pages.job import job_page
from chalicelib.pages.job_feed import job_feed
from chalicelib.pages.studio import studio_page
from chalicelib.schemas.pages import PageAddress, SitemapAddress, StudioAddress

JOBS_A_PAGE = 20

routes = Routes(__name__, problem_page=problem_page)


@routes.operation("GET", "/jobs/{job_id}", summary="A job's page", query=PageAddress, errors=(404, 410), produces=PAGE)
def job(request: ApiRequest[None, PageAddress], job_id: str) -> Answer:
    """Return a job's page while it is open."""
    del request
    found = job_page_service().job(job_id)
    return answer(job_page(site(), found.view.job, found.view.studio, found.logo), until=found.view.job.closes_at)


@routes.operation(
    "GET",
    "/jobs/feed.atom",
    summary="The newest open jobs, for feed readers",
    query=PageAddress,
    produces="application/atom+xml",
)
def feed(request: ApiRequest[None, PageAddress]) -> Answer:
    """Return the feed."""
    del request
    return answer(job_feed(site(), job_page_service().newest(JOBS_A_PAGE)))


@routes.operation(
    "GET",
    "/jobs/sitemap.xml",
    summary="The pages of open jobs, for search engines",
    query=SitemapAddress,
    errors=(404,),
    produces="application/xml",
)
def sitemap_xml(request: ApiRequest[None, SitemapAddress]) -> Answer:
    """Return the index, or one part."""
    day, shard = request.query.day, request.query.shard
    if day is None or shard is None:
        return answer(sitemap.index(site(), job_sitemap().parts(), sitemap.JOBS_SITEMAP_PATH))
    return answer(sitemap.urls(site(), job_sitemap().entries(SitemapPart(day, shard))))


@routes.operation(
    "GET", "/studios/{slug}", summary="A studio's page", query=StudioAddress, errors=(400, 404), produces=PAGE
)
def studio(request: ApiRequest[None, StudioAddress], slug: str) -> Answer:
    """Return a studio's page with its open jobs."""
    scope = f"page of the studio {slug}"
    position = cursors.decode(scope, request.query.after)
    found = job_page_service().studio(slug, limit=JOBS_A_PAGE, position=position)
    cursor = cursors.encode(scope, found.jobs.position)
    return answer(
        studio_page(site(), found.view.studio, found.view.logo, found.jobs.cards, cursor, share=found.view.share)
    )
