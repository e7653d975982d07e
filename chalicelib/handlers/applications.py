"""Applications, by artists and for studios."""

from chalicelib.composition import (
    addresses,
    allow,
    application_service,
    introduction_service,
    resume_requests,
    run_once,
)
from chalicelib.domain.allowances import APPLICATIONS, CONVERSATIONS, RESUMES
from chalicelib.http.caching import PRIVATE, seen_versions, version_tag
from chalicelib.http.paging import PLACE_OF_CHANGE, Paging
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.applications import (
    ApplicationAnswer,
    ApplicationBody,
    ApplicationChangeList,
    ApplicationList,
    ApplicationsQuery,
    LinkAnswer,
    OwnApplicationList,
    ResumeAnswer,
    ResumeBody,
    StateAnswer,
    StateBody,
    application_answer,
    card_answers,
    change_answers,
    own_answer,
    resume_answer,
    state_answer,
)
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.conversations import ConversationAnswer, conversation_answer
from chalicelib.services.applications import ApplicationView
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)


def _answer(view: ApplicationView, account_id: str, *, status: int = 200, **headers: str) -> Answer:
    body = application_answer(view, settings().media_base_url, addresses().to(account_id))
    tag = version_tag(view.application.version, body.model_dump(mode="json"))
    return Answer(body, status=status, headers={**PRIVATE, **headers}, etag=tag)


@routes.operation(
    "POST",
    "/v1/jobs/{job_id}/resumes",
    summary="Announce a résumé for an application, and get a form to upload it by",
    auth="required",
    body=ResumeBody,
    answer=ResumeAnswer,
    status=(201,),
    errors=(404, 409, 410),
    limit=RESUMES,
)
def announce_resume(request: ApiRequest[ResumeBody, Empty], job_id: str) -> Answer:
    """Return a form that takes a PDF of exactly this size within 15 minutes."""
    new = resume_requests().announce(request.account, job_id, request.body.bytes)
    return Answer(resume_answer(new), status=201, headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/jobs/{job_id}/applications",
    summary="Apply for a job, once",
    auth="required",
    body=ApplicationBody,
    answer=ApplicationAnswer,
    status=(201,),
    errors=(404, 409, 410),
    idempotent=True,
    limit=APPLICATIONS,
)
def apply(request: ApiRequest[ApplicationBody, Empty], job_id: str) -> Answer:
    """Send an application; the job must be open when it arrives."""
    view = application_service().submit(request.account, job_id, request.body.to_domain())
    return _answer(view, request.account, status=201, Location=f"/v1/applications/{view.application.application_id}")


@routes.operation(
    "GET",
    "/v1/jobs/{job_id}/applications",
    summary="Applications for a job, newest first, for members of its studio",
    auth="required",
    query=ApplicationsQuery,
    answer=ApplicationList,
    errors=(400, 404),
)
def list_applications(request: ApiRequest[None, ApplicationsQuery], job_id: str) -> Answer:
    """Return a page of applications."""
    query = request.query
    pages = Paging(request, f"applications for {job_id}, {query.state}, for {request.account}")
    page = application_service().for_job(
        request.account, job_id, query.state, limit=query.limit, position=pages.position
    )
    return pages.answer(ApplicationList, card_answers(page, settings().media_base_url), page.position, PRIVATE)


@routes.operation(
    "GET",
    "/v1/me/applications",
    summary="The own applications, newest first",
    auth="required",
    query=PageQuery,
    answer=OwnApplicationList,
    errors=(400,),
)
def list_own_applications(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of the own applications."""
    pages = Paging(request, f"applications of {request.account}")
    page = application_service().mine(request.account, limit=request.query.limit, position=pages.position)
    return pages.answer(OwnApplicationList, [own_answer(each) for each in page.lines], page.position, PRIVATE)


@routes.operation(
    "GET",
    "/v1/applications/{application_id}",
    summary="An application, for its artist and for members of the studio",
    auth="required",
    answer=ApplicationAnswer,
    errors=(404,),
)
def get_application(request: ApiRequest[None, Empty], application_id: str) -> Answer:
    """Return an application; reading it changes nothing, also not to `viewed`."""
    return _answer(application_service().get(request.account, application_id), request.account)


@routes.operation(
    "PATCH",
    "/v1/applications/{application_id}",
    summary="Change the state of an application, or withdraw it",
    auth="required",
    body=StateBody,
    answer=StateAnswer,
    errors=(404, 409, 412),
)
def move_application(request: ApiRequest[StateBody, Empty], application_id: str) -> Answer:
    """Change the state; the artist is told of it."""
    versions = seen_versions(request.headers) or set()
    view = application_service().move(request.account, application_id, request.body.state, versions)
    return Answer(state_answer(view.application), headers=PRIVATE, etag=version_tag(view.application.version))


@routes.operation(
    "GET",
    "/v1/applications/{application_id}/changes",
    summary="What was changed of an application",
    auth="required",
    query=PageQuery,
    answer=ApplicationChangeList,
    errors=(400, 404),
)
def list_changes_of_application(request: ApiRequest[None, PageQuery], application_id: str) -> Answer:
    """Return a page of changes, newest first."""
    pages = Paging(request, f"changes of application {application_id} for {request.account}", PLACE_OF_CHANGE)
    history = application_service().changes(
        request.account, application_id, limit=request.query.limit, position=pages.position
    )
    return pages.answer(ApplicationChangeList, change_answers(history), history.page.position, PRIVATE)


@routes.operation(
    "GET",
    "/v1/applications/{application_id}/resume",
    summary="An address by which the résumé can be saved, for five minutes",
    auth="required",
    answer=LinkAnswer,
    errors=(404, 410),
)
def get_resume(request: ApiRequest[None, Empty], application_id: str) -> Answer:
    """Return an address for members of the studio, and for the artist."""
    link = resume_requests().link(request.account, application_id)
    return Answer(LinkAnswer(url=link.url, expires_at=link.expires_at), headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/applications/{application_id}/conversation",
    summary="Begin a conversation with who applied, for a member of the studio",
    auth="required",
    answer=ConversationAnswer,
    errors=(403, 404, 409),
    limit=CONVERSATIONS,
)
def start_conversation_about(request: ApiRequest[None, Empty], application_id: str) -> Answer:
    """Return the conversation of the member and the artist, in whose inbox it is: who applies wants to hear."""
    found = introduction_service().introduce(request.account, application_id)
    return Answer(conversation_answer(found, request.account, settings().media_base_url), headers=PRIVATE)
