"""The home feed."""

from chalicelib.composition import addresses, home_service
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import Paging, scope_of
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
    query = request.query
    pages = Paging(request, scope_of(request.account_id, query, "feed"), _PLACE)
    page = home_service().page(request.account, query.wishes, limit=query.limit, position=pages.position)
    items = [
        shared_card_answer(shared, settings().media_base_url, addresses().to(request.account)) for shared in page.cards
    ]
    return pages.answer(FeedList, items, page.position, PRIVATE, complete=page.complete)
