"""Pages for people: artists and posts, the same for everyone."""

from collections.abc import Mapping
from typing import Any

from chalicelib.composition import page_service
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handles import canonical
from chalicelib.http import cursors
from chalicelib.http.caching import PUBLIC, body_tag
from chalicelib.http.routing import PAGE, Answer, ApiRequest, Routes
from chalicelib.pages.document import Document
from chalicelib.pages.error import error_page
from chalicelib.pages.post import Shown, post_page
from chalicelib.pages.profile import Listing, profile_page
from chalicelib.pages.site import Site
from chalicelib.schemas.pages import PageAddress, ProfileAddress
from chalicelib.services.posts import PostView
from chalicelib.settings import settings

POSTS_A_PAGE = 24

_MOVED = {"Cache-Control": "public, max-age=3600, s-maxage=3600"}


def site() -> Site:
    """Return the addresses of this stage."""
    return Site(settings().public_base_url, settings().media_base_url)


def answer(document: Document) -> Answer:
    """Return a page as everyone may keep it for a minute."""
    headers = {**PUBLIC, **document.headers, "Content-Type": document.content_type}
    return Answer(document.text, headers=headers, etag=body_tag(document.text))


def _problem_page(problem: Mapping[str, Any]) -> Answer:
    document = error_page(site(), problem)
    return Answer(document.text, headers={**document.headers, "Content-Type": document.content_type})


routes = Routes(__name__, problem_page=_problem_page)


def handle_in(name: str) -> str:
    """Return the handle of an artist's address, ``@handle``.

    Raises:
        NotFoundError: it is another address.
    """
    if not name.startswith("@"):
        raise NotFoundError("There is no such page.")
    return canonical(name)


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
        return Answer(None, status=301, headers={**_MOVED, "Location": site().profile(handle)})
    show, after = request.query.show, request.query.after
    found = page_service().profile(
        handle,
        limit=POSTS_A_PAGE,
        portfolio=None if show is None else show == "portfolio",
        position=cursors.decode(_scope(handle, show), after),
    )
    cursor = cursors.encode(_scope(handle, "portfolio" if found.portfolio else "posts"), found.posts.page.position)
    listing = Listing(found.posts.page.cards, found.portfolio, cursor)
    return answer(profile_page(site(), found.view.profile, found.view.media, listing))


def _scope(handle: str, show: str | None) -> str:
    return f"page of {handle}, {show}"


@routes.operation("GET", "/posts/{post_id}", summary="A post's page", query=PageAddress, errors=(404,), produces=PAGE)
def post(request: ApiRequest[None, PageAddress], post_id: str) -> Answer:
    """Return a post's page."""
    del request
    found = page_service().post(post_id)
    return answer(post_page(site(), shown(found.view), shown(found.quoted) if found.quoted else None))


def shown(view: PostView) -> Shown:
    """Return a post that everyone may see, as pages take it."""
    if view.author is None:
        raise NotFoundError(f"There is no post {view.post.post_id}.")
    return Shown(view.post, view.author, view.media)
