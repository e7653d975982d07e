"""Filling feeds: with the posts of whom somebody has just followed, and of all whom they follow when they come back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain import clock
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.feeds import ACTIVE_DAYS, BACKFILL, FeedEntry, Hub, shared_with
from chalicelib.domain.posts import Card
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import Relation
from chalicelib.services.ports import Clock, ErrandQueue, FeedStore, HubStore, PostStore, ProfileStore, RelationStore
from chalicelib.services.pushing import entries_of

FEED_FOLLOW = "feed-follow"
FEED_UNFOLLOW = "feed-unfollow"
FORGET_FEED = "forget-feed"

UNFOLLOW_SECONDS = 15
"""Posts of whom one follows no more are taken out so long afterwards: by then what is being pushed is there."""

_FOLLOWED_A_PIECE = 10
_MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class FillService:
    """Fills feeds, and takes out of them."""

    posts: PostStore
    profiles: ProfileStore
    relations: RelationStore
    feeds: FeedStore
    hubs: HubStore
    now: Clock = clock.now

    def follow(self, errand: Errand) -> Errand | None:
        """Bring the last posts of an ``author`` into the feed of a new follower, the errand's subject, who reads it."""
        reader, author = errand.subject, errand.arguments["author"]
        state = self.feeds.states([reader]).get(reader)
        if state is None or not state.active(self.now()) or not self._follows(reader, author):
            return None
        hub = self.hubs.get(author)
        if hub is not None:
            self.feeds.set_hub(reader, hub.number, followed=True)
        self.feeds.push_all(reader, [] if hub and hub.settled else self._last(author))
        return None if self._follows(reader, author) else Errand(FEED_UNFOLLOW, reader, None, errand.arguments)

    def unfollow(self, errand: Errand) -> Errand | None:
        """Take the posts of an ``author`` out of some of a feed, and go on; unless the reader follows them again."""
        reader, author = errand.subject, errand.arguments["author"]
        if self._follows(reader, author):
            return Errand(FEED_FOLLOW, reader, None, errand.arguments) if errand.cursor else None
        hub = self.hubs.get(author)
        if hub is not None and errand.cursor is None:
            self.feeds.set_hub(reader, hub.number, followed=False)
        cursor = self.feeds.withdraw_author(reader, author, errand.cursor)
        return replace(errand, cursor=cursor) if cursor else None

    def fill(self, errand: Errand) -> Errand | None:
        """Bring what some of those showed whom a reader, the errand's subject, follows into the feed, and go on."""
        reader = errand.subject
        page = self.relations.page("account", reader, "follow", limit=_FOLLOWED_A_PIECE, position=errand.cursor)
        followed = [relation.other_id for relation in page.relations]
        hubs = self.hubs.get_many(followed)
        for author in followed:
            self._fill_from(reader, author, hubs.get(author))
        if page.position is not None:
            return replace(errand, cursor=page.position)
        self.feeds.push_all(reader, self._last(reader))
        self.feeds.completed(reader)
        return None

    def forget(self, errand: Errand) -> Errand | None:
        """Remove some of the feed of an account that is gone, the errand's subject, and go on with the rest."""
        if self.profiles.get(errand.subject) is not None:
            return None
        self.hubs.forget(errand.subject)
        return errand if self.feeds.forget(errand.subject) else None

    def _fill_from(self, reader: str, author: str, hub: Hub | None) -> None:
        if hub is not None:
            self.feeds.set_hub(reader, hub.number, followed=True)
        if hub is None or not hub.settled:
            self.feeds.push_all(reader, self._since(author, clock.to_text(self.now() - timedelta(days=ACTIVE_DAYS))))

    def _last(self, author: str) -> list[FeedEntry]:
        profile = self.profiles.get(author)
        page = self.posts.own_cards(author, _shared, limit=BACKFILL, position=None)
        return entries_of(page.cards, profile) if profile else []

    def _since(self, author: str, since: str) -> list[FeedEntry]:
        """Return what an artist showed since a time: all of it, but for who shows more than 80 posts in a month."""
        profile = self.profiles.get(author)
        cards: list[Card] = []
        position = None
        for _ in range(_MOST_PAGES if profile else 0):
            page = self.posts.own_cards(author, _shared, limit=BACKFILL, position=position)
            cards += page.cards
            position = page.position
            if position is None or position < since:
                break
        recent = [card for card in cards if (card.published_at or "") >= since]
        return entries_of(recent, profile) if profile else []

    def _follows(self, reader: str, author: str) -> bool:
        return "follow" in self.relations.between(reader, author).kinds


def _shared(card: Card) -> bool:
    return card.state == "published" and shared_with(card.visibility)


@dataclass(frozen=True, slots=True)
class FollowsFed:
    """Follows the changes of relations: whom somebody follows or follows no more."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Relation]]) -> None:
        """Have the feeds filled, and what belongs into them no more taken out."""
        follows, unfollows = [], []
        for old, new in ((change.old, change.new) for change in changes):
            if new is not None and new.kind == "follow" and old is None:
                follows.append(Errand(FEED_FOLLOW, new.account_id, None, {"author": new.other_id}))
            elif old is not None and old.kind == "follow" and new is None:
                unfollows.append(Errand(FEED_UNFOLLOW, old.account_id, None, {"author": old.other_id}))
        self.queue.put_all(follows)
        self.queue.put_all(unfollows, delay_seconds=UNFOLLOW_SECONDS)


@dataclass(frozen=True, slots=True)
class FeedsForgotten:
    """Follows the changes of profiles: whose is gone reads no more."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have the feeds of those removed who are gone, once what is being pushed to them is there."""
        for old, new in ((change.old, change.new) for change in changes):
            if old is not None and new is None:
                self.queue.put(Errand(FORGET_FEED, old.account_id), delay_seconds=UNFOLLOW_SECONDS)
