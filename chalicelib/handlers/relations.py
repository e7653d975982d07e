"""Following, blocking and muting, and the lists of it."""

from chalicelib.composition import allow, relation_service
from chalicelib.domain.allowances import RELATIONS
from chalicelib.domain.handles import canonical
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE, cache_headers
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.people import (
    FollowAnswer,
    PersonList,
    RelatedList,
    person_answer,
    related_answer,
)
from chalicelib.services.relations import OwnList, PublicList
from chalicelib.settings import settings

routes = Routes(__name__, allow=allow)

_DONE = Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/profiles/{handle}/follow",
    summary="Follow an artist, or ask a protected one",
    auth="required",
    answer=FollowAnswer,
    status=(204, 202),
    errors=(404, 409),
    limit=RELATIONS,
)
def follow(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Follow: 204 once the account does, 202 while a protected profile has yet to answer."""
    state = relation_service().follow(request.account, canonical(handle))
    return _DONE if state == "following" else Answer(FollowAnswer(state=state), status=202, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/profiles/{handle}/follow",
    summary="Follow an artist no longer, or ask no longer to",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def unfollow(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """End a follow or a request."""
    relation_service().unfollow(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "PUT",
    "/v1/profiles/{handle}/block",
    summary="Block somebody: neither finds the other any more, follows end",
    auth="required",
    status=(204,),
    errors=(404, 409),
    limit=RELATIONS,
)
def block(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Part the account and another."""
    relation_service().block(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "DELETE",
    "/v1/profiles/{handle}/block",
    summary="Block somebody no longer; follows do not come back",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def unblock(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Take a block back."""
    relation_service().unblock(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "PUT",
    "/v1/profiles/{handle}/mute",
    summary="Leave somebody out of the own lists",
    auth="required",
    status=(204,),
    errors=(404, 409),
    limit=RELATIONS,
)
def mute(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Mute somebody; they are not told."""
    relation_service().mute(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "DELETE",
    "/v1/profiles/{handle}/mute",
    summary="Mute somebody no longer",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def unmute(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Take a mute back."""
    relation_service().unmute(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "GET",
    "/v1/profiles/{handle}/followers",
    summary="Who follows an artist, newest first",
    auth="optional",
    query=PageQuery,
    answer=PersonList,
    errors=(400, 404),
)
def list_followers(request: ApiRequest[None, PageQuery], handle: str) -> Answer:
    """Return a page of followers."""
    return _public_list(request, canonical(handle), "followers")


@routes.operation(
    "GET",
    "/v1/profiles/{handle}/following",
    summary="Whom an artist follows, newest first",
    auth="optional",
    query=PageQuery,
    answer=PersonList,
    errors=(400, 404),
)
def list_following(request: ApiRequest[None, PageQuery], handle: str) -> Answer:
    """Return a page of those whom an artist follows."""
    return _public_list(request, canonical(handle), "following")


@routes.operation(
    "GET",
    "/v1/me/follow_requests",
    summary="Who asks to follow, newest first",
    auth="required",
    query=PageQuery,
    answer=RelatedList,
    errors=(400,),
)
def list_requests(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of requests that wait for an answer."""
    return _own_list(request, "follow_requests")


@routes.operation(
    "PUT",
    "/v1/me/follow_requests/{handle}",
    summary="Let somebody follow who asked to",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def accept_request(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Accept a request."""
    relation_service().accept(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "DELETE",
    "/v1/me/follow_requests/{handle}",
    summary="Refuse a request to follow",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def refuse_request(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Refuse a request; who asked is not told."""
    relation_service().refuse(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "DELETE",
    "/v1/me/followers/{handle}",
    summary="Have somebody follow no longer",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def remove_follower(request: ApiRequest[None, Empty], handle: str) -> Answer:
    """Remove a follower; they are not told."""
    relation_service().remove_follower(request.account, canonical(handle))
    return _DONE


@routes.operation(
    "GET",
    "/v1/me/blocks",
    summary="Whom the account blocks, newest first",
    auth="required",
    query=PageQuery,
    answer=RelatedList,
    errors=(400,),
)
def list_blocks(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of those whom the account blocks."""
    return _own_list(request, "blocks")


@routes.operation(
    "GET",
    "/v1/me/mutes",
    summary="Whom the account mutes, newest first",
    auth="required",
    query=PageQuery,
    answer=RelatedList,
    errors=(400,),
)
def list_mutes(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of those whom the account mutes."""
    return _own_list(request, "mutes")


def _public_list(request: ApiRequest[None, PageQuery], handle: str, which: PublicList) -> Answer:
    scope = f"{which} of {handle} for {request.account_id or 'strangers'}"
    page = relation_service().public_list(
        handle,
        which,
        request.account_id,
        limit=request.query.limit,
        position=cursors.decode(scope, request.query.cursor),
    )
    people = [each.account if which == "followers" else each.other for each in page.relations]
    items = [person_answer(each, settings().media_base_url) for each in people if each]
    cursor = cursors.encode(scope, page.position)
    headers = {**cache_headers(request.account_id), **next_link(request.path, request.query, cursor)}
    return Answer(PersonList(items=items, next_cursor=cursor), headers=headers)


def _own_list(request: ApiRequest[None, PageQuery], which: OwnList) -> Answer:
    scope = f"{which} of {request.account}"
    position = cursors.decode(scope, request.query.cursor)
    page = relation_service().own_list(request.account, which, limit=request.query.limit, position=position)
    people = [(each, each.account if which == "follow_requests" else each.other) for each in page.relations]
    items = [related_answer(each, person, settings().media_base_url) for each, person in people if person]
    cursor = cursors.encode(scope, page.position)
    headers = {**PRIVATE, **next_link(request.path, request.query, cursor)}
    return Answer(RelatedList(items=items, next_cursor=cursor), headers=headers)
