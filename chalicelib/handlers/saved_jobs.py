"""Jobs that artists keep for later."""

from chalicelib.composition import saved_job_service
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.jobs import JobList, card_answer

routes = Routes(__name__)


@routes.operation(
    "PUT",
    "/v1/jobs/{job_id}/save",
    summary="Keep a job for later",
    auth="required",
    status=(204,),
    errors=(404, 410),
)
def save_job(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Keep an open job; once more changes nothing."""
    saved_job_service().save(job_id, request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation("DELETE", "/v1/jobs/{job_id}/save", summary="Keep a job no longer", auth="required", status=(204,))
def give_job_up(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Give a job up; once more changes nothing."""
    saved_job_service().give_up(job_id, request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/me/saved_jobs",
    summary="The jobs that I keep, the last saved first",
    auth="required",
    query=PageQuery,
    answer=JobList,
    errors=(400,),
)
def list_saved_jobs(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of them; those that are over stay, and say so."""
    query, scope = request.query, f"saved jobs of {request.account}"
    page = saved_job_service().of_account(
        request.account, limit=query.limit, position=cursors.decode(scope, query.cursor)
    )
    cursor = cursors.encode(scope, page.position)
    body = JobList(items=[card_answer(each) for each in page.cards], next_cursor=cursor)
    return Answer(body, headers={**PRIVATE, **next_link(request.path, query, cursor)})
