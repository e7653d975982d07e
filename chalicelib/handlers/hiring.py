"""What studios see of their hiring: numbers, and applications as a file."""

from chalicelib.composition import application_export, hiring_figures
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.applications import DashboardAnswer, dashboard_answer
from chalicelib.schemas.base import Empty, PageQuery

routes = Routes(__name__)

CSV = "text/csv"


@routes.operation(
    "GET",
    "/v1/studios/{slug}/dashboard",
    summary="A studio's hiring in numbers, for its members",
    auth="required",
    query=PageQuery,
    answer=DashboardAnswer,
    errors=(400, 403, 404),
)
def get_dashboard(request: ApiRequest[None, PageQuery], slug: str) -> Answer:
    """Return the pipeline, how soon the studio answers, and a page of its jobs in numbers."""
    query, scope = request.query, f"dashboard of {slug} for {request.account}"
    found = hiring_figures().dashboard(
        slug.lower(), request.account, limit=query.limit, position=cursors.decode(scope, query.cursor)
    )
    cursor = cursors.encode(scope, found.position)
    return Answer(dashboard_answer(found, cursor), headers={**PRIVATE, **next_link(request.path, query, cursor)})


@routes.operation("POST", "/v1/jobs/{job_id}/views", summary="Tell that a job was shown", status=(204,), errors=(404,))
def count_job_view(request: ApiRequest[None, Empty], job_id: str) -> Answer:
    """Count that a client showed a job. Nothing is kept of who looked."""
    del request
    hiring_figures().count_view(job_id)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/jobs/{job_id}/applications.csv",
    summary="Applications for a job as a table for spreadsheets, for members of its studio",
    auth="required",
    query=PageQuery,
    errors=(400, 404),
    produces=CSV,
)
def export_applications(request: ApiRequest[None, PageQuery], job_id: str) -> Answer:
    """Return up to 1,000 applications whatever the limit, newest first; ``Link`` names what follows."""
    query, scope = request.query, f"table of {job_id} for {request.account}"
    text, position = application_export().table(request.account, job_id, cursors.decode(scope, query.cursor))
    headers = {
        **PRIVATE,
        "Content-Type": f"{CSV}; charset=utf-8; header=present",
        "Content-Disposition": f'attachment; filename="applications-{job_id}.csv"',
    }
    return Answer(text, headers={**headers, **next_link(request.path, query, cursors.encode(scope, position))})
