"""Appeals, and what moderators see and decide."""

from chalicelib.composition import (
    account_appeals,
    appeal_service,
    decision_service,
    moderation_service,
    post_decisions,
    report_service,
    run_once,
)
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import Paging
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.moderation import (
    AccountAppealBody,
    AppealAnswer,
    AppealBody,
    CaseAnswer,
    CaseList,
    DecisionAnswer,
    DecisionBody,
    EntryList,
    LogQuery,
    PostAppealBody,
    QueueQuery,
    ReportAnswer,
    ReportBody,
    appeal_answer,
    case_answer,
    decision_answer,
    entry_answer,
    queued_answer,
    report_answer,
)

routes = Routes(__name__, run_once)


@routes.operation(
    "POST",
    "/v1/media/{media_id}/appeals",
    summary="Appeal against a refusal or a removal",
    auth="required",
    body=AppealBody,
    answer=AppealAnswer,
    status=(201,),
    errors=(404, 409),
    idempotent=True,
)
def appeal(request: ApiRequest[AppealBody, Empty], media_id: str) -> Answer:
    """Ask moderators to look at a refusal; the media's own answer shows what becomes of it."""
    made = appeal_service().appeal(request.account, media_id, request.body.text, request.body.process_media_ids)
    return Answer(appeal_answer(made), status=201, headers={**PRIVATE, "Location": f"/v1/media/{media_id}"})


@routes.operation(
    "POST",
    "/v1/posts/{post_id}/appeals",
    summary="Appeal against the removal of an own post",
    auth="required",
    body=PostAppealBody,
    answer=AppealAnswer,
    status=(201,),
    errors=(404, 409),
    idempotent=True,
)
def appeal_for_post(request: ApiRequest[PostAppealBody, Empty], post_id: str) -> Answer:
    """Ask moderators to look at a removal; the post's own answer shows its author what becomes of it."""
    made = post_decisions().appeal(request.account, post_id, request.body.text)
    return Answer(appeal_answer(made), status=201, headers={**PRIVATE, "Location": f"/v1/posts/{post_id}"})


@routes.operation(
    "POST",
    "/v1/me/appeals",
    summary="Appeal against the suspension of the own account, or the removal of what its profile says",
    auth="required",
    body=AccountAppealBody,
    answer=AppealAnswer,
    status=(201,),
    errors=(409,),
    idempotent=True,
)
def appeal_for_account(request: ApiRequest[AccountAppealBody, Empty]) -> Answer:
    """Ask moderators to look at it again; GET /v1/me shows what becomes of it. A suspended account may do this."""
    made = account_appeals().appeal(request.account, request.body.about, request.body.text)
    return Answer(appeal_answer(made), status=201, headers={**PRIVATE, "Location": "/v1/me"})


@routes.operation(
    "POST",
    "/v1/reports",
    summary="Ask moderators to look at a post, a profile, a comment, a picture, a job, a studio or a message",
    auth="required",
    body=ReportBody,
    answer=ReportAnswer,
    status=(201,),
    errors=(404, 429),
    idempotent=True,
)
def report(request: ApiRequest[ReportBody, Empty]) -> Answer:
    """Open a report; one that is open already is the same."""
    body = request.body
    made = report_service().report(request.account, body.target, body.reason, body.text)
    return Answer(report_answer(made, body.target), status=201, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/moderation/queue",
    summary="What moderators have yet to decide, oldest first",
    auth="moderator",
    query=QueueQuery,
    answer=CaseList,
    errors=(400,),
)
def list_queue(request: ApiRequest[None, QueueQuery]) -> Answer:
    """Return a page of open cases, of one kind or of all."""
    query = request.query
    pages = Paging(request, f"queue of {query.kind} for {request.account}")
    page = moderation_service().queue(query.kind, limit=query.limit, position=pages.position)
    return pages.answer(CaseList, [queued_answer(case) for case in page.cases], page.position, PRIVATE)


@routes.operation(
    "GET",
    "/v1/moderation/cases/{case_id}",
    summary="A case with its evidence, and links to pictures",
    auth="moderator",
    answer=CaseAnswer,
    errors=(404,),
)
def get_case(request: ApiRequest[None, Empty], case_id: str) -> Answer:
    """Return a case; links to pictures work for ten minutes at most."""
    del request
    return Answer(case_answer(moderation_service().case(case_id)), headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/moderation/decisions",
    summary="Decide, and have it carried out",
    auth="moderator",
    body=DecisionBody,
    answer=DecisionAnswer,
    status=(201,),
    errors=(404, 409),
    idempotent=True,
)
def decide(request: ApiRequest[DecisionBody, Empty]) -> Answer:
    """Decide about a target; of two moderators the second learns what the first decided."""
    body = request.body.checked()
    made = decision_service().decide(
        request.account,
        body.action,
        body.target,
        body.reason,
        body.replaces,
        labels=body.labels,
        looked_at=body.case,
    )
    return Answer(decision_answer(made), status=201, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/moderation/log",
    summary="What was decided about something, newest first",
    auth="moderator",
    query=LogQuery,
    answer=EntryList,
    errors=(400,),
)
def list_log(request: ApiRequest[None, LogQuery]) -> Answer:
    """Return a page of the audit log."""
    query = request.query
    pages = Paging(request, f"log of {query.target} for {request.account}")
    page = moderation_service().entries(query.target, limit=query.limit, position=pages.position)
    return pages.answer(EntryList, [entry_answer(entry) for entry in page.entries], page.position, PRIVATE)
