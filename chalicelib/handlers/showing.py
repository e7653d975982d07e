"""What the routes of public pages share: addresses, who may keep an answer, and a post as pages take it."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handles import canonical
from chalicelib.http.caching import body_tag, public_until
from chalicelib.http.routing import Answer
from chalicelib.pages.document import Document
from chalicelib.pages.error import error_page
from chalicelib.pages.post import Shown
from chalicelib.pages.site import Site
from chalicelib.services.post_reading import PostView
from chalicelib.settings import settings

MOVED = {"Cache-Control": "public, max-age=3600, s-maxage=3600"}


def site() -> Site:
    """Return the addresses of this stage."""
    return Site(settings().public_base_url, settings().media_base_url)


def answer(document: Document, until: str | None = None) -> Answer:
    """Return a text as everyone may keep it for a minute, and not past a moment at which it is no more."""
    headers = {**public_until(until), **document.headers, "Content-Type": document.content_type}
    return Answer(document.text, headers=headers, etag=body_tag(document.text))


def problem_page(problem: Mapping[str, Any]) -> Answer:
    """Return a problem as a person sees it."""
    document = error_page(site(), problem)
    return Answer(document.text, headers={**document.headers, "Content-Type": document.content_type})


def handle_in(name: str) -> str:
    """Return the handle of an artist's address, ``@handle``.

    Raises:
        NotFoundError: it is another address.
    """
    if not name.startswith("@"):
        raise NotFoundError("There is no such page.")
    return canonical(name)


def shown(view: PostView) -> Shown:
    """Return a post that everyone may see, as pages take it.

    Raises:
        NotFoundError: its author is gone.
    """
    if view.author is None:
        raise NotFoundError(f"There is no post {view.post.post_id}.")
    return Shown(view.post, view.author, view.media)
