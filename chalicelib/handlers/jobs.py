"""Jobs, by those who offer them and for those who look."""

from chalicelib.composition import allow, job_search, job_service, run_once
from chalicelib.domain.allowances import JOBS
from chalicelib.domain.exchange_rates import DAY
from chalicelib.http.caching import PRIVATE, PUBLIC, cache_headers, public_until, seen_versions, version_tag
from chalicelib.http.paging import PLACE_OF_CHANGE, Paging
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.pages.markdown import html_of
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.jobs import (
    FoundJobList,
    JobAnswer,
    JobChange,
    JobChangeList,
    JobList,
    JobRequest,
    JobsQuery,
    card_answer,
    change_answers,
    job_answer,
)
from chalicelib.services.job_search import query_of
from chalicelib.services.jobs import JobView

routes = Routes(__name__, run_once, allow=allow)


def _answer(view: JobView, headers: dict[str, str], status: int = 200) -> Answer:
    body = job_answer(view, html_of(view.job.fields.description))
    # the studio's name stands in it and changes without it, and so does what the clock makes of it
    tag = version_tag(view.job.version, body.model_dump(mode="json"))
    return Answer(body, status=status, headers=headers, etag=tag)


@routes.operation(
    "POST",
    "/v1/jobs",
    summary="Make a job: a draft, or sent in to be public",
    auth="required",
    body=JobRequest,
    answer=JobAnswer,
    status=(201,),
    errors=(403, 404, 409),
    idempotent=True,
    limit=JOBS,
)
def create_job(request: ApiRequest[JobRequest, Empty]) -> Answer:
    """Make a job; drafts are free, publishing takes a verified studio and one look by a moderator."""
    body = request.body
    view = job_service().create(request.account, body.studio.lower(), body.fields(), body.publish)
    return _answer(view, {**PRIVATE, "Location": f"/v1/jobs/{view.job.job_id}"}, 201)


@routes.operation(
    "GET",
    "/v1/jobs",
    summary="Open jobs by facets and words, newest first",
    query=JobsQuery,
    answer=FoundJobList,
    errors=(400,),
)
def find_jobs(request: ApiRequest[None, JobsQuery]) -> Answer:
    """Return a page of open jobs, and how many there are of each kind."""
    query = request.query
    pages = Paging(request, f"jobs {query.model_dump_json(exclude={'limit', 'cursor'})}")
    found = job_search().find(
        query_of(query.facets(), query.q, query.min_salary), limit=query.limit, position=pages.position
    )
    facets = {name: dict(values) for name, values in found.counts.items()}
    items = [card_answer(each) for each in found.cards]
    return pages.answer(FoundJobList, items, found.position, PUBLIC, total=found.total, facets=facets, rates_of=DAY)


@routes.operation("GET", "/v1/jobs/{job_id}", summary="A job", auth="optional", answer=JobAnswer, errors=(404, 410))
def get_job(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Return a job while it is open; to members of its studio always."""
    view = job_service().get(job_id, request.account_id)
    return _answer(view, PRIVATE if request.account_id else public_until(view.job.closes_at))


@routes.operation(
    "PATCH",
    "/v1/jobs/{job_id}",
    summary="Change a job, send it in, withdraw or renew it",
    auth="required",
    body=JobChange,
    answer=JobAnswer,
    errors=(404, 409, 412),
    limit=JOBS,
)
def change_job(request: ApiRequest[JobChange, Empty], job_id: str) -> Answer:
    """Change what the body names and leave the rest."""
    body, versions = request.body, seen_versions(request.headers) or set()
    return _answer(job_service().change(job_id, request.account, body.to_domain(), body.publish, versions), PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/jobs/{job_id}",
    summary="Remove a job that was never public",
    auth="required",
    status=(204,),
    errors=(404, 409, 412),
)
def delete_job(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Remove a draft; what was public is closed instead."""
    job_service().delete(job_id, request.account, seen_versions(request.headers) or set())
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/jobs/{job_id}/close",
    summary="Close a job before its time",
    auth="required",
    answer=JobAnswer,
    errors=(404, 409),
)
def close_job(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Close a public job; once more changes nothing."""
    return _answer(job_service().close(job_id, request.account), PRIVATE)


@routes.operation(
    "GET",
    "/v1/jobs/{job_id}/changes",
    summary="What was changed of a job, for members of its studio",
    auth="required",
    query=PageQuery,
    answer=JobChangeList,
    errors=(400, 404),
)
def list_changes(request: ApiRequest[None, PageQuery], job_id: str) -> Answer:
    """Return a page of changes, newest first."""
    pages = Paging(request, f"changes of {job_id} for {request.account}", PLACE_OF_CHANGE)
    page = job_service().changes(job_id, request.account, limit=request.query.limit, position=pages.position)
    return pages.answer(JobChangeList, change_answers(page), page.position, PRIVATE)


@routes.operation(
    "GET",
    "/v1/studios/{slug}/jobs",
    summary="A studio's jobs, newest first",
    auth="optional",
    query=PageQuery,
    answer=JobList,
    errors=(400, 404),
)
def list_jobs_of_studio(request: ApiRequest[None, PageQuery], slug: str) -> Answer:
    """Return a page of its public jobs, to its members of all of them."""
    pages = Paging(request, f"jobs of {slug} for {request.account_id}")
    page = job_service().of_studio(slug, request.account_id, limit=request.query.limit, position=pages.position)
    items = [card_answer(each) for each in page.cards]
    return pages.answer(JobList, items, page.position, cache_headers(request.account_id))
