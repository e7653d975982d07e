"""The sitemap: brought up to date by errands that the changes of posts and profiles put, read by its page.

An errand goes by what is stored when it runs, and looks again afterwards: whatever order errands run in, and however
often, the last word is never older than the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain import clock, sitemap
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.noai import RESERVATIONS, strictest
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.domain.sitemap import FIRST_YEAR, MOST, SitemapEntry, SitemapPart
from chalicelib.services.listing import differs
from chalicelib.services.ports import Clock, ErrandQueue, MediaStore, PostStore, ProfileStore, SitemapStore

MAP_POST = "map-post"
MAP_ARTIST = "map-artist"

_BORN = "born_at"
_WITH_POSTS = "with_posts"

_ARTISTS_POSTS = 10
"""Posts of an artist that one piece of an errand looks at: each is some three reads and a write."""


@dataclass(frozen=True, slots=True)
class SitemapService:
    """Tells which pages there are.

    Attributes:
        days: how far back a page can be that is still there; None for those that stay.
    """

    store: SitemapStore
    now: Clock = clock.now
    days: int | None = None

    def parts(self) -> list[SitemapPart]:
        """Return all parts, newest first."""
        oldest = f"{self.now() - timedelta(days=self.days):%Y-%m-%d}" if self.days is not None else f"{FIRST_YEAR}"
        years = range(self.now().year, int(oldest[:4]) - 1, -1)
        return [part for year in years for part in self.store.parts(year) if part.day >= oldest]

    def entries(self, part: SitemapPart) -> list[SitemapEntry]:
        """Return the pages of one part.

        Raises:
            NotFoundError: there are none.
        """
        found = self.store.entries(part, MOST)
        if not found:
            raise NotFoundError("There is no such part of the sitemap.")
        return found


@dataclass(frozen=True, slots=True)
class SitemapUpkeep:
    """Puts pages into the sitemap, and takes them from it: what errands do."""

    store: SitemapStore
    posts: PostStore
    profiles: ProfileStore
    media: MediaStore

    def map_post(self, errand: Errand) -> Errand | None:
        """Bring the page of one post, the errand's subject, to where it belongs now; once more if it changed."""
        post = self.posts.get(errand.subject, consistent=True)
        author = self.profiles.get(post.author_id) if post else None
        if post is not None and self._stands(post, author):
            self.store.put([sitemap.of_post(post)])
        else:
            self.store.remove([sitemap.post_at(errand.subject, errand.arguments[_BORN])])
        now = self.posts.get(errand.subject, consistent=True)
        again = self.profiles.get(post.author_id) if post else None
        same = (post and post.version, author and author.version) == (now and now.version, again and again.version)
        return None if same else errand

    def map_artist(self, errand: Errand) -> Errand | None:
        """Bring an artist's page to where it belongs now, and where it matters to them the pages of their posts."""
        if errand.cursor is None:
            profile = self._map_profile(errand)
            if self.profiles.get(errand.subject) != profile:
                return errand
        if _WITH_POSTS not in errand.arguments:
            return None
        page = self.posts.own_cards(
            errand.subject, lambda card: card.state == "published", limit=_ARTISTS_POSTS, position=errand.cursor
        )
        for card in page.cards:
            left: Errand | None = _post_errand(card.post_id, card.created_at)
            while left is not None:
                left = self.map_post(left)
        return replace(errand, cursor=page.position) if page.position else None

    def _map_profile(self, errand: Errand) -> Profile | None:
        profile = self.profiles.get(errand.subject)
        if profile is not None and not profile.fields.protected:
            self.store.put([sitemap.of_profile(profile)])
        else:
            self.store.remove([sitemap.artist_at(errand.subject, errand.arguments[_BORN])])
        return profile

    def _stands(self, post: Post, author: Profile | None) -> bool:
        """Tell whether everyone may see a post, and search engines may list every picture of it."""
        if not post.listed or author is None or author.fields.protected:
            return False
        media = self.media.get_many(post.media_ids) if post.media_ids else {}
        return not RESERVATIONS[strictest(each.data_mining for each in media.values())].search


def _post_errand(post_id: str, born_at: str) -> Errand:
    return Errand(MAP_POST, post_id, arguments={_BORN: born_at})


@dataclass(frozen=True, slots=True)
class PostsMapped:
    """Follows the changes of posts."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Have the pages of posts mapped that are public, or were, each once."""
        told = [each for change in changes if differs(change) for each in (change.old, change.new)]
        born = {post.post_id: post.created_at for post in told if post and post.listed}
        self.queue.put_all(_post_errand(post_id, born_at) for post_id, born_at in born.items())


@dataclass(frozen=True, slots=True)
class ArtistsMapped:
    """Follows the changes of profiles."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have the pages of artists mapped whose address or age changed; of the protected, those of their posts."""
        for old, new in ((change.old, change.new) for change in changes):
            told = new or old
            if told is None or (old and new and _known_of(old) == _known_of(new)):
                continue
            turned = old is not None and new is not None and old.fields.protected != new.fields.protected
            arguments = {_BORN: told.created_at} | ({_WITH_POSTS: "yes"} if turned else {})
            self.queue.put(Errand(MAP_ARTIST, told.account_id, arguments=arguments))


def _known_of(profile: Profile) -> tuple[SitemapEntry, bool]:
    return sitemap.of_profile(profile), profile.fields.protected
