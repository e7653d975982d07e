"""Likes, bookmarks, reposts, and the lists of them."""

from collections.abc import Callable

from chalicelib.composition import addresses, allow, reaction_service
from chalicelib.domain.allowances import REACTIONS
from chalicelib.domain.handles import canonical
from chalicelib.domain.reactions import REACTION_KINDS, ReactionKind
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE, cache_headers
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.posts import CardList
from chalicelib.schemas.reactions import shared_cards_answer
from chalicelib.settings import settings

routes = Routes(__name__, allow=allow)

_SUMMARIES = {
    "like": ("Like a post", "Take a like back"),
    "bookmark": ("Keep a post among the own bookmarks", "Take a bookmark back"),
    "repost": ("Pass a public post on to those who follow you", "Take a repost back"),
}


def _putting(kind: ReactionKind) -> Callable[..., Answer]:
    def put(request: ApiRequest[None, Empty], post_id: str) -> Answer:
        reaction_service().put(kind, post_id, request.account)
        return Answer(None, status=204, headers=PRIVATE)

    put.__name__ = f"put_{kind}"
    return put


def _removing(kind: ReactionKind) -> Callable[..., Answer]:
    def remove(request: ApiRequest[None, Empty], post_id: str) -> Answer:
        reaction_service().remove(kind, post_id, request.account)
        return Answer(None, status=204, headers=PRIVATE)

    remove.__name__ = f"remove_{kind}"
    return remove


for _kind in REACTION_KINDS:
    _path, (_put, _remove) = f"/v1/posts/{{post_id}}/{_kind}", _SUMMARIES[_kind]
    routes.operation("PUT", _path, summary=_put, auth="required", status=(204,), errors=(404, 409), limit=REACTIONS)(
        _putting(_kind)
    )
    routes.operation("DELETE", _path, summary=_remove, auth="required", status=(204,), errors=(404,))(_removing(_kind))


def _list(request: ApiRequest[None, PageQuery], kind: ReactionKind) -> Answer:
    scope = f"{kind}s of {request.account}"
    position = cursors.decode(scope, request.query.cursor)
    listed = reaction_service().list_own(kind, request.account, limit=request.query.limit, position=position)
    cursor = cursors.encode(scope, listed.position)
    body = shared_cards_answer(listed, cursor, settings().media_base_url, addresses().to(request.account))
    return Answer(body, headers={**PRIVATE, **next_link(request.path, request.query, cursor)})


@routes.operation(
    "GET",
    "/v1/me/bookmarks",
    summary="The own bookmarks, newest first; pages may be short",
    auth="required",
    query=PageQuery,
    answer=CardList,
    errors=(400,),
)
def list_bookmarks(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of the posts that the account keeps, as far as it may see them now."""
    return _list(request, "bookmark")


@routes.operation(
    "GET",
    "/v1/me/likes",
    summary="What the account likes, newest first; pages may be short",
    auth="required",
    query=PageQuery,
    answer=CardList,
    errors=(400,),
)
def list_likes(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of the posts that the account likes, as far as it may see them now."""
    return _list(request, "like")


@routes.operation(
    "GET",
    "/v1/profiles/{handle}/reposts",
    summary="What an artist passed on, newest first; pages may be short",
    auth="optional",
    query=PageQuery,
    answer=CardList,
    errors=(400, 404),
)
def list_reposts(request: ApiRequest[None, PageQuery], handle: str) -> Answer:
    """Return a page of the posts that an artist reposted, as far as the asker may see them now."""
    name = canonical(handle)
    scope = f"reposts of {name} for {request.account_id}"
    position = cursors.decode(scope, request.query.cursor)
    listed = reaction_service().list_reposts(name, request.account_id, limit=request.query.limit, position=position)
    cursor = cursors.encode(scope, listed.position)
    body = shared_cards_answer(listed, cursor, settings().media_base_url, addresses().to(request.account_id))
    headers = {**cache_headers(request.account_id), **next_link(request.path, request.query, cursor)}
    return Answer(body, headers=headers)
