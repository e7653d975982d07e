"""What the origin says of itself to machines: who may fetch what, and what may be done with it."""

from chalicelib.http.caching import body_tag
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.pages import licence, robots, tdm
from chalicelib.pages.document import Document
from chalicelib.schemas.base import Empty
from chalicelib.settings import settings

routes = Routes(__name__)

_LASTING = {"Cache-Control": "public, max-age=3600, s-maxage=3600"}
"""An hour: crawlers may keep robots.txt for a day themselves (RFC 9309, 2.4)."""


def _answer(document: Document) -> Answer:
    headers = {**_LASTING, "Content-Type": document.content_type}
    return Answer(document.text, headers=headers, etag=body_tag(document.text))


@routes.operation("GET", "/robots.txt", summary="Which crawlers may fetch what", produces="text/plain")
def robots_txt(request: ApiRequest[None, Empty]) -> Answer:
    """Return the rules for crawlers."""
    del request
    return _answer(robots.robots_txt(settings().public_base_url, robots.crawlers()))


@routes.operation("GET", "/ai.txt", summary="What may be used to train AI, in Spawning's form", produces="text/plain")
def ai_txt(request: ApiRequest[None, Empty]) -> Answer:
    """Return the rules for those who make data sets."""
    del request
    return _answer(robots.ai_txt(settings().public_base_url))


@routes.operation(
    "GET", "/license.xml", summary="The licence of what is published, in RSL", produces="application/rsl+xml"
)
def license_xml(request: ApiRequest[None, Empty]) -> Answer:
    """Return the licence of each path."""
    del request
    return _answer(licence.license_xml(settings().contact))


@routes.operation("GET", "/.well-known/tdmrep.json", summary="Where text and data mining is reserved")
def tdmrep_json(request: ApiRequest[None, Empty]) -> Answer:
    """Return the reservation of each path."""
    del request
    return _answer(tdm.tdmrep_json(settings().public_base_url))


@routes.operation(
    "GET", "/policies/tdm.json", summary="Whom to ask before mining what is reserved", produces="application/ld+json"
)
def tdm_policy(request: ApiRequest[None, Empty]) -> Answer:
    """Return the policy that reserved files name."""
    del request
    return _answer(tdm.tdm_policy(settings().public_base_url, settings().contact))
