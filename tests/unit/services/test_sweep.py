"""The sweep: nothing stays where it does not belong."""

from datetime import timedelta
from typing import Literal

import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.media import ARRIVAL_GRACE_SECONDS, PROCESSING_PATIENCE_SECONDS, UPLOAD_SECONDS
from chalicelib.domain.moderation import Decision, Standing
from chalicelib.services.sweep import WAITING_SECONDS
from tests.support.fakes import ARTIST, LEASE_SECONDS, Killed, World, unknown_id
from tests.unit.services.invariants import check_at_rest


def reason_code(world: World, media_id: str) -> str:
    reason = world.media.rows[media_id].reason
    return reason.code if reason else ""


def test_nothing_to_do(world: World) -> None:
    report = world.sweep()
    assert (report.media, report.posts, report.failed) == (0, 0, 0)


def test_upload_that_never_comes(world: World) -> None:
    media_id = world.announce().media_id
    post, draft = world.post(media_id), world.post(media_id, publish="draft")
    world.sweep(UPLOAD_SECONDS)
    assert world.media.rows[media_id].state == "awaiting_upload", "a slow transfer began in time"
    world.sweep(ARRIVAL_GRACE_SECONDS + 1)
    assert (world.media.rows[media_id].state, reason_code(world, media_id)) == ("failed", "upload-expired")
    assert (world.state(post), world.state(draft)) == ("refused", "draft")
    check_at_rest(world)


def test_upload_whose_event_is_late(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    world.sweep(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
    assert world.media.rows[media_id].state == "queued"
    assert world.state(post) == "processing"
    world.handle(media_id)
    assert world.state(post) == "published"


def test_upload_whose_event_never_comes(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    world.sweep(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
    world.sweep(23 * 3600)
    assert world.media.rows[media_id].state == "queued", "a surge may last"
    world.sweep(2 * 3600)
    assert (world.media.rows[media_id].state, reason_code(world, media_id)) == ("failed", "processing-exhausted")
    assert world.state(post) == "refused"


def test_try_that_never_ended(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    world.steps.kill_at(4)
    with pytest.raises(Killed):
        world.handle(media_id)
    world.steps.forget()
    world.sweep(LEASE_SECONDS + 1)
    assert world.media.rows[media_id].state == "processing", "the queue brings the next try"
    world.sweep(PROCESSING_PATIENCE_SECONDS)
    assert (world.media.rows[media_id].state, reason_code(world, media_id)) == ("failed", "processing-exhausted")
    assert world.media.rows[media_id].attempt is None
    assert world.state(post) == "refused"
    assert world.protection.requeue(media_id)
    world.handle(media_id)
    assert world.state(post) == "published"
    check_at_rest(world)


def test_scheduled_post_is_published_when_it_is_due(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id, publish=world.now() + timedelta(hours=2))
    world.sweep(3600)
    assert world.state(post) == "scheduled"
    assert not world.is_public(media_id)
    world.sweep(3600)
    assert world.state(post) == "published"
    assert world.posts.rows[post].publish_at is None
    check_at_rest(world)


def suspend(world: World, action: Literal["suspend", "unsuspend"]) -> None:
    decision = Decision(unknown_id(), action, f"accounts/{ARTIST}", "moderator-1", "2026-11-22T12:00:00.000Z", "Why.")
    world.cases.accounts[ARTIST] = Standing(ARTIST, action == "suspend", decision)


def test_nothing_new_of_a_suspended_account_is_published(world: World) -> None:
    coming, shown = world.upload().media_id, world.ready()
    posts = [
        world.post(shown, publish=world.now() + timedelta(hours=2)),
        world.post(coming),
        world.post(shown, visibility="private"),
    ]
    suspend(world, "suspend")
    world.handle(coming)
    world.change(posts[2], visibility="public")  # API Gateway takes the authorizer's earlier word for five minutes
    for _ in range(12):
        world.sweep(3600)
    assert [world.state(post) for post in posts] == ["scheduled", "processing", "published"]
    assert not world.is_public(coming)
    suspend(world, "unsuspend")
    for _ in range(2):
        world.sweep(WAITING_SECONDS)
    assert {world.state(post) for post in posts} == {"published"}
    check_at_rest(world)


def test_scheduled_post_waits_for_its_pictures(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id, publish=world.now() + timedelta(minutes=2))
    world.sweep(180)
    assert world.state(post) == "processing"
    world.handle(media_id)
    assert world.state(post) == "published"


def test_sweeps_that_follow_one_another_see_all(world: World) -> None:
    """A warm process looks back to its last sweep, by whole hours."""
    media_id = world.ready()
    due = [world.post(media_id, publish=world.now() + timedelta(minutes=minutes)) for minutes in (1, 59, 61, 150)]
    since = world.now()
    for _ in range(40):
        until = world.now()
        world.sweep_service.run(since - timedelta(hours=1))
        since = until
        world.now.advance(300)
    assert {world.state(post) for post in due} == {"published"}


@pytest.mark.parametrize("error", [TemporaryError("S3"), KeyError("an item that cannot be read")])
def test_one_failure_does_not_keep_the_others_waiting(world: World, error: Exception) -> None:
    posts = [world.post(publish=world.now() + timedelta(minutes=minutes)) for minutes in (1, 2, 3)]
    world.now.advance(600)
    world.steps.fail_at(1, error, "posts.save")
    report = world.sweep()
    assert (report.posts, report.failed) == (3, 1)
    assert sorted(world.state(post) for post in posts) == ["published", "published", "scheduled"]
    world.steps.forget()
    assert world.sweep().failed == 0
    assert {world.state(post) for post in posts} == {"published"}


def test_post_whose_pictures_could_not_be_opened_is_published_later(world: World) -> None:
    media = [world.ready(), world.ready()]
    world.steps.fail_at(3, TemporaryError("S3"), "derivatives.expose")
    post = world.post(*media)
    assert world.state(post) == "processing"
    world.steps.forget()
    world.sweep(61)
    assert world.state(post) == "published"
    check_at_rest(world)


def test_post_whose_pictures_could_not_be_withdrawn_is_looked_after(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.steps.fail_at(2, TemporaryError("S3"), "derivatives.withdraw")
    view = world.change(post, visibility="private")
    assert view.post.fields.visibility == "private"
    world.steps.forget()
    world.sweep(61)
    assert not world.is_public(media_id)
    check_at_rest(world)


def test_event_that_comes_while_the_sweep_decides(world: World) -> None:
    media = world.upload()
    post = world.post(media.media_id)
    world.now.advance(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
    world.steps.interrupt_at(1, lambda: world.handle(media.media_id), "media.save_state")
    assert world.sweep().failed == 1
    assert world.media.rows[media.media_id].state == "ready"
    assert world.state(post) == "published"


def test_posts_of_what_is_given_up_are_refused_at_once(world: World) -> None:
    """A warm process looks back an hour: the post itself was due long before."""
    media = world.upload()
    post = world.post(media.media_id)
    world.media_service.get(media.media_id, media.owner_id)
    world.now.advance(24 * 3600 + 60)
    world.sweep_service.run(world.now() - timedelta(hours=1))
    assert reason_code(world, media.media_id) == "processing-exhausted"
    assert world.state(post) == "refused"


def test_event_that_comes_right_before_the_sweep_looks(world: World) -> None:
    media = world.upload()
    world.now.advance(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
    world.steps.interrupt_at(1, lambda: world.handle(media.media_id), "media.get")
    assert world.sweep().failed == 0
    assert world.media.rows[media.media_id].state == "ready"
