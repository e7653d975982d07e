"""Uploads and media."""

from chalicelib.composition import addresses, allow, media_deletion, media_service, run_once
from chalicelib.domain.allowances import UPLOADS
from chalicelib.domain.errors import ConflictError
from chalicelib.domain.media import UPLOAD_SECONDS
from chalicelib.http.caching import PRIVATE, cache_headers, version_tag
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.media import (
    ChoiceBody,
    MediaAnswer,
    MediaQuery,
    OwnMediaAnswer,
    ProtectionAnswer,
    UploadAnswer,
    UploadBody,
    media_answer,
    protection_answer,
    upload_answer,
)
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)


@routes.operation(
    "POST",
    "/v1/uploads",
    summary="Announce an upload and get the form to post it by",
    auth="required",
    body=UploadBody,
    answer=UploadAnswer,
    status=(201,),
    idempotent=True,
    remembered=UPLOAD_SECONDS,
    limit=UPLOADS,
)
def create_upload(request: ApiRequest[UploadBody, Empty]) -> Answer:
    """Return a media that awaits its upload, and a form that takes exactly the announced file."""
    upload = media_service().start_upload(request.account, request.body.to_domain())
    location = {"Location": f"/v1/media/{upload.media.media_id}"}
    return Answer(upload_answer(upload), status=201, headers={**PRIVATE, **location})


@routes.operation(
    "GET",
    "/v1/media/{media_id}",
    summary="What became of an upload",
    auth="optional",
    query=MediaQuery,
    answer=OwnMediaAnswer,
    errors=(404,),
)
def get_media(request: ApiRequest[None, MediaQuery], media_id: str) -> Answer:
    """Return the state of a media, after a change of it where the client waits for one."""
    media = media_service().wait(media_id, request.account_id, request.query.wait)
    own = media.owner_id == request.account_id
    seen = addresses().to(request.account_id)
    body: MediaAnswer = media_answer(media, settings().media_base_url, own=own, seen=seen)
    return Answer(body, headers={**cache_headers(request.account_id), "ETag": version_tag(media.version)})


@routes.operation(
    "DELETE",
    "/v1/media/{media_id}",
    summary="Delete a picture that nothing shows",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def delete_media(request: ApiRequest[None, Empty], media_id: str) -> Answer:
    """Delete an own upload, its original and all that was made of it, unless a post, profile or studio shows it."""
    media_deletion().delete(media_id, request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/media/{media_id}/data_mining",
    summary="Change what machines may do with a picture",
    auth="required",
    body=ChoiceBody,
    answer=OwnMediaAnswer,
    errors=(404, 409, 429),
)
def put_data_mining(request: ApiRequest[ChoiceBody, Empty], media_id: str) -> Answer:
    """Change the choice; files that were made already are made anew, and shown as they are until then."""
    media = media_service().choose(media_id, request.account, request.body.to_domain())
    body = media_answer(media, settings().media_base_url, own=True, seen=addresses().to(request.account))
    return Answer(body, headers={**PRIVATE, "ETag": version_tag(media.version)})


@routes.operation(
    "GET",
    "/v1/media/{media_id}/protection",
    summary="What was done to protect a picture",
    auth="optional",
    answer=ProtectionAnswer,
    errors=(404, 409),
)
def get_protection(request: ApiRequest[None, Empty], media_id: str) -> Answer:
    """Return the signals, digests and the cloak's report of a ready picture, and all of it signed."""
    media, seen = media_service().get(media_id, request.account_id), addresses().to(request.account_id)
    body = protection_answer(media, settings().public_base_url, media_service().record(media), seen)
    if body is None:
        raise ConflictError("The picture is not ready.", code="media-not-ready")
    return Answer(body, headers=cache_headers(request.account_id))
