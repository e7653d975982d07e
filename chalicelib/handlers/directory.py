"""What everyone can find: the latest posts, discovery, posts of a tag, and search."""

from chalicelib.composition import directory_service, discovery_service, finding_service
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.search import asked, named
from chalicelib.domain.taxonomy import slug
from chalicelib.http.caching import cache_headers
from chalicelib.http.paging import Paging, scope_of
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.directory import FoundList, FoundQuery, SearchQuery
from chalicelib.schemas.people import person_answer
from chalicelib.schemas.posts import CardList, shared_card_answer
from chalicelib.services.ports import SharedCardPage
from chalicelib.settings import settings

routes = Routes(__name__)

_PLACE = r"\d{4}-\d\d-\d\d(?:~|T[\d:.]+Z#\w{1,40})?"
_PLACE_OF_TERM = rf"[0-7]\|(?:\d{{4}}~|{_PLACE})"
_PLACE_AMONG_PEOPLE = r"[^#]{1,120}#[\w-]{1,60}"
_PLACE_ON_THE_RING = r"[0-9a-f]{1,20}\|[0-9a-f]{1,20}\|[01]"


def page_of(pages: Paging[FoundQuery], page: SharedCardPage) -> Answer:
    """Answer with a page of posts by several artists."""
    items = [shared_card_answer(shared, settings().media_base_url) for shared in page.cards]
    return pages.answer(CardList, items, page.position, cache_headers(pages.request.account_id))


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
    query = request.query
    pages = Paging(request, scope_of(request.account_id, query, "latest"), _PLACE)
    page = directory_service().latest(request.account_id, query.wishes, limit=query.limit, position=pages.position)
    return page_of(pages, page)


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
    query = request.query
    pages = Paging(request, scope_of(request.account_id, query, "discover"), _PLACE_ON_THE_RING)
    page = discovery_service().page(request.account_id, query.wishes, limit=query.limit, position=pages.position)
    return page_of(pages, page)


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
    summary="Public posts by words, medium, software, category and tag, newest first; or people by their names",
    auth="optional",
    query=SearchQuery,
    answer=FoundList,
    errors=(400,),
)
def search(request: ApiRequest[None, SearchQuery]) -> Answer:
    """Return a page of what all of it finds; it may be short, and even empty."""
    query = request.query
    if query.type == "profiles":
        return _people(request)
    terms = asked(query.q, tag=query.tag, medium=query.medium, software=query.software, category=query.category)
    return _found(request, terms)


def _people(request: ApiRequest[None, SearchQuery]) -> Answer:
    query, words = request.query, named(request.query.q)
    for field, value in (("tag", query.tag), ("category", query.category)):
        if value is not None:
            raise InvalidError.of(field, "is nothing that people are found by")
    medium, software = (slug(each) if each else None for each in (query.medium, query.software))
    scope = f"people {words}, {medium}, {software} for {request.account_id}"
    pages = Paging(request, scope, _PLACE_AMONG_PEOPLE)
    page = finding_service().find(
        words,
        request.account_id,
        medium=medium,
        software=software,
        limit=query.limit,
        position=pages.position,
    )
    items = [person_answer(found.person, settings().media_base_url) for found in page.people]
    return pages.answer(FoundList, items, page.position, cache_headers(request.account_id))


def _found(request: ApiRequest[None, FoundQuery], terms: tuple[str, ...]) -> Answer:
    query = request.query
    pages = Paging(request, scope_of(request.account_id, query, f"search {terms}"), _PLACE_OF_TERM)
    page = directory_service().search(
        terms, request.account_id, query.wishes, limit=query.limit, position=pages.position
    )
    return page_of(pages, page)
