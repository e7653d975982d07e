"""The own account and public profiles."""

from chalicelib.composition import addresses, profile_service
from chalicelib.domain.handles import canonical
from chalicelib.http.caching import PRIVATE, body_tag, cache_headers, seen_versions, version_tag
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.profiles import (
    OwnProfileAnswer,
    ProfileAnswer,
    ProfileRequest,
    own_profile_answer,
    profile_answer,
)
from chalicelib.settings import settings

routes = Routes(__name__)


@routes.operation("GET", "/v1/me", summary="The own profile", auth="required", answer=OwnProfileAnswer, errors=(404,))
def get_me(request: ApiRequest[None, Empty]) -> Answer:
    """Return the profile of the account."""
    view = profile_service().get_own(request.account, suspended=request.suspended is not None)
    body = own_profile_answer(
        view, settings().media_base_url, addresses().to(request.account), suspended=request.suspended
    )
    return Answer(body, headers={**PRIVATE, "ETag": version_tag(view.profile.version)})


@routes.operation(
    "PUT",
    "/v1/me",
    summary="Create or replace the own profile",
    auth="required",
    body=ProfileRequest,
    answer=OwnProfileAnswer,
    status=(200, 201),
    errors=(409, 412, 429),
)
def put_me(request: ApiRequest[ProfileRequest, Empty]) -> Answer:
    """Replace the whole profile; the handle is taken in the same transaction."""
    view, created = profile_service().put(request.account, request.body.to_domain(), seen_versions(request.headers))
    body = own_profile_answer(view, settings().media_base_url, addresses().to(request.account))
    headers = {**PRIVATE, "ETag": version_tag(view.profile.version)}
    if created:
        headers["Location"] = f"/v1/profiles/{view.profile.fields.handle}"
    return Answer(body, status=201 if created else 200, headers=headers)


@routes.operation(
    "GET", "/v1/profiles/{handle}", summary="A public profile", auth="optional", answer=ProfileAnswer, errors=(404,)
)
def get_profile(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Return what everyone may see of an artist."""
    view = profile_service().get_by_handle(canonical(handle), request.account_id)
    body = profile_answer(view, settings().media_base_url, addresses().to(request.account_id))
    return Answer(body, headers=cache_headers(request.account_id), etag=body_tag(body.model_dump(mode="json")))
