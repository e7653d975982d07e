"""Studios, their members and their verification."""

from chalicelib.composition import allow, member_service, run_once, studio_service
from chalicelib.domain.allowances import INVITATIONS, STUDIOS
from chalicelib.domain.studios import new_domain, new_slug
from chalicelib.http.caching import PRIVATE, cache_headers, seen_versions, version_tag
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.studios import (
    MemberAnswer,
    MemberBody,
    MemberList,
    RoleBody,
    StudioAnswer,
    StudioChange,
    StudioList,
    StudioRequest,
    VerificationBody,
    member_answer,
    studio_answer,
)
from chalicelib.services.studios import StudioView
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)


def _answer(view: StudioView, headers: dict[str, str], status: int = 200) -> Answer:
    body = studio_answer(view, settings().media_base_url)
    # the logo's files change without it: the tag names the version and what is shown
    tag = version_tag(view.studio.version, body.model_dump(mode="json"))
    return Answer(body, status=status, headers=headers, etag=tag)


@routes.operation(
    "POST",
    "/v1/studios",
    summary="Make a studio, and be its owner",
    auth="required",
    body=StudioRequest,
    answer=StudioAnswer,
    status=(201,),
    errors=(409,),
    idempotent=True,
    limit=STUDIOS,
)
def create_studio(request: ApiRequest[StudioRequest, Empty]) -> Answer:
    """Make a studio; one that looks like a verified one is held until a moderator has looked."""
    view = studio_service().create(request.account, new_slug(request.body.slug), request.body.fields())
    return _answer(view, {**PRIVATE, "Location": f"/v1/studios/{view.studio.slug}"}, 201)


@routes.operation("GET", "/v1/studios/{slug}", summary="A studio", auth="optional", answer=StudioAnswer, errors=(404,))
def get_studio(request: ApiRequest[None, Empty], slug: str) -> Answer:
    """Return a studio; its members see more of it."""
    return _answer(studio_service().get(slug.lower(), request.account_id), cache_headers(request.account_id))


@routes.operation(
    "PATCH",
    "/v1/studios/{slug}",
    summary="Change a studio",
    auth="required",
    body=StudioChange,
    answer=StudioAnswer,
    errors=(403, 404, 409, 412),
)
def change_studio(request: ApiRequest[StudioChange, Empty], slug: str) -> Answer:
    """Change what the body names and leave the rest; owners alone may."""
    versions = seen_versions(request.headers) or set()
    return _answer(studio_service().change(slug, request.account, request.body.to_domain(), versions), PRIVATE)


@routes.operation(
    "GET", "/v1/me/studios", summary="The own studios, and those that invited you", auth="required", answer=StudioList
)
def list_own_studios(request: ApiRequest[None, Empty]) -> Answer:
    """Return all of them, by slug; without logos."""
    views = studio_service().mine(request.account)
    return Answer(StudioList(items=[studio_answer(each, settings().media_base_url) for each in views]), headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/studios/{slug}/verification",
    summary="Ask to be verified, and get the token that shows it",
    auth="required",
    body=VerificationBody,
    answer=StudioAnswer,
    status=(201,),
    errors=(403, 404, 409),
)
def request_verification(request: ApiRequest[VerificationBody, Empty], slug: str) -> Answer:
    """Ask moderators to look for the token at a domain; the same once more gives the same token."""
    body = request.body
    view = studio_service().request_verification(slug, request.account, body.method, new_domain(body.domain))
    return _answer(view, PRIVATE, 201)


@routes.operation(
    "GET",
    "/v1/studios/{slug}/members",
    summary="A studio's members, for one of them",
    auth="required",
    answer=MemberList,
    errors=(403, 404),
)
def list_members(request: ApiRequest[None, Empty], slug: str) -> Answer:
    """Return all of them, owners first; invited ones as well."""
    views = member_service().list(slug, request.account)
    return Answer(MemberList(items=[member_answer(each) for each in views]), headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/studios/{slug}/members",
    summary="Invite somebody to a studio",
    auth="required",
    body=MemberBody,
    answer=MemberAnswer,
    status=(201,),
    errors=(403, 404, 409),
    idempotent=True,
    limit=INVITATIONS,
)
def invite_member(request: ApiRequest[MemberBody, Empty], slug: str) -> Answer:
    """Invite by handle; they speak for the studio once they have accepted."""
    view = member_service().invite(slug, request.account, request.body.handle, request.body.role)
    return Answer(member_answer(view), status=201, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/me/studios/{slug}",
    summary="Accept an invitation to a studio",
    auth="required",
    status=(204,),
    errors=(404,),
)
def accept_invitation(request: ApiRequest[None, Empty], slug: str) -> Answer:
    """Become a member; declining or going is taking oneself away from the members."""
    member_service().accept(slug, request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PATCH",
    "/v1/studios/{slug}/members/{handle}",
    summary="Give a member another role",
    auth="required",
    body=RoleBody,
    answer=MemberAnswer,
    errors=(403, 404, 409),
)
def change_member(request: ApiRequest[RoleBody, Empty], slug: str, handle: str) -> Answer:
    """Make a member owner or recruiter; owners alone may."""
    view = member_service().change_role(slug, request.account, handle, request.body.role)
    return Answer(member_answer(view), headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/studios/{slug}/members/{handle}",
    summary="Remove a member, decline an invitation, or go",
    auth="required",
    status=(204,),
    errors=(403, 404, 409),
)
def remove_member(request: ApiRequest[None, Empty], slug: str, handle: str) -> Answer:
    """Remove a member; everybody may remove themselves, but the last owner."""
    member_service().remove(slug, request.account, handle)
    return Answer(None, status=204, headers=PRIVATE)
