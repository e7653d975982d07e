"""Posts and their lists."""

from chalicelib.composition import addresses, allow, pin_service, portfolio_service, post_reader, post_service, run_once
from chalicelib.domain.allowances import ORDERS, POSTS
from chalicelib.domain.handles import canonical
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE, cache_headers, seen_versions, version_tag
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.posts import (
    CardList,
    OwnPostsQuery,
    PortfolioOrder,
    PortfolioPlace,
    PostAnswer,
    PostChange,
    PostRequest,
    ProfilePostsQuery,
    author_answer,
    card_answer,
    post_answer,
)
from chalicelib.services.post_reading import PostPage, PostView
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)


def _answer(view: PostView, viewer: str | None, headers: dict[str, str], status: int = 200) -> Answer:
    body = post_answer(view, settings().media_base_url, addresses().to(viewer))
    # the author's name stands in it and changes without it: the tag names the version and what is shown
    tag = version_tag(view.post.version, body.model_dump(mode="json"))
    if view.post.state == "published":
        return Answer(body, status=status, headers=headers, etag=tag)
    # its pictures change without it: the tag serves If-Match, never a 304
    return Answer(body, status=status, headers={**headers, "ETag": tag})


def _page(
    request: ApiRequest[None, ProfilePostsQuery] | ApiRequest[None, OwnPostsQuery],
    scope: str,
    listed: PostPage,
    headers: dict[str, str],
) -> Answer:
    author, seen = author_answer(listed.author), addresses().to(request.account_id)
    protected = listed.author.fields.protected
    items = [
        card_answer(card, author, settings().media_base_url, seen, protected=protected) for card in listed.page.cards
    ]
    cursor = cursors.encode(scope, listed.page.position)
    return Answer(
        CardList(items=items, next_cursor=cursor),
        headers={**headers, **next_link(request.path, request.query, cursor)},
    )


@routes.operation(
    "POST",
    "/v1/posts",
    summary="Make a post: now, later, or as a draft",
    auth="required",
    body=PostRequest,
    answer=PostAnswer,
    status=(201,),
    errors=(409, 429),
    idempotent=True,
    limit=POSTS,
)
def create_post(request: ApiRequest[PostRequest, Empty]) -> Answer:
    """Make a post; it publishes itself once its pictures are ready."""
    view = post_service().create(
        request.account, request.body.to_domain(), request.body.publish_at(), request.body.choice()
    )
    return _answer(view, request.account, {**PRIVATE, "Location": f"/v1/posts/{view.post.post_id}"}, 201)


@routes.operation("GET", "/v1/posts/{post_id}", summary="A post", auth="optional", answer=PostAnswer, errors=(404,))
def get_post(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Return a post to those who may see it."""
    view = post_reader().get(post_id, request.account_id)
    return _answer(view, request.account_id, cache_headers(request.account_id))


@routes.operation(
    "PATCH",
    "/v1/posts/{post_id}",
    summary="Change a post",
    auth="required",
    body=PostChange,
    answer=PostAnswer,
    errors=(404, 409, 412, 429),
    limit=POSTS,
)
def change_post(request: ApiRequest[PostChange, Empty], post_id: str) -> Answer:
    """Change what the body names and leave the rest."""
    changes, publish = request.body.to_domain()
    versions = seen_versions(request.headers) or set()
    choice = request.body.choice()
    view = post_service().change(post_id, request.account, changes, publish, versions, choice=choice)
    return _answer(view, request.account, PRIVATE)


@routes.operation(
    "DELETE", "/v1/posts/{post_id}", summary="Delete a post", auth="required", status=(204,), errors=(404, 412)
)
def delete_post(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Delete a post and withdraw its pictures from the CDN."""
    post_service().delete(post_id, request.account, seen_versions(request.headers) or set())
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/profiles/{handle}/posts",
    summary="An artist's posts, newest first",
    auth="optional",
    query=ProfilePostsQuery,
    answer=CardList,
    errors=(400, 404),
)
def list_posts(request: ApiRequest[None, ProfilePostsQuery], handle: str) -> Answer:
    """Return a page of what the asker may see of an artist's published posts."""
    name, query = canonical(handle), request.query
    scope = f"posts of {name}, portfolio {query.portfolio}, AI {query.ai}, for {request.account_id}"
    listed = post_reader().list_by_handle(
        name,
        request.account_id,
        portfolio=query.portfolio,
        limit=query.limit,
        position=cursors.decode(scope, query.cursor),
        without_ai=query.ai == "exclude",
    )
    return _page(request, scope, listed, cache_headers(request.account_id))


@routes.operation(
    "GET",
    "/v1/me/posts",
    summary="The own posts in every state, newest first",
    auth="required",
    query=OwnPostsQuery,
    answer=CardList,
    errors=(400, 404),
)
def list_own_posts(request: ApiRequest[None, OwnPostsQuery]) -> Answer:
    """Return a page of the account's own posts, drafts included."""
    query = request.query
    scope = f"own posts of {request.account}, state {query.state}"
    listed = post_reader().list_own(
        request.account, query.state, limit=query.limit, position=cursors.decode(scope, query.cursor)
    )
    return _page(request, scope, listed, PRIVATE)


@routes.operation(
    "PUT",
    "/v1/posts/{post_id}/pin",
    summary="Have an own post stand first on the own profile",
    auth="required",
    status=(204,),
    errors=(404, 409),
)
def pin_post(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Pin a published post, up to three at a time."""
    pin_service().pin(request.account, post_id)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/posts/{post_id}/pin",
    summary="Take an own post from its place on the own profile",
    auth="required",
    status=(204,),
    errors=(404,),
)
def unpin_post(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Unpin a post, whatever became of it."""
    pin_service().unpin(request.account, post_id)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/me/portfolio/order",
    summary="Have own posts stand first in the portfolio, in this order",
    auth="required",
    body=PortfolioOrder,
    status=(204,),
    limit=ORDERS,
)
def order_portfolio(request: ApiRequest[PortfolioOrder, Empty]) -> Answer:
    """Put some posts in order before the others, which keep theirs: those ordered before, then the newest."""
    portfolio_service().order(request.account, request.body.posts)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/posts/{post_id}/portfolio_place",
    summary="Have an own post stand right before or after another one in the portfolio",
    auth="required",
    body=PortfolioPlace,
    status=(204,),
    errors=(404, 409, 412),
    limit=ORDERS,
)
def move_in_portfolio(request: ApiRequest[PortfolioPlace, Empty], post_id: str) -> Answer:
    """Move one post and no other; with If-Match, only as the client has seen it."""
    place, versions = request.body, seen_versions(request.headers) or set()
    neighbour = place.before or place.after or ""
    portfolio_service().move(post_id, request.account, neighbour, versions, before=place.before is not None)
    return Answer(None, status=204, headers=PRIVATE)
