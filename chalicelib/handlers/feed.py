"""The home feed."""

from chalicelib.composition import addresses, home_service
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link, position_in, scope_of
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.directory import FeedList, FeedQuery
from chalicelib.schemas.posts import shared_card_answer
from chalicelib.settings import settings

routes = Routes(__name__)

_PLACE = r"[\d:.TZ-]{10,24}(?:~|#\w{1,40})?\|(?:[\w-]{4}){0,400}(?:[\w-]{2}==|[\w-]{3}=)?"
"""A position, and the hubs that the reader follows in base 64."""


@routes.operation(
    "GET",
    "/v1/feed",
    summary="Posts of whom I follow, newest first, and nothing else",
    auth="required",
    query=FeedQuery,
    answer=FeedList,
    errors=(400,),
)
def feed(request: ApiRequest[None, FeedQuery]) -> Answer:
    """Return a page of the account's home feed, its own posts among them."""
    scope, query = scope_of(request.account_id, request.query, "feed"), request.query
    position = position_in(scope, query.cursor, _PLACE)
    page = home_service().page(request.account, query.wishes, limit=query.limit, position=position)
    cursor = cursors.encode(scope, page.position)
    items = [
        shared_card_answer(shared, settings().media_base_url, addresses().to(request.account)) for shared in page.cards
    ]
    body = FeedList(items=items, next_cursor=cursor, complete=page.complete)
    return Answer(body, headers={**PRIVATE, **next_link(request.path, query, cursor)})
