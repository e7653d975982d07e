"""Two things at once: while one is under way, before each of its steps in turn, another is begun and ended.

What either of them may answer is its own affair; what the world is like when both are done, and the sweep came by, is
not. No clock, no thread and no luck is involved: the schedule is the test's own.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.errors import DomainError, LostRaceError, TemporaryError
from chalicelib.domain.profiles import ProfileFields
from tests.support.fakes import ARTIST, LEASE_SECONDS, World
from tests.unit.services.invariants import check_at_rest

MOST_STEPS = 120


@dataclass
class Stage:
    """Four pictures, of which the last arrived and is not yet protected, and three posts."""

    world: World
    media: list[str]
    public: str
    private: str
    waiting: str


def stage() -> Stage:
    world = World()
    world.join(ARTIST, "ada")
    media = [world.ready() for _ in range(3)] + [world.upload().media_id]
    world.join(ARTIST, "ada", avatar_media_id=media[2])
    public = world.post(*media[:2])
    private = world.post(media[0], media[2], visibility="private")
    waiting = world.post(media[0], media[2], media[3])
    return Stage(world, media, public, private, waiting)


def put_profile(at: Stage, **pictures: str) -> None:
    fields = ProfileFields("ada", "Ada", avatar_media_id=pictures.get("avatar"), cover_media_id=pictures.get("cover"))
    at.world.profile_service.put(ARTIST, fields, None)


def choose_and_deliver(at: Stage) -> None:
    at.world.media_service.choose(at.media[0], ARTIST, "all")
    at.world.deliver()


WORK: dict[str, Callable[[Stage], object]] = {
    "event": lambda at: at.world.handle(at.media[3]),
    "new post": lambda at: at.world.post(at.media[0], at.media[2]),
    "new private post": lambda at: at.world.post(at.media[1], at.media[2], visibility="private"),
    "new draft": lambda at: at.world.post(at.media[3], publish="draft"),
    "narrow": lambda at: at.world.change(at.public, visibility="private"),
    "delete": lambda at: at.world.post_service.delete(at.public, ARTIST, set()),
    "remove a picture": lambda at: at.world.change(at.public, media=[at.media[1]]),
    "remove then add again": lambda at: (
        at.world.change(at.public, media=[at.media[1]]),
        at.world.change(at.public, media=at.media[:2]),
    ),
    "add a picture": lambda at: at.world.change(at.public, media=at.media[:3]),
    "widen": lambda at: at.world.change(at.private, visibility="public"),
    "delete the private": lambda at: at.world.post_service.delete(at.private, ARTIST, set()),
    "narrow the waiting": lambda at: at.world.change(at.waiting, visibility="private"),
    "take back the waiting": lambda at: at.world.change(at.waiting, publish="draft"),
    "delete the waiting": lambda at: at.world.post_service.delete(at.waiting, ARTIST, set()),
    "drop from the waiting": lambda at: at.world.change(at.waiting, media=[at.media[2]]),
    "another avatar": lambda at: put_profile(at, avatar=at.media[0]),
    "cover": lambda at: put_profile(at, avatar=at.media[2], cover=at.media[1]),
    "no avatar": put_profile,
    "sweep": lambda at: at.world.sweep(90),
    "choose": lambda at: at.world.media_service.choose(at.media[1], ARTIST, "all"),
    "choose for what arrives": lambda at: at.world.media_service.choose(at.media[3], ARTIST, "allowed"),
    "choose and choose again": lambda at: (
        at.world.media_service.choose(at.media[0], ARTIST, "all"),
        at.world.media_service.choose(at.media[0], ARTIST, "ai-training"),
    ),
    "choose and have it done": choose_and_deliver,
    "hide and choose": lambda at: (
        at.world.change(at.public, visibility="private"),
        at.world.media_service.choose(at.media[1], ARTIST, "all"),
    ),
    "messages": lambda at: at.world.deliver(),
}


def attempt(at: Stage, name: str) -> None:
    """Do some work; being told to come again, or that something changed meanwhile, is an answer."""
    with suppress(DomainError, LostRaceError, TemporaryError):
        WORK[name](at)


def come_to_rest(at: Stage) -> None:
    """Let the message come again and the sweep run."""
    world = at.world
    world.steps.forget()
    for _ in range(2):
        world.now.advance(LEASE_SECONDS + 1)
        attempt(at, "event")
        attempt(at, "messages")
        world.sweep_service.run(world.now() - timedelta(hours=1))
    world.sweep(700)  # what was made anew is taken away


@pytest.mark.parametrize("outer", WORK)
def test_whatever_happens_in_the_middle_of_something_else_both_end_well(outer: str) -> None:
    at = stage()
    begin_anew = at.world.remember()
    for inner in WORK:
        for number in range(1, MOST_STEPS):
            begin_anew()
            at.world.steps.interrupt_at(number, partial(attempt, at, inner))
            attempt(at, outer)
            was_interrupted = at.world.steps.before is None
            try:
                come_to_rest(at)
                check_at_rest(at.world)
            except AssertionError as error:
                error.add_note(f"{inner} before step {number} of {outer}")
                raise
            if not was_interrupted:
                break
        else:
            pytest.fail(f"{outer} never ends")


def fail() -> None:
    raise TemporaryError("ordered by the test")


@pytest.mark.parametrize("outer", ["event", "new post", "widen", "add a picture", "sweep"])
def test_what_is_overtaken_and_then_fails_leaves_nothing_open(outer: str) -> None:
    """A fault as the post is written, after another's change: what was opened for it must be closed again."""
    at = stage()
    begin_anew = at.world.remember()
    for inner in ["take back the waiting", "narrow the waiting", "delete the waiting", "narrow", "delete"]:
        for number in range(1, MOST_STEPS):
            begin_anew()
            overtaken = False

            def overtake_then_fail(inner: str = inner) -> None:
                nonlocal overtaken
                overtaken = True
                attempt(at, inner)
                at.world.steps.interrupt_at(1, fail, "posts.save")

            at.world.steps.interrupt_at(number, overtake_then_fail)
            attempt(at, outer)
            try:
                come_to_rest(at)
                check_at_rest(at.world)
            except AssertionError as error:
                error.add_note(f"{inner}, and a fault later, before step {number} of {outer}")
                raise
            if not overtaken:
                break
        else:
            pytest.fail(f"{outer} never ends")


def test_who_loses_a_picture_to_others_gives_way_for_ever_longer() -> None:
    at = stage()
    lost = 5

    def lose(_: int, name: str) -> None:
        nonlocal lost
        if name == "media.save_exposure" and lost:
            lost -= 1
            raise LostRaceError

    at.world.steps.before = lose
    at.world.exposure.reconcile(at.media[0], certain=False)
    at.world.steps.forget()
    assert len(at.world.pauses) == 5
    assert len(set(at.world.pauses)) == 5, "two that lose together must not come back together"
    assert 0 < sum(at.world.pauses) < 1
    check_at_rest(at.world)
