"""What everyone sees who comes without an account: pages, feeds, previews elsewhere."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain.counters import PostCounters, ProfileCounters
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile, Work
from chalicelib.services.ports import PostStore
from chalicelib.services.post_reading import PostPage, PostReader, PostView
from chalicelib.services.profiles import ProfileService, ProfileView

STRANGER = None
"""Whoever is signed in elsewhere: pages are everyone's, and carry nothing of who looks at them."""


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """An artist and some of their posts: those of the portfolio, or all."""

    view: ProfileView
    posts: PostPage
    portfolio: bool
    counters: ProfileCounters


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A post, and what it quotes where everyone may see that as well."""

    view: PostView
    quoted: PostView | None
    counters: PostCounters


@dataclass(frozen=True, slots=True)
class Newest:
    """An artist's newest public posts: their cards, newest first, and the posts, in no order."""

    author: Profile
    cards: Sequence[Card]
    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class PageService:
    """Asks the services of posts and profiles as a stranger would: what they keep back, pages keep back as well."""

    profiles: ProfileService
    posts: PostReader
    store: PostStore

    def profile(
        self, handle: str, *, limit: int, portfolio: bool | None = None, position: str | None = None
    ) -> PublicProfile:
        """Return an artist by a canonical handle, with a page of their posts.

        ``portfolio`` None shows the portfolio where there is anything in it, and all posts where there is not.

        Raises:
            NotFoundError: there is no such artist.
        """
        view = _without_secrets(self.profiles.get_by_handle(handle))
        wanted = portfolio is not False
        listed = self._list(handle, wanted, limit, position)
        if portfolio is None and not listed.page.cards:
            wanted, listed = False, self._list(handle, portfolio=False, limit=limit, position=None)
        return PublicProfile(view, listed, wanted, view.counters)

    def post(self, post_id: str) -> PublicPost:
        """Return a post.

        Raises:
            NotFoundError: there is none that everyone may see.
        """
        view = self._shown(post_id)
        quoted = None
        if view.post.fields.quote_post_id:
            with suppress(NotFoundError):
                quoted = self._shown(view.post.fields.quote_post_id)
        return PublicPost(view, quoted, view.counters)

    def newest(self, handle: str, limit: int) -> Newest:
        """Return an artist's newest posts, whole; one that was hidden since may be among them, and says so.

        Raises:
            NotFoundError: there is no such artist.
        """
        listed = self._list(handle, portfolio=False, limit=limit, position=None)
        ids = [card.post_id for card in listed.page.cards]
        return Newest(listed.author, listed.page.cards, self.store.get_many(ids) if ids else [])

    def _shown(self, post_id: str) -> PostView:
        view = self.posts.get(post_id, STRANGER)
        protected = view.author is not None and view.author.fields.protected
        if view.author is None or not view.post.visible_to(STRANGER, protected=protected):
            raise NotFoundError(f"There is no post {post_id}.")
        return view

    def _list(self, handle: str, portfolio: bool, limit: int, position: str | None) -> PostPage:  # noqa: FBT001
        found = self.posts.list_by_handle(handle, STRANGER, portfolio=portfolio, limit=limit, position=position)
        return PostPage(found.author, NOTHING) if found.author.fields.protected else found


def _without_secrets(view: ProfileView) -> ProfileView:
    """Return a profile as strangers see it: without an availability that is for verified studios alone."""
    if view.works:
        return view
    fields = view.profile.fields
    return replace(view, profile=replace(view.profile, fields=replace(fields, availability=None, work=Work())))


@dataclass(frozen=True, slots=True)
class _Nothing:
    """A page of no cards."""

    cards: tuple[Card, ...] = ()
    position: str | None = None


NOTHING = _Nothing()
"""What a protected artist shows to strangers."""
