"""Pages for people: artists and posts, the same for everyone."""

from chalicelib.composition import page_service
from chalicelib.handlers.showing import MOVED, answer, handle_in, problem_page, shown, site
from chalicelib.http import cursors
from chalicelib.http.routing import PAGE, Answer, ApiRequest, Routes
from chalicelib.pages.post import post_page
from chalicelib.pages.profile import Listing, profile_page
from chalicelib.schemas.pages import PageAddress, ProfileAddress

POSTS_A_PAGE = 24

routes = Routes(__name__, problem_page=problem_page)


@routes.operation(
    "GET",
    "/{name}",
    summary="An artist's page: /@handle",
    query=ProfileAddress,
    status=(200, 301),
    errors=(400, 404),
    produces=PAGE,
)
def profile(request: ApiRequest[None, ProfileAddress], name: str) -> Answer:
    """Return an artist's page; other spellings of the handle lead to it."""
    handle = handle_in(name)
    if name != f"@{handle}":
        page_service().profile(handle, limit=1)  # nothing is said of names that are nobody's
        return Answer(None, status=301, headers={**MOVED, "Location": site().profile(handle)})
    show, after = request.query.show, request.query.after
    found = page_service().profile(
        handle,
        limit=POSTS_A_PAGE,
        portfolio=None if show is None else show == "portfolio",
        position=cursors.decode(_scope(handle, show), after),
    )
    cursor = cursors.encode(_scope(handle, "portfolio" if found.portfolio else "posts"), found.posts.page.position)
    listing = Listing(found.posts.page.cards, found.portfolio, cursor, () if after else found.view.pinned)
    return answer(profile_page(site(), found.view.profile, found.view.media, listing, found.counters))


def _scope(handle: str, show: str | None) -> str:
    return f"page of {handle}, {show}"


@routes.operation("GET", "/posts/{post_id}", summary="A post's page", query=PageAddress, errors=(404,), produces=PAGE)
def post(request: ApiRequest[None, PageAddress], post_id: str) -> Answer:
    """Return a post's page."""
    del request
    found = page_service().post(post_id)
    quoted = shown(found.quoted) if found.quoted else None
    return answer(post_page(site(), shown(found.view), quoted, found.counters))
