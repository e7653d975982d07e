"""What the routes of public pages share: addresses, who may keep an answer, and a post as pages take it."""

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handles import canonical
from chalicelib.http.caching import PUBLIC, body_tag
from chalicelib.http.routing import Answer
from chalicelib.pages.document import Document
from chalicelib.pages.post import Shown
from chalicelib.pages.site import Site
from chalicelib.services.post_reading import PostView
from chalicelib.settings import settings

MOVED = {"Cache-Control": "public, max-age=3600, s-maxage=3600"}


def site() -> Site:
    """Return the addresses of this stage."""
    return Site(settings().public_base_url, settings().media_base_url)


def answer(document: Document) -> Answer:
    """Return a text as everyone may keep it for a minute."""
    headers = {**PUBLIC, **document.headers, "Content-Type": document.content_type}
    return Answer(document.text, headers=headers, etag=body_tag(document.text))


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
