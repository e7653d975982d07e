"""Health, public configuration, and the API's description of itself."""

from chalicelib import __version__
from chalicelib.composition import published_keys
from chalicelib.domain import media, posts, taxonomy
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.meta import Auth, ConfigAnswer, HealthAnswer, KeyAnswer, KeysAnswer, Limits, Taxonomies
from chalicelib.settings import settings

routes = Routes(__name__)

_LASTING = {"Cache-Control": "public, max-age=300, s-maxage=300"}


@routes.operation("GET", "/v1/health", summary="Whether the function answers", answer=HealthAnswer)
def health(request: ApiRequest[None, Empty]) -> Answer:
    """Answer without asking anything else."""
    del request
    return Answer(HealthAnswer(status="ok", version=__version__))


@routes.operation("GET", "/v1/config", summary="What a client needs to know to begin", answer=ConfigAnswer)
def config(request: ApiRequest[None, Empty]) -> Answer:
    """Return where to sign in, where media are, limits and taxonomies."""
    del request
    here = settings()
    auth = Auth(issuer=here.cognito_issuer, client_id=here.user_pool_client_id, endpoint=here.cognito_endpoint)
    limits = Limits(
        max_upload_bytes=media.MAX_UPLOAD_BYTES,
        content_types=list(media.UPLOAD_TYPES),
        upload_seconds=media.UPLOAD_SECONDS,
        max_media_per_post=posts.MAX_MEDIA,
        max_text_length=posts.MAX_TEXT,
    )
    taxonomies = Taxonomies(
        mediums=list(taxonomy.MEDIUMS),
        categories=list(taxonomy.CATEGORIES),
        software=list(taxonomy.SOFTWARE),
        content_warnings=list(taxonomy.CONTENT_WARNINGS),
    )
    body = ConfigAnswer(auth=auth, media_base_url=here.media_base_url, limits=limits, taxonomies=taxonomies)
    return Answer(body, headers=_LASTING)


@routes.operation("GET", "/.well-known/jwks.json", summary="The keys that sign protection records", answer=KeysAnswer)
def keys(request: ApiRequest[None, Empty]) -> Answer:
    """Return the public keys as a set of JSON Web Keys."""
    del request
    return Answer(KeysAnswer(keys=[KeyAnswer(**key) for key in published_keys()]), headers=_LASTING)


@routes.operation("GET", "/v1/openapi.json", summary="This description, as OpenAPI 3.1")
def openapi(request: ApiRequest[None, Empty]) -> Answer:
    """Return the description of the application that this route belongs to."""
    del request
    from chalicelib.http.openapi import describe

    return Answer(describe(routes.current_app, settings().public_base_url), headers=_LASTING)
