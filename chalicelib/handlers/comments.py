"""Comments below posts."""

from chalicelib.composition import allow, comment_service, run_once
from chalicelib.domain.allowances import COMMENTS, POSTS
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE, cache_headers
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.comments import (
    CommentAnswer,
    CommentList,
    CommentRequest,
    PinRequest,
    ThreadQuery,
    comment_answer,
    thread_answer,
)

routes = Routes(__name__, run_once, allow=allow)


@routes.operation(
    "GET",
    "/v1/posts/{post_id}/comments",
    summary="A post's comments, or the answers to one of them; pages may be short",
    auth="optional",
    query=ThreadQuery,
    answer=CommentList,
    errors=(400, 404),
)
def list_comments(request: ApiRequest[None, ThreadQuery], post_id: str) -> Answer:
    """Return a page of a thread, without those whom the asker blocked, muted, or was blocked by."""
    query = request.query
    scope = f"comments on {post_id}, answers to {query.parent_id}, {query.order} first, for {request.account_id}"
    thread = comment_service().thread(
        post_id,
        request.account_id,
        query.parent_id,
        newest_first=query.order == "newest",
        limit=query.limit,
        position=cursors.decode(scope, query.cursor),
    )
    cursor = cursors.encode(scope, thread.position)
    headers = {**cache_headers(request.account_id), **next_link(request.path, query, cursor)}
    return Answer(thread_answer(thread, cursor), headers=headers)


@routes.operation(
    "POST",
    "/v1/posts/{post_id}/comments",
    summary="Comment on a post, or answer a comment",
    auth="required",
    body=CommentRequest,
    answer=CommentAnswer,
    status=(201,),
    errors=(403, 404, 409),
    idempotent=True,
    limit=COMMENTS,
)
def write_comment(request: ApiRequest[CommentRequest, Empty], post_id: str) -> Answer:
    """Write a comment."""
    comment = comment_service().write(request.account, post_id, request.body.text, request.body.parent_id)
    return Answer(comment_answer(comment), status=201, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/comments/{comment_id}",
    summary="Delete an own comment, or one below an own post",
    auth="required",
    status=(204,),
    errors=(404,),
)
def delete_comment(request: ApiRequest[None, Empty], comment_id: str) -> Answer:
    """Delete a comment; one that was answered leaves its place, which says nothing."""
    comment_service().delete(comment_id, request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/posts/{post_id}/pinned_comment",
    summary="Have a comment stand first below an own post",
    auth="required",
    body=PinRequest,
    status=(204,),
    errors=(404,),
    limit=POSTS,
)
def pin_comment(request: ApiRequest[PinRequest, Empty], post_id: str) -> Answer:
    """Pin a comment in place of the one that was pinned before."""
    comment_service().pin(post_id, request.account, request.body.comment_id)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/posts/{post_id}/pinned_comment",
    summary="Have no comment stand first",
    auth="required",
    status=(204,),
    errors=(404,),
    limit=POSTS,
)
def unpin_comment(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Pin nothing."""
    comment_service().pin(post_id, request.account, None)
    return Answer(None, status=204, headers=PRIVATE)
