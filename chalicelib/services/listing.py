"""Keeping the directory true: what changes of a post or of its author's name is carried to wherever it is found.

Changes come from the streams and are made good by errands. Each errand goes by what is stored when it runs, and looks
again afterwards: whatever order errands run in, and however often, the last word is never older than the post.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.listings import Listing, listing_of
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.services.cards import card_author
from chalicelib.services.ports import Directory, ErrandQueue, PostStore, ProfileStore

LIST_POST = "list-post"
LIST_AUTHOR = "list-author"

_AUTHORS_POSTS = 4
"""Posts of an author that one piece of an errand lists anew: each is some 35 writes."""


@dataclass(frozen=True, slots=True)
class ListingService:
    """Lists posts in the directory, and takes them from it."""

    posts: PostStore
    profiles: ProfileStore
    directory: Directory

    def list_post(self, errand: Errand) -> Errand | None:
        """Bring one post, the errand's subject, to where it belongs now, and away from where it does not.

        Once more, if it or its author's profile was changed meanwhile.
        """
        found = self.posts.get_with_card(errand.subject)
        profile = self.profiles.get(found[0].author_id) if found else None
        listing = _listing(found, profile)
        if listing is None:
            self.directory.remove(errand.subject)
        else:
            self.directory.put(errand.subject, listing)
        return None if self._unchanged(errand.subject, found, profile) else errand

    def list_author(self, errand: Errand) -> Errand | None:
        """List some posts of an author anew, the errand's subject, and go on with the others."""
        page = self.posts.own_cards(
            errand.subject, lambda card: card.state == "published", limit=_AUTHORS_POSTS, position=errand.cursor
        )
        for card in page.cards:
            left: Errand | None = Errand(LIST_POST, card.post_id)
            while left is not None:
                left = self.list_post(left)
        return replace(errand, cursor=page.position) if page.position else None

    def _unchanged(self, post_id: str, found: tuple[Post, Card] | None, profile: Profile | None) -> bool:
        post = self.posts.get(post_id, consistent=True)
        if found is None or post is None:
            return found is None and post is None
        now = self.profiles.get(post.author_id)
        return post.version == found[0].version and (now and now.version) == (profile and profile.version)


def _listing(found: tuple[Post, Card] | None, profile: Profile | None) -> Listing | None:
    if found is None or profile is None:
        return None
    return listing_of(*found, card_author(profile))


@dataclass(frozen=True, slots=True)
class PostsListed:
    """Follows the changes of posts: what is public, or was, is listed anew."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Have the posts listed, each once."""
        told = [each for change in changes if differs(change) for each in (change.old, change.new)]
        listed = dict.fromkeys(post.post_id for post in told if post and post.listed)
        self.queue.put_all(Errand(LIST_POST, post_id) for post_id in listed)


def differs(change: Change[Post]) -> bool:
    """Tell whether a post is shown otherwise after a change; the rest of its changes are how it got there."""
    old, new = change.old, change.new
    if old is None or new is None:
        return True
    return _shown(old) != _shown(new)


def _shown(post: Post) -> tuple[object, ...]:
    return post.state, post.fields, post.ai_disclosure, post.labels, post.renewed


@dataclass(frozen=True, slots=True)
class AuthorsListed:
    """Follows the changes of profiles: an author's name stands on the cards of all their posts."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have the posts listed anew of those whom their cards name otherwise."""
        for old, new in ((change.old, change.new) for change in changes):
            if old is not None and (new is None or card_author(old) != card_author(new)):
                self.queue.put(Errand(LIST_AUTHOR, old.account_id))
