"""Counters under streams that tell things twice, late, in pieces and beside each other."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.domain.changes import Change
from chalicelib.domain.counters import Count, PostCounters, ProfileCounters, post_key, profile_key
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.relations import Relation
from chalicelib.repositories.counters import MOST_KNOWN, CounterRepository
from chalicelib.services.counting import COUNTED, ENDINGS, CountersOf, Counting
from tests.unit.support import emulated_aws


@dataclass(frozen=True)
class Reaction:
    kind: str
    post_id: str


@dataclass(frozen=True)
class Comment:
    post_id: str
    deleted: bool = False


@pytest.fixture
def counters() -> Iterator[CounterRepository]:
    with emulated_aws():
        yield CounterRepository()


def made(item: Any, event: str) -> Change[Any]:
    return Change(event, None, item)


def gone(item: Any, event: str) -> Change[Any]:
    return Change(event, item, None)


class Flaky(CounterRepository):
    """Fails after, or before, it has written some of it, as chance will have it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def count(self, counts: Sequence[Count]) -> None:
        some = [each for each in counts if self.chance.random() < 0.5]
        if len(some) < len(counts) or self.chance.random() < 0.3:
            super().count(some)
            raise TemporaryError("some of it was written")
        super().count(counts)


def take_until_done(counting: Counting[Any], batch: list[Change[Any]]) -> None:
    while True:
        try:
            counting.take(batch)
        except TemporaryError:
            continue
        return


@pytest.mark.parametrize("seed", range(3))
def test_exact_though_batches_fail_halfway_and_come_again(counters: CounterRepository, seed: int) -> None:
    chance = random.Random(seed)
    counting = Counting(Flaky(chance), COUNTED["reactions"])
    expected: dict[str, int] = {}
    for shard in range(8):
        batch = [made(Reaction("like", chance.choice("abc")), f"{shard}-{number}") for number in range(20)]
        batch += [gone(change.new, f"{change.event_id}-undone") for change in batch if chance.random() < 0.3]
        take_until_done(counting, batch)
        take_until_done(counting, batch)  # told once more though it was done
        for change in batch:
            item: Any = change.new or change.old
            expected[item.post_id] = expected.get(item.post_id, 0) + (1 if change.new else -1)
    found = counters.of_posts("abc")
    assert {post_id: each.likes for post_id, each in found.items()} == expected


def test_old_batches_are_forgotten_and_the_last_ones_known(counters: CounterRepository) -> None:
    for number in range(2 * MOST_KNOWN):
        counters.count([Count(post_key("a"), {"likes": 1}, f"b{number:07}")])
    for number in range(2 * MOST_KNOWN - MOST_KNOWN // 2, 2 * MOST_KNOWN):
        counters.count([Count(post_key("a"), {"likes": 1}, f"b{number:07}")])
    assert counters.of_post("a").likes == 2 * MOST_KNOWN


def test_what_is_counted_of_what(counters: CounterRepository) -> None:
    follow = Relation("follow", "ada", "bob", "2026-11-26T00:00:00.000Z")
    others = [replace(follow, kind=kind) for kind in ("request", "block", "mute")]
    Counting(counters, COUNTED["relations"]).take([made(each, each.kind) for each in [follow, *others]])
    assert counters.of_profile("bob") == ProfileCounters(followers=1)
    assert counters.of_profile("ada") == ProfileCounters(following=1)
    accepted = Change("accepted", others[0], follow)
    Counting(counters, COUNTED["relations"]).take([accepted, gone(follow, "gone")])
    assert counters.of_profile("bob") == ProfileCounters(followers=1)
    kinds = [made(Reaction(kind, "a"), kind) for kind in ("like", "repost", "bookmark")]
    Counting(counters, COUNTED["reactions"]).take(kinds)
    comments = [made(Comment("a"), "c1"), made(Comment("a"), "c2"), Change("c3", Comment("a"), Comment("a", True))]
    Counting(counters, COUNTED["comments"]).take(comments)
    assert counters.of_post("a") == PostCounters(likes=1, reposts=1, comments=1)


def test_a_counter_goes_with_its_post_and_does_not_come_again(counters: CounterRepository) -> None:
    likes = Counting(counters, COUNTED["reactions"])
    like = Reaction("like", "a")
    likes.take([made(like, "1")])
    counters.remove(post_key("a"))
    likes.take([gone(like, "2")])
    counters.add_views("a", 5)
    assert counters.of_post("a") == PostCounters()
    counters.begin(post_key("a"))
    counters.add_views("a", 5)
    assert counters.of_post("a") == PostCounters(views=5)


def test_counters_begin_with_publication_and_end_with_deletion() -> None:
    asked: list[tuple[str, str]] = []

    class Keeper:
        def begin(self, key: str) -> None:
            asked.append(("begin", key))

        def remove(self, key: str) -> None:
            asked.append(("remove", key))

        def count(self, counts: Sequence[Count]) -> None:
            raise AssertionError("nothing to count")

    def post(state: str, published_at: str | None = "then") -> Any:
        return type("Post", (), {"post_id": "a", "state": state, "published_at": published_at})()

    draft, shown, deleted = post("draft", None), post("published"), post("deleted")
    steps = [(None, draft), (draft, shown), (shown, shown), (shown, deleted), (deleted, None), (draft, None)]
    CountersOf(Keeper(), ENDINGS["posts"]).take([Change(str(at), *step) for at, step in enumerate(steps)])
    ada = type("Profile", (), {"account_id": "ada"})()
    CountersOf(Keeper(), ENDINGS["profiles"]).take([gone(ada, "x")])
    key = post_key("a")
    assert asked == [("begin", key), ("remove", key), ("remove", profile_key("ada"))]
