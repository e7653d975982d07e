"""What concerns whoever looks: their own state beside what everyone sees, and that something was looked at."""

from chalicelib.composition import view_counter, viewer_state_service
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import is_id
from chalicelib.http.caching import PRIVATE
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.viewer_state import ViewerStateAnswer, ViewerStateRequest, viewer_state_answer

routes = Routes(__name__)


@routes.operation(
    "POST",
    "/v1/viewer_state",
    summary="What the account did with some posts, and is to some people",
    auth="required",
    body=ViewerStateRequest,
    answer=ViewerStateAnswer,
)
def get_viewer_state(request: ApiRequest[ViewerStateRequest, Empty]) -> Answer:
    """Return what a page shows of its reader; cacheable answers carry none of it."""
    body = request.body
    state = viewer_state_service().of(request.account, body.posts, body.canonical_handles())
    return Answer(viewer_state_answer(state), headers=PRIVATE)


@routes.operation(
    "POST", "/v1/posts/{post_id}/views", summary="Tell that a post was shown", status=(204,), errors=(404,)
)
def count_view(request: ApiRequest[None, Empty], post_id: str) -> Answer:
    """Count that a client showed a post. Nothing is kept of who looked, and so nobody is told from anybody.

    Whether there is such a post is not said: views of one that is not there are forgotten.
    """
    del request
    if not is_id(post_id):
        raise NotFoundError(f"There is no post {post_id}.")
    view_counter().add_views(post_id)
    return Answer(None, status=204, headers=PRIVATE)
