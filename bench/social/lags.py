"""How long a change takes until it is seen everywhere, by how many follow who makes it, in a running local cloud.

What is timed is everything: the call, the stream, the errands, one at a time here, and the reading that finds it.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bench.social.network import WORDS, join, publish
from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.feeds import HUB_FOLLOWERS
from chalicelib.domain.people import Person
from chalicelib.domain.search import asked
from chalicelib.repositories import raw
from chalicelib.repositories.counters import CounterRepository
from chalicelib.repositories.feeds import FeedRepository
from chalicelib.repositories.hubs import HubRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.relation_items import RelationItem, to_item
from chalicelib.services.directory import Wishes
from chalicelib.settings import settings

LIMIT_SECONDS = 900.0

_POLL_SECONDS = 0.1
_AT_ONCE = 25

Seen = Callable[[], bool]


@dataclass(frozen=True)
class Crowd:
    """An artist and those who follow.

    Attributes:
        author: the artist.
        first, last: who is reached first and last among those who follow.
        followers: how many do.
    """

    author: Person
    first: Person
    last: Person
    followers: int


@dataclass
class Lags:
    """Seconds of each change, by what saw it, in the order in which they were measured."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, seconds: float) -> None:
        """Add one."""
        self.seconds.setdefault(name, []).append(seconds)

    def rows(self) -> Iterator[tuple[str, float, float]]:
        """Yield each name with its median and its most."""
        for name, found in self.seconds.items():
            yield name, statistics.median(found), max(found)


def gather(followers: int) -> Crowd:
    """Make an artist whom so many follow, all of whom read their feeds.

    Of a hub, whose followers nothing goes through, two are written; of others all are, straight into the tables.
    """
    author, first, last = (join(f"l{random.getrandbits(40):010x}", number) for number in range(3))
    now = clock.now()
    if followers > HUB_FOLLOWERS:
        _follow(last, author, 1)
        _follow(first, author, 0)
        hub = HubRepository().make(author.account_id)
        for reader in (first, last):
            FeedRepository().set_hub(reader.account_id, hub.number, followed=True)
        HubRepository().settle(author.account_id)
        return Crowd(author, first, last, followers)
    _follow(last, author, followers)
    today, waiting = clock.to_text(now)[:10], []
    for number in range(1, followers - 1):
        other = Person(f"{author.account_id[:-6]}{number:06d}", f"f{number:09d}", "A Follower", version=1)
        _follow(other, author, number)
        state = {"account_id": {"S": other.account_id}, "position": {"S": "~state"}, "read_on": {"S": today}}
        waiting.append({**state, "filled": {"BOOL": True}})
    for start in range(0, len(waiting), _AT_ONCE):
        raw.put_all(settings().feeds_table, waiting[start : start + _AT_ONCE])
    _follow(first, author, 0)
    return Crowd(author, first, last, followers)


def settled(crowd: Crowd) -> None:
    """Wait until what came of gathering it is done: a post of somebody else's is listed, whose errands stand behind."""
    expected = 2 if crowd.followers > HUB_FOLLOWERS else crowd.followers
    counted = partial(CounterRepository().of_profile, crowd.author.account_id)
    _until({"": lambda: counted().followers == expected}, lambda *_: None)
    other = join(f"l{random.getrandbits(40):010x}", 0)
    _until({"": partial(_listed, publish(other, random.Random()))}, lambda *_: None)


def measure(crowd: Crowd, rounds: int, chance: random.Random) -> Lags:
    """Publish, like, comment on, delete a post, and time until each is seen where it has to be."""
    lags = Lags()
    for _ in range(rounds):
        post_id = publish(crowd.author, chance)
        place = _tag_of(post_id)
        _timed(
            lags,
            {
                "published: own feed": partial(_in_feed, crowd.author, post_id),
                "published: first follower's feed": partial(_in_feed, crowd.first, post_id),
                "published: last follower's feed": partial(_in_feed, crowd.last, post_id),
                "published: latest": partial(_listed, post_id),
                "published: a tag": partial(_tagged, place, post_id),
            },
        )
        _counts(lags, crowd, post_id)
        post = PostRepository().get(post_id, consistent=True)
        if post is None:
            raise SystemExit("bench.social: a post is gone that nobody deleted")
        composition.post_service().delete(post_id, crowd.author.account_id, {post.version})
        gone: dict[str, Seen] = {
            "deleted: last follower's feed": partial(_in_feed, crowd.last, post_id),
            "deleted: latest": partial(_listed, post_id),
            "deleted: a tag": partial(_tagged, place, post_id),
        }
        _timed(lags, {name: (lambda seen=seen: not seen()) for name, seen in gone.items()})
    return lags


def _counts(lags: Lags, crowd: Crowd, post_id: str) -> None:
    counted = partial(CounterRepository().of_post, post_id)
    composition.reaction_service().put("like", post_id, crowd.first.account_id)
    _timed(lags, {"liked: the post's counter": lambda: counted().likes == 1})
    composition.comment_service().write(crowd.last.account_id, post_id, "How the light falls here!", None)
    notices = composition.notification_service()

    def told() -> bool:
        page = notices.page(crowd.author.account_id, limit=20, position=None)
        return any(each.kind == "comment" and post_id in each.group_id for each, _ in page.notifications)

    _timed(
        lags, {"commented: the post's counter": lambda: counted().comments == 1, "commented: the artist is told": told}
    )


def _follow(reader: Person, author: Person, ago: int) -> None:
    made_at = clock.to_text(clock.now() - timedelta(seconds=ago))
    with RelationItem.batch_write() as batch:
        batch.save(to_item("follow", reader, author, made_at))


def _tag_of(post_id: str) -> str:
    post = PostRepository().get(post_id, consistent=True)
    return post.fields.tags[0] if post else WORDS[0]


def _tagged(tag: str, post_id: str) -> bool:
    lists = composition.directory_service()
    page = lists.search(asked("", tag=tag), None, Wishes(), limit=20, position=None)
    return any(shared.card.post_id == post_id for shared in page.cards)


def _listed(post_id: str) -> bool:
    page = composition.directory_service().latest(None, Wishes(), limit=20, position=None)
    return any(shared.card.post_id == post_id for shared in page.cards)


def _in_feed(reader: Person, post_id: str) -> bool:
    page = composition.home_service().page(reader.account_id, Wishes(), limit=20, position=None)
    return any(shared.card.post_id == post_id for shared in page.cards)


def _timed(lags: Lags, seen: dict[str, Seen]) -> None:
    _until(seen, lags.note)


def _until(seen: dict[str, Seen], note: Callable[[str, float], None]) -> None:
    started, waiting = time.perf_counter(), dict(seen)
    while waiting:
        for name in [name for name, there in waiting.items() if there()]:
            note(name, time.perf_counter() - started)
            del waiting[name]
        if time.perf_counter() - started > LIMIT_SECONDS:
            raise SystemExit(f"bench.social: not within {LIMIT_SECONDS:.0f} s: {', '.join(waiting)}")
        time.sleep(_POLL_SECONDS if waiting else 0)
