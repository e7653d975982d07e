"""Copies at the CDN: ordered to be forgotten whenever files are withdrawn, whatever happens in between."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.media import REPLACED_SECONDS
from chalicelib.services.invalidation import JobCopies
from tests.support.fake_social import FakeErrands as SocialErrands
from tests.support.fakes import ARTIST, Killed, World
from tests.unit.services.invariants import check_at_rest


def forgotten(world: World) -> list[str]:
    """Carry the orders out, each twice as queues may, and return what was forgotten."""
    for errand in [*world.errands.sent, *world.errands.sent]:
        world.copies.work(errand)
    return sorted(path for paths in world.edge.forgotten.values() for path in paths)


@pytest.mark.parametrize("how", ["narrowed", "deleted", "without it", "taken back"])
def test_what_is_withdrawn_is_forgotten(world: World, how: str) -> None:
    media_id = world.ready(data_mining="all")
    post = world.post(media_id)
    assert forgotten(world) == []
    match how:
        case "narrowed":
            world.change(post, visibility="followers")
        case "deleted":
            world.post_service.delete(post, ARTIST, set())
        case "without it":
            world.change(post, media=[])
        case _:
            world.join(ARTIST, "ada", avatar_media_id=media_id)
            world.change(post, visibility="private")
            assert forgotten(world) == [], "the profile shows it on"
            world.join(ARTIST, "ada")
    assert forgotten(world) == [f"/unindexed/{media_id}/*"]


def test_each_withdrawal_is_an_order_of_its_own(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    for visibility in ("private", "public", "private"):
        world.change(post, visibility=visibility)
    assert forgotten(world) == [f"/media/{media_id}/*"] * 2


def test_files_that_were_made_anew_are_forgotten_wherever_they_stood(world: World) -> None:
    media_id = world.ready()
    world.post(media_id)
    world.media_service.choose(media_id, ARTIST, "all")
    world.deliver()
    assert forgotten(world) == []
    world.sweep(REPLACED_SECONDS)
    assert set(forgotten(world)) == {f"/{place}/{media_id}/*" for place in ("media", "unindexed", "open")}


def test_pictures_of_one_post_are_forgotten_by_few_requests(world: World) -> None:
    pictures = [world.ready(data_mining=("ai-training", "all")[number % 2]) for number in range(7)]
    post = world.post(*pictures)
    world.post(pictures[2])  # shown on
    world.steps.forget()
    world.post_service.delete(post, ARTIST, set())
    places = ("media", "unindexed")
    paths = [f"/{places[at % 2]}/{each}/*" for at, each in enumerate(pictures) if at != 2]
    assert forgotten(world) == sorted(paths)
    assert [len(each) for each in world.edge.forgotten.values()] == [5, 1]
    assert world.steps.names.count("errands.put_all") == 1
    assert world.is_public(pictures[2])
    check_at_rest(world)


@pytest.mark.parametrize("fails", ["derivatives.withdraw", "works.remove", "media.save_exposure", "errands.put_all"])
def test_one_that_fails_is_left_to_the_sweep_and_keeps_none_waiting(world: World, fails: str) -> None:
    pictures = [world.ready() for _ in range(3)]
    post = world.post(*pictures)
    for failing in (1, 2, 3):
        world.change(post, visibility="public")
        world.steps.fail_at(failing, TemporaryError("not now"), fails)
        world.change(post, visibility="private")
        world.steps.forget()
        world.sweep(90)
        assert not any(map(world.is_public, pictures))
        check_at_rest(world)
    assert set(forgotten(world)) == {f"/media/{each}/*" for each in pictures}


def test_who_publishes_a_picture_again_meanwhile_has_it_shown(world: World) -> None:
    pictures = [world.ready() for _ in range(3)]
    post = world.post(*pictures)
    world.steps.interrupt_at(1, lambda: world.post(pictures[1]), "errands.put_all")
    world.change(post, visibility="private")
    world.sweep(90)
    assert list(map(world.is_public, pictures)) == [False, True, False]
    check_at_rest(world)


def test_an_order_that_was_not_taken_is_given_again(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.steps.fail_at(1, TemporaryError("no queue"), "errands.put_all")
    world.change(post, visibility="private")
    world.steps.forget()
    assert (world.errands.sent, world.is_public(media_id)) == ([], False)
    world.sweep(90)
    assert forgotten(world) == [f"/media/{media_id}/*"]
    check_at_rest(world)


def test_a_process_that_ends_before_its_order_leaves_it_to_the_sweep(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)

    def kill(_: int, name: str) -> None:
        if name == "errands.put_all":
            raise Killed(name)

    world.steps.before = kill
    with pytest.raises(Killed):
        world.post_service.delete(post, ARTIST, set())
    world.steps.forget()
    world.sweep(90)
    assert forgotten(world) == [f"/media/{media_id}/*"]
    check_at_rest(world)


# ---------------------------------------------------------------------- jobs


def test_what_changes_of_jobs_together_is_forgotten_once(world: World) -> None:
    moment, queue = datetime(2026, 11, 26, 8, tzinfo=UTC), SocialErrands()
    for seconds in (1, 10, 19.5, 38):
        JobCopies(queue, world.edge, lambda at=moment + timedelta(seconds=seconds): at).order()  # type: ignore[misc]
    delays = [delay for _, delay in queue.sent]
    assert delays == [29, 20, 11, 22], "at the end of the half of a minute in which each came"
    for errand, _ in [*queue.sent, *queue.sent]:
        JobCopies(queue, world.edge).work(errand)  # whichever process it is
    assert list(world.edge.forgotten.values()) == [["/v1/jobs*", "/jobs/*", "/studios/*"]] * 2


def test_what_a_process_asked_for_it_asks_for_no_more(world: World) -> None:
    copies = JobCopies(world.errands, world.edge)
    copies.order()
    [errand] = world.errands.sent
    copies.work(errand)
    world.edge.forgotten.clear()
    copies.work(errand)
    assert world.edge.forgotten == {}


def test_what_the_cdn_did_not_take_comes_again(world: World) -> None:
    copies = JobCopies(world.errands, world.edge)
    copies.order()
    [errand] = world.errands.sent
    world.steps.fail_at(1, TemporaryError("too much under way"), "edge.forget")
    with pytest.raises(TemporaryError):
        copies.work(errand)
    copies.work(errand)
    assert len(world.edge.forgotten) == 1
