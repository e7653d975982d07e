"""The registry of works, for those who build data sets, and matches, for artists."""

from chalicelib.composition import registry_service, work_service
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.registry import (
    KEPT_SECONDS,
    LookupAnswer,
    LookupRequest,
    MatchList,
    RegisteredAnswer,
    match_list,
    registered_answer,
)
from chalicelib.settings import settings

routes = Routes(__name__)

_KEPT = {"Cache-Control": f"public, max-age={KEPT_SECONDS}, s-maxage={KEPT_SECONDS}"}


@routes.operation(
    "POST",
    "/v1/registry/lookup",
    summary="Whether hashes are those of registered works, and what may be done with them",
    auth="optional",
    body=LookupRequest,
    answer=LookupAnswer,
    errors=(401, 429),
)
def look_up(request: ApiRequest[LookupRequest, Empty]) -> Answer:
    """Answer for up to a hundred hashes; how often, the headers of the answer say."""
    found, allowance = registry_service().lookup(request.body.hashes, request.account_id, request.client)
    items = [registered_answer(each, settings().public_base_url) for each in found]
    return Answer(LookupAnswer(items=items, max_age=KEPT_SECONDS), headers={**PRIVATE, **allowance.headers})


@routes.operation(
    "GET", "/v1/registry/{hash}", summary="The same for one hash, from the CDN's cache", answer=RegisteredAnswer
)
def get_registered(request: ApiRequest[None, Empty], hash: str) -> Answer:  # noqa: A002  the path's own parameter
    """Answer for one hash, the same for everybody and kept for an hour."""
    del request
    (found,) = registry_service().find([hash.lower()])
    return Answer(registered_answer(found, settings().public_base_url), headers=_KEPT)


@routes.operation(
    "GET",
    "/v1/me/matches",
    summary="Own pictures that are near another artist's, newest first",
    auth="required",
    query=PageQuery,
    answer=MatchList,
    errors=(400,),
)
def list_matches(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of matches: which picture, which other one as far as it is public, and whose was first."""
    query = request.query
    scope = f"matches of {request.account}"
    views = work_service().list_matches(
        request.account, limit=query.limit, position=cursors.decode(scope, query.cursor)
    )
    cursor = cursors.encode(scope, views.position)
    return Answer(match_list(views, cursor), headers={**PRIVATE, **next_link(request.path, query, cursor)})
