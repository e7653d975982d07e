"""Carrying posts into the feeds of those who follow: a piece at a time, by what is true when the piece is done.

A piece writes, and then looks whether the post is still what it wrote; if not, it is done once more. So a post that is
deleted while it is being pushed stays in no feed, whichever errand comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.feeds import HUB_FOLLOWERS, FeedEntry, Hub, pushable
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.services.cards import card_author
from chalicelib.services.listing import differs
from chalicelib.services.ports import (
    Clock,
    CounterStore,
    ErrandQueue,
    FeedStore,
    HubStore,
    PostStore,
    ProfileStore,
    RelationStore,
)

PUSH_POST = "push-post"
PUSH_AUTHOR = "push-author"
SPREAD_HUB = "spread-hub"

_LISTS_A_PIECE = 4
"""Lists of followers, some 30 each, that one piece goes through."""

_LIST = 30
_AUTHORS_POSTS = 5


@dataclass(frozen=True, slots=True)
class PushService:
    """Pushes posts, and makes hubs of those who have too many followers for that."""

    posts: PostStore
    profiles: ProfileStore
    relations: RelationStore
    counters: CounterStore
    feeds: FeedStore
    hubs: HubStore
    errands: ErrandQueue
    now: Clock = clock.now

    def push_post(self, errand: Errand) -> Errand | None:
        """Bring a post, the errand's subject, into some feeds, or out of them, and go on with the others.

        The errand's arguments are the ``author`` and the ``position`` of the post, which may be gone by now.
        """
        author, position = errand.arguments["author"], errand.arguments["position"]
        found, entry = self._entry(errand.subject)
        hub = self.hubs.get(author) or self._new_hub(author, entry)
        if errand.cursor is None:
            self._bring([author], entry, position)
            if hub is not None:
                self._pull(hub, entry, position)
        following: str | None = None
        if hub is None or not hub.settled:
            following = self._push(author, entry, position, errand.cursor)
        now = self.posts.get(errand.subject, consistent=True)
        if (now and now.version) != (found and found.version):
            return errand
        return replace(errand, cursor=following) if following else None

    def push_author(self, errand: Errand) -> Errand | None:
        """Have some posts pushed anew of an author, the errand's subject, whose name changed; and go on with others."""
        page = self.posts.own_cards(
            errand.subject, lambda card: card.state == "published", limit=_AUTHORS_POSTS, position=errand.cursor
        )
        self.errands.put_all(
            push_of(card.post_id, errand.subject, f"{card.published_at}#{card.post_id}")
            for card in page.cards
            if card.published_at is not None
        )
        return replace(errand, cursor=page.position) if page.position else None

    def spread_hub(self, errand: Errand) -> Errand | None:
        """Have some who follow a hub, the errand's subject, know it, and go on with the others; then it is settled."""
        hub = self.hubs.get(errand.subject)
        if hub is None:
            return None
        if errand.cursor is None:
            self.hubs.put(hub, self._recent(errand.subject), self.now())
        readers, following = self._readers(errand.subject, errand.cursor)
        for reader in readers:
            self.feeds.set_hub(reader, hub.number, followed=True)
        if following is not None:
            return replace(errand, cursor=following)
        self.hubs.settle(errand.subject)
        return None

    def _entry(self, post_id: str) -> tuple[Post | None, FeedEntry | None]:
        found = self.posts.get_with_card(post_id)
        if found is None:
            return None, None
        post, card = found
        profile = self.profiles.get(post.author_id) if pushable(post) else None
        return post, entry_of(post.order_key, card, profile) if profile else None

    def _new_hub(self, author: str, entry: FeedEntry | None) -> Hub | None:
        """Make an author a hub who has come to have too many followers; until all know, posts are pushed as well."""
        if entry is None or self.counters.of_profile(author).followers <= HUB_FOLLOWERS:
            return None
        hub = self.hubs.make(author)
        self.errands.put(Errand(SPREAD_HUB, author), delay_seconds=5)  # whoever follows from now on finds it
        return hub

    def _recent(self, author: str) -> list[FeedEntry]:
        profile = self.profiles.get(author)
        page = self.posts.own_cards(author, lambda card: card.state == "published", limit=20, position=None)
        return entries_of(page.cards, profile) if profile else []

    def _pull(self, hub: Hub, entry: FeedEntry | None, position: str) -> None:
        if entry is None:
            self.hubs.remove(position)
        else:
            self.hubs.put(hub, [entry], self.now())

    def _push(self, author: str, entry: FeedEntry | None, position: str, cursor: str | None) -> str | None:
        readers, following = self._readers(author, cursor)
        self._bring(readers, entry, position)
        return following

    def _bring(self, readers: Sequence[str], entry: FeedEntry | None, position: str) -> None:
        if entry is None:
            self.feeds.withdraw(readers, position)
        else:
            self.feeds.push(readers, entry)

    def _readers(self, author: str, cursor: str | None) -> tuple[list[str], str | None]:
        """Return some followers who read, and where to go on; None at the end."""
        followers: list[str] = []
        position = cursor
        for _ in range(_LISTS_A_PIECE):
            page = self.relations.page("other", author, "follow", limit=_LIST, position=position)
            followers += [relation.account_id for relation in page.relations]
            position = page.position
            if position is None:
                break
        states = self.feeds.states(followers)
        moment = self.now()
        return [each for each in dict.fromkeys(followers) if each in states and states[each].active(moment)], position


def entry_of(position: str, card: Card, profile: Profile) -> FeedEntry:
    """Return a post as feeds keep it."""
    return FeedEntry(position, SharedCard(card, card_author(profile)))


def entries_of(cards: Sequence[Card], profile: Profile) -> list[FeedEntry]:
    """Return the entries of those of an artist's published posts that are shown to followers unasked."""
    return [
        entry_of(f"{card.published_at}#{card.post_id}", card, profile)
        for card in cards
        if card.published_at is not None and card.visibility in {"public", "followers"}
    ]


def push_of(post_id: str, author: str, position: str) -> Errand:
    """Return the errand that brings a post to where it belongs among feeds."""
    return Errand(PUSH_POST, post_id, None, {"author": author, "position": position})


@dataclass(frozen=True, slots=True)
class PostsPushed:
    """Follows the changes of posts."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Have the posts pushed that are, or were, shown to followers; each once."""
        told = [each for change in changes if differs(change) for each in (change.old, change.new)]
        pushed = {post.post_id: post for post in told if post and pushable(post)}.values()
        self.queue.put_all(push_of(post.post_id, post.author_id, post.order_key) for post in pushed)


@dataclass(frozen=True, slots=True)
class AuthorsPushed:
    """Follows the changes of profiles: an author's name stands on each entry."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have the posts pushed anew of those whom their entries name otherwise."""
        for old, new in ((change.old, change.new) for change in changes):
            if old is not None and new is not None and card_author(old) != card_author(new):
                self.queue.put(Errand(PUSH_AUTHOR, old.account_id))
