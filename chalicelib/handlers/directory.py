"""What everyone can find: the latest posts, discovery, posts of a tag, and search."""

from chalicelib.composition import directory_service, discovery_service
from chalicelib.domain.search import asked
from chalicelib.http import cursors
from chalicelib.http.caching import cache_headers
from chalicelib.http.paging import next_link, position_in, scope_of
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.directory import FoundQuery, SearchQuery
from chalicelib.schemas.posts import CardList, shared_card_answer
from chalicelib.services.ports import SharedCardPage
from chalicelib.settings import settings

routes = Routes(__name__)

_PLACE = r"\d{4}-\d\d-\d\d(?:~|T[\d:.]+Z#\w{1,40})?"
_PLACE_OF_TERM = rf"[0-7]\|(?:\d{{4}}~|{_PLACE})"
_PLACE_ON_THE_RING = r"[0-9a-f]{1,20}\|[0-9a-f]{1,20}\|[01]"


def page_of(request: ApiRequest[None, FoundQuery], scope: str, page: SharedCardPage) -> Answer:
    """Answer with a page of posts by several artists."""
    cursor = cursors.encode(scope, page.position)
    items = [shared_card_answer(shared, settings().media_base_url) for shared in page.cards]
    headers = {**cache_headers(request.account_id), **next_link(request.path, request.query, cursor)}
    return Answer(CardList(items=items, next_cursor=cursor), headers=headers)


@routes.operation(
    "GET",
    "/v1/latest",
    summary="All public posts, newest first",
    auth="optional",
    query=FoundQuery,
    answer=CardList,
    errors=(400,),
)
def latest(request: ApiRequest[None, FoundQuery]) -> Answer:
    """Return a page of the latest posts; it may be short where a day ends."""
    scope, query = scope_of(request.account_id, request.query, "latest"), request.query
    position = position_in(scope, query.cursor, _PLACE)
    page = directory_service().latest(request.account_id, query.wishes, limit=query.limit, position=position)
    return page_of(request, scope, page)


@routes.operation(
    "GET",
    "/v1/discover",
    summary="Artists' newest posts, dealt in turn: nobody twice before everybody once",
    auth="optional",
    query=FoundQuery,
    answer=CardList,
    errors=(400,),
)
def discover(request: ApiRequest[None, FoundQuery]) -> Answer:
    """Return a page of recent posts, one an artist; it begins elsewhere each minute, and following it leads around."""
    scope, query = scope_of(request.account_id, request.query, "discover"), request.query
    position = position_in(scope, query.cursor, _PLACE_ON_THE_RING)
    page = discovery_service().page(request.account_id, query.wishes, limit=query.limit, position=position)
    return page_of(request, scope, page)


@routes.operation(
    "GET",
    "/v1/tags/{tag}/posts",
    summary="Public posts with a tag, newest first",
    auth="optional",
    query=FoundQuery,
    answer=CardList,
    errors=(400,),
)
def of_tag(request: ApiRequest[None, FoundQuery], tag: str) -> Answer:
    """Return a page of the posts that bear a tag."""
    return _found(request, asked("", tag=tag))


@routes.operation(
    "GET",
    "/v1/search",
    summary="Public posts by words, medium, software, category and tag, newest first",
    auth="optional",
    query=SearchQuery,
    answer=CardList,
    errors=(400,),
)
def search(request: ApiRequest[None, SearchQuery]) -> Answer:
    """Return a page of the posts that all of what is asked for finds; it may be short, and even empty."""
    query = request.query
    terms = asked(query.q, tag=query.tag, medium=query.medium, software=query.software, category=query.category)
    return _found(request, terms)


def _found(request: ApiRequest[None, FoundQuery], terms: tuple[str, ...]) -> Answer:
    scope, query = scope_of(request.account_id, request.query, f"search {terms}"), request.query
    position = position_in(scope, query.cursor, _PLACE_OF_TERM)
    page = directory_service().search(terms, request.account_id, query.wishes, limit=query.limit, position=position)
    return page_of(request, scope, page)
