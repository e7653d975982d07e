"""Who may see a published post: the rule of the domain, with what it must know looked up."""

from dataclasses import dataclass

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import is_id
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import NO_BOUNDS, Bounds
from chalicelib.services.cards import card_author
from chalicelib.services.ports import BoundsStore, PostStore, ProfileStore


@dataclass(frozen=True, slots=True)
class Seen:
    """A published post that somebody may see, its card, and its author."""

    post: Post
    card: Card
    author: Profile

    @property
    def shared(self) -> SharedCard:
        """The card for other people's lists."""
        return SharedCard(self.card, card_author(self.author))


@dataclass(frozen=True, slots=True)
class Sight:
    """Tells who may see what; a question costs half a read unit for each of bounds and following, if it takes them."""

    posts: PostStore
    profiles: ProfileStore
    relations: BoundsStore

    def sees(self, account_id: str | None, post: Post, author: Profile) -> bool:
        """Tell whether an account, or a stranger (None), may see a post."""
        if account_id is None or account_id == post.author_id:
            return post.visible_to(account_id, protected=card_author(author).protected)
        if self.bounds(account_id).parted_from(post.author_id):
            return False
        protected = card_author(author).protected
        return post.visible_to(account_id, protected=protected) or (
            post.visible_to(account_id, protected=protected, follows=True)
            and self.relations.follows(account_id, post.author_id)
        )

    def bounds(self, account_id: str | None) -> Bounds:
        """Return whom and what somebody is not to see."""
        return NO_BOUNDS if account_id is None else self.relations.bounds(account_id)

    def published(self, account_id: str | None, post_id: str) -> Seen:
        """Return a published post to an account, or a stranger (None), that may see it.

        Raises:
            NotFoundError: there is none, or none that the asker may know of; the words are the same.
        """
        found = self.posts.get_with_card(post_id) if is_id(post_id) else None
        author = self.profiles.get(found[0].author_id) if found and found[0].state == "published" else None
        if found is None or author is None or not self.sees(account_id, found[0], author):
            raise no_post(post_id)
        return Seen(*found, author)


def no_post(post_id: str) -> NotFoundError:
    """Return what is said of a post that is not there, or not for who asks."""
    return NotFoundError(f"There is no post {post_id}.")
