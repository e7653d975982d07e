"""Posts as others read them: each to those who may see it, with what is shown beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.counters import PostCounters
from chalicelib.domain.disclosure import names_ai
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handles import is_handle
from chalicelib.domain.ids import is_id
from chalicelib.domain.media import Media
from chalicelib.domain.posts import Card, Post, PostState
from chalicelib.domain.profiles import Profile
from chalicelib.services.cards import card_author
from chalicelib.services.ports import CardPage, CounterStore, MediaStore, PostStore, ProfileStore
from chalicelib.services.sight import Sight, no_post

_NOTHING_COUNTED = PostCounters()


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with what is shown beside it.

    Attributes:
        post: the post.
        author: whose it is; None where its author has no profile any more.
        media: its pictures by id.
        counters: what was counted of it.
        quoted: the card of the post that it quotes, where the reader may see that; None where not.
    """

    post: Post
    author: Profile | None
    media: Mapping[str, Media]
    counters: PostCounters = _NOTHING_COUNTED
    quoted: SharedCard | None = None


@dataclass(frozen=True, slots=True)
class PostPage:
    """Cards of one author's posts."""

    author: Profile
    page: CardPage


@dataclass(frozen=True, slots=True)
class _NoCards:
    """What is listed of an artist who shows nothing to this reader."""

    cards: tuple[Card, ...] = ()
    position: str | None = None


@dataclass(frozen=True, slots=True)
class PostReader:
    """Shows and lists posts."""

    posts: PostStore
    media: MediaStore
    profiles: ProfileStore
    counters: CounterStore
    sight: Sight

    def get(self, post_id: str, account_id: str | None) -> PostView:
        """Return a post to those who may see it.

        Raises:
            NotFoundError: there is none, or none that the asker may know of.
        """
        post = self.posts.get(post_id, consistent=account_id is not None) if is_id(post_id) else None
        if post is None or post.state == "deleted":
            raise no_post(post_id)
        author = self.profiles.get(post.author_id)
        if account_id != post.author_id and (author is None or not self.sight.sees(account_id, post, author)):
            raise no_post(post_id)
        return self.view(post, account_id, author)

    def view(self, post: Post, account_id: str | None, author: Profile | None) -> PostView:
        """Return what a reader, who may see a post, sees of it and beside it."""
        return PostView(
            post=post,
            author=author,
            media=self.media.get_many(post.media_ids) if post.media_ids else {},
            counters=self.counters.of_post(post.post_id) if post.published_at else _NOTHING_COUNTED,
            quoted=self._quoted(post.fields.quote_post_id, account_id),
        )

    def list_by_handle(
        self,
        handle: str,
        account_id: str | None,
        *,
        portfolio: bool,
        limit: int,
        position: str | None,
        without_ai: bool = False,
    ) -> PostPage:
        """List an artist's published posts, newest first, and those of the portfolio in the artist's order.

        The artist sees all of them, followers those for everyone and for followers, others those for everyone, and of
        an artist who approves followers none. ``without_ai`` leaves out those that say AI had a part in them.

        Raises:
            NotFoundError: there is no such artist, or the two are parted.
        """
        profile = self.profiles.get_by_handle(handle) if is_handle(handle) else None
        if profile is None or self.sight.bounds(account_id).parted_from(profile.account_id):
            raise NotFoundError(f"There is no artist @{handle}.")
        author = card_author(profile)
        own = account_id == author.account_id
        follows = account_id is not None and not own and self.sight.relations.follows(account_id, author.account_id)

        def shown(card: Card) -> bool:
            if without_ai and names_ai(card.ai_disclosure):
                return False
            listed = own or card.visibility in {"public", "followers"}
            visible = SharedCard(card, author).visible_to(account_id, follows=follows)
            return listed and visible and (card.portfolio or not portfolio)

        if portfolio and (own or follows):
            mine = self.posts.portfolio_cards(author.account_id, shown, limit=limit, position=position)
            return PostPage(profile, mine)
        if own or follows:
            most = None if own else limit + 1
            page = self.posts.own_cards(author.account_id, shown, limit=limit, position=position, most=most)
            return PostPage(profile, page)
        if author.protected:
            return PostPage(profile, _NoCards())
        cards = self.posts.public_cards(
            author.account_id, portfolio=portfolio, limit=limit, position=position, without_ai=without_ai
        )
        return PostPage(profile, cards)

    def list_own(self, account_id: str, state: PostState | None, *, limit: int, position: str | None) -> PostPage:
        """List an account's own posts in every state, or in one, newest first.

        Raises:
            NotFoundError: the account has no profile yet (``profile-missing``).
        """
        profile = self.profiles.get(account_id)
        if profile is None:
            raise NotFoundError("You have no profile yet. Create it with PUT /v1/me.", code="profile-missing")

        def shown(card: Card) -> bool:
            return state is None or card.state == state

        return PostPage(profile, self.posts.own_cards(account_id, shown, limit=limit, position=position))

    def _quoted(self, post_id: str | None, account_id: str | None) -> SharedCard | None:
        if post_id is None:
            return None
        try:
            return self.sight.published(account_id, post_id).shared
        except NotFoundError:
            return None
