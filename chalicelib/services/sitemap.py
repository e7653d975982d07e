"""The sitemap: kept by what follows the changes of posts and profiles, read by its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain import clock, sitemap
from chalicelib.domain.changes import Change
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.noai import RESERVATIONS, strictest
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.domain.sitemap import FIRST_YEAR, MOST, SitemapEntry, SitemapPart
from chalicelib.services.ports import Clock, MediaStore, SitemapStore


@dataclass(frozen=True, slots=True)
class SitemapService:
    """Tells which pages there are."""

    store: SitemapStore
    now: Clock = clock.now

    def parts(self) -> list[SitemapPart]:
        """Return all parts, newest first."""
        years = range(self.now().year, FIRST_YEAR - 1, -1)
        return [part for year in years for part in self.store.parts(year)]

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
class PostsInSitemap:
    """Follows posts: public ones stand in the sitemap, unless a picture of theirs is not for search engines."""

    store: SitemapStore
    media: MediaStore

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Bring the sitemap up to date; a change that is told again changes nothing."""
        for change in changes:
            old, new = change.old, change.new
            if old and new and (old.listed, old.updated_at) == (new.listed, new.updated_at):
                continue
            if new is not None and self._stands(new):
                self.store.put([sitemap.of_post(new)])
            elif post := new or old:
                self.store.remove([sitemap.of_post(post)])

    def _stands(self, post: Post) -> bool:
        if not post.listed:
            return False
        media = self.media.get_many(post.media_ids) if post.media_ids else {}
        return not RESERVATIONS[strictest(each.data_mining for each in media.values())].search


@dataclass(frozen=True, slots=True)
class ProfilesInSitemap:
    """Follows profiles."""

    store: SitemapStore

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Bring the sitemap up to date; a change that is told again changes nothing."""
        for change in changes:
            old, new = change.old, change.new
            if new is None and old is not None:
                self.store.remove([sitemap.of_profile(old)])
            elif new is not None and (old is None or sitemap.of_profile(old) != sitemap.of_profile(new)):
                self.store.put([sitemap.of_profile(new)])
