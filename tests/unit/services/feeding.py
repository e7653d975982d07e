"""A network in memory whose feeds follow what happens, errands done when a test says so."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.counters import ProfileCounters
from chalicelib.services.directory import Wishes
from chalicelib.services.filling import FEED_FOLLOW, FEED_UNFOLLOW, FORGET_FEED, FeedsForgotten, FillService, FollowsFed
from chalicelib.services.home import FILL_FEED, Home, HomeService
from chalicelib.services.hub_days import HubDays
from chalicelib.services.pushing import (
    PUSH_AUTHOR,
    PUSH_POST,
    SPREAD_HUB,
    AuthorsPushed,
    PostsPushed,
    PushService,
)
from tests.support.fake_directory import FakeErrands
from tests.support.fake_feeds import FakeFeeds, FakeFollows, FakeHubs
from tests.support.fakes import World


@dataclass
class FakeCounters:
    """Followers as they are."""

    follows: FakeFollows

    def of_profile(self, account_id: str) -> ProfileCounters:
        return ProfileCounters(followers=sum(author == account_id for _, author in self.follows.pairs))

    def of_post(self, post_id: str) -> Any:
        raise NotImplementedError

    def of_posts(self, post_ids: Any) -> Any:
        raise NotImplementedError


class Network:
    """Artists and readers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.feeds, self.hubs, self.follows = FakeFeeds(), FakeHubs(), FakeFollows()
        self.errands = FakeErrands()
        relations: Any = self.follows
        self.pushes = PushService(
            posts=world.posts,
            profiles=world.profiles,
            relations=relations,
            counters=FakeCounters(self.follows),
            feeds=self.feeds,
            hubs=self.hubs,
            errands=self.errands,
            now=world.now,
        )
        self.fills = FillService(world.posts, world.profiles, relations, self.feeds, self.hubs, world.now)
        self.workers = {
            PUSH_POST: self.pushes.push_post,
            PUSH_AUTHOR: self.pushes.push_author,
            SPREAD_HUB: self.pushes.spread_hub,
            FEED_FOLLOW: self.fills.follow,
            FEED_UNFOLLOW: self.fills.unfollow,
            FORGET_FEED: self.fills.forget,
            FILL_FEED: self.fills.fill,
        }
        self._posts = dict(world.posts.rows)
        self._profiles = dict(world.profiles.rows)

    def join(self, name: str) -> str:
        """Make an artist, or a reader; they are the same."""
        self.world.join(name, name)
        return name

    def follow(self, reader: str, author: str) -> None:
        """Have somebody follow somebody, and the stream tell."""
        FollowsFed(self.errands).take([Change("f", None, self.follows.follow(reader, author))])

    def unfollow(self, reader: str, author: str) -> None:
        """Have somebody follow somebody no more, and the stream tell."""
        FollowsFed(self.errands).take([Change("u", self.follows.unfollow(reader, author), None)])

    def tell(self) -> None:
        """Have the streams tell what changed of posts and profiles."""
        posts, profiles = dict(self.world.posts.rows), dict(self.world.profiles.rows)
        PostsPushed(self.errands).take(
            [
                Change(key, self._posts.get(key), posts.get(key))
                for key in {*posts, *self._posts}
                if posts.get(key) != self._posts.get(key)
            ]
        )
        renamed = [
            Change(key, self._profiles.get(key), profiles.get(key))
            for key in {*profiles, *self._profiles}
            if profiles.get(key) != self._profiles.get(key)
        ]
        AuthorsPushed(self.errands).take(renamed)
        FeedsForgotten(self.errands).take(renamed)
        self._posts, self._profiles = posts, profiles

    def settle(self) -> None:
        """Have the streams tell, and all errands done."""
        self.tell()
        self.errands.run(self.workers)

    def process(self) -> HomeService:
        """Return what a process that has just started reads feeds by."""
        return HomeService(self.feeds, HubDays(self.hubs, self.world.now), self.follows, self.errands, self.world.now)

    def read(self, reader: str, service: HomeService | None = None, limit: int = 20) -> list[str]:
        """Return all posts of a reader's feed, page by page."""
        return [card.card.post_id for card in self.cards(reader, service, limit)]

    def cards(self, reader: str, service: HomeService | None = None, limit: int = 20) -> list[SharedCard]:
        """Return all cards of a reader's feed, page by page."""
        home, position, pages = service or self.process(), None, 0
        found: list[SharedCard] = []
        while True:
            page: Home = home.page(reader, Wishes(), limit=limit, position=position)
            found += page.cards
            position, pages = page.position, pages + 1
            assert pages < 500
            if position is None:
                return found

    def begin(self, *readers: str) -> None:
        """Have readers look at their feeds for the first time."""
        for reader in readers:
            self.process().page(reader, Wishes(), limit=20, position=None)
        self.settle()
