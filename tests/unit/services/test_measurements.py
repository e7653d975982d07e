"""What services measure, and under which id they log what happens to a picture."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.media import ARRIVAL_GRACE_SECONDS, PROCESSING_PATIENCE_SECONDS, UPLOAD_SECONDS, Media
from chalicelib.domain.protection import CloakReport, EncoderEffect, PictureRejectedError, Reason
from chalicelib.domain.telemetry import Metric, Work
from chalicelib.services.protection import Arrival
from tests.support.fakes import LEASE_SECONDS, Killed, World, protected_picture
from tests.unit.loglines import Lines, written

EFFECTS = (EncoderEffect("one", 1.0, 0.9, 0.5), EncoderEffect("two", 0.5, 0.4, 0.2))


def handle(world: World, media: Media, *, last_try: bool = False, arrived: float | None = None) -> Work:
    """Bring an upload's event, ``arrived`` seconds after its announcement, and return what was told of it."""
    at = None if arrived is None else clock.from_text(media.created_at) + timedelta(seconds=arrived)
    with telemetry.begin() as work:
        try:
            world.protection.handle(Arrival(media.original_key, at=at), last_try=last_try)
        except TemporaryError:
            work.note(outcome="comes again")
    return work


def announced_by(world: World, correlation_id: str) -> Media:
    with telemetry.begin(correlation_id=correlation_id):
        return world.upload()


@contextmanager
def logged() -> Iterator[Lines]:
    with written() as lines, telemetry.begin(request_id="of the function"):
        yield lines


def only(work: Work, metric: Metric) -> float:
    (value,) = work.measured[metric]
    return value


def test_time_from_arrival_to_ready(world: World) -> None:
    media = world.upload()
    world.now.advance(60)
    assert 40_000 <= only(handle(world, media, arrived=20), Metric.UPLOAD_TO_READY) < 41_000


def test_time_from_announcement_where_the_arrival_is_not_known(world: World) -> None:
    media = world.upload()
    world.now.advance(60)
    assert 60_000 <= only(handle(world, media), Metric.UPLOAD_TO_READY) < 61_000


def test_event_that_comes_again_is_not_measured_again(world: World) -> None:
    media = world.upload()
    handle(world, media)
    again = handle(world, media)
    assert again.measured == {}
    assert (again.facts["state"], again.facts["attempts"]) == ("ready", 1)


def test_time_and_cpu_of_protection(world: World) -> None:
    work = handle(world, world.upload())
    assert only(work, Metric.PROTECTION_TIME) > 0
    assert only(work, Metric.PROTECTION_CPU) >= 0
    assert (work.facts["state"], work.facts["attempts"]) == ("ready", 1)


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_refusal_is_counted_by_its_reason(world: World, state: Any) -> None:
    world.imaging.error = PictureRejectedError(state, Reason("unsupported-type", "No."))
    work = handle(world, world.upload())
    assert only(work, Metric.REFUSED) == 1
    assert (work.facts["reason"], work.facts["state"]) == ("unsupported-type", state)
    assert only(work, Metric.PROTECTION_TIME) > 0
    assert not {Metric.UPLOAD_TO_READY, Metric.PROTECTION_FAILED} & set(work.measured)


def test_fault_is_counted_once_it_is_given_up(world: World) -> None:
    media = world.upload()
    world.imaging.error = OSError("disk")
    first, last = handle(world, media), handle(world, media, last_try=True)
    assert Metric.PROTECTION_FAILED not in first.measured
    assert (first.facts["state"], first.facts["attempts"]) == ("queued", 1)
    assert only(last, Metric.PROTECTION_FAILED) == 1
    assert (last.facts["state"], last.facts["attempts"]) == ("failed", 2)
    assert last.facts["reason"] == "processing-exhausted"


def test_original_that_is_gone_is_a_failure(world: World) -> None:
    work = handle(world, world.announce())
    assert only(work, Metric.PROTECTION_FAILED) == 1
    assert work.facts["reason"] == "upload-missing"


@pytest.mark.parametrize(
    ("report", "measured"),
    [
        (
            CloakReport("high", applied=True, cpu_seconds=2.5, encoders=EFFECTS),
            {"CloakSeconds": 2.5, "CloakEffect": 0.75},
        ),
        (CloakReport("high", applied=True), {}),
        (CloakReport("high", applied=False, cpu_seconds=2.5, encoders=EFFECTS), {}),
    ],
)
def test_cloak_that_was_applied(
    world: World, monkeypatch: pytest.MonkeyPatch, report: CloakReport, measured: dict[str, float]
) -> None:
    made = replace(protected_picture(b"x"), cloak=report)
    monkeypatch.setattr(type(world.imaging), "__call__", lambda *_: made)
    work = handle(world, world.upload())
    found = {metric.title: values[0] for metric, values in work.measured.items() if metric.title.startswith("Cloak")}
    assert found == measured


def test_time_from_the_last_arrival_to_publication(world: World) -> None:
    first, second = world.upload(), world.upload()
    world.post(first.media_id, second.media_id)
    world.now.advance(100)
    assert Metric.UPLOAD_TO_PUBLISHED not in handle(world, first, arrived=50).measured
    # the picture that arrived last is not the one that is ready last
    assert 50_000 <= only(handle(world, second, arrived=10), Metric.UPLOAD_TO_PUBLISHED) < 51_000


def publish(world: World, **changes: Any) -> Work:
    with telemetry.begin() as work:
        world.change(changes.pop("post_id"), **changes)
    return work


def test_time_to_publication_begins_no_earlier_than_the_post(world: World) -> None:
    media_id = world.ready()
    world.now.advance(3600)
    with telemetry.begin() as work:
        world.post(media_id)
    assert only(work, Metric.UPLOAD_TO_PUBLISHED) < 1000


def test_time_to_publication_of_a_draft_begins_with_the_word_to_publish_it(world: World) -> None:
    draft = world.post(world.ready(), publish="draft")
    world.now.advance(3600)
    assert only(publish(world, post_id=draft, publish="now"), Metric.UPLOAD_TO_PUBLISHED) < 1000


def test_time_to_publication_of_a_scheduled_post_begins_with_its_time(world: World) -> None:
    world.post(world.ready(), publish=world.now() + timedelta(seconds=100))
    with telemetry.begin() as work:
        world.sweep(130)
    assert 30_000 <= only(work, Metric.UPLOAD_TO_PUBLISHED) < 31_000


def test_post_that_becomes_public_anew_is_not_measured_again(world: World) -> None:
    post = world.post(world.ready(), visibility="private")
    assert Metric.UPLOAD_TO_PUBLISHED not in publish(world, post_id=post, visibility="public").measured
    assert world.state(post) == "published"


def test_post_without_pictures_is_not_measured(world: World) -> None:
    with telemetry.begin() as work:
        post = world.post()
    assert world.state(post) == "published"
    assert work.measured == {}


def test_upload_keeps_the_id_of_its_announcement(world: World) -> None:
    assert announced_by(world, "announced").correlation_id == "announced"
    assert world.upload().correlation_id is None


def test_protection_and_publication_are_logged_under_the_id_of_the_announcement(world: World) -> None:
    first, second = announced_by(world, "one"), announced_by(world, "two")
    world.post(first.media_id, second.media_id)
    handle(world, first)
    with logged() as lines:
        world.handle(second.media_id)
    (published,) = lines.said("post published")
    assert published["correlation_id"] == "two"
    assert published["correlation_ids"] == ["one", "two"]


def test_fault_is_logged_under_the_id_of_the_announcement(world: World) -> None:
    media = announced_by(world, "announced")
    world.imaging.error = OSError("disk")
    with logged() as lines, pytest.raises(TemporaryError):
        world.handle(media.media_id)
    assert [line["correlation_id"] for line in lines.all] == ["announced"]


def test_refused_post_is_logged_under_the_id_of_the_announcement(world: World) -> None:
    media = announced_by(world, "announced")
    world.post(media.media_id)
    world.imaging.error = PictureRejectedError("refused", Reason("unsupported-type", "No."))
    with logged() as lines:
        world.handle(media.media_id)
    (refused,) = lines.said("post refused")
    assert refused["correlation_ids"] == ["announced"]


def test_arrival_that_its_owner_notices_is_logged_under_the_id_of_the_announcement(world: World) -> None:
    media = announced_by(world, "announced")
    with written() as lines, telemetry.begin(correlation_id="of the question"):
        world.media_service.get(media.media_id, media.owner_id)
    assert [(line["message"], line["correlation_id"]) for line in lines.all] == [("picture queued", "announced")]


def test_sweep_logs_each_picture_under_the_id_of_its_own_announcement(world: World) -> None:
    uploads = {announced_by(world, name).media_id: name for name in ("one", "two")}
    with logged() as lines:
        world.sweep(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
        logging.getLogger("chalicelib.services.sweep").warning("afterwards")
    moved = lines.said("picture moved on")
    assert {line["media_id"]: line["correlation_id"] for line in moved} == uploads
    assert {(line["before"], line["state"]) for line in moved} == {("awaiting_upload", "queued")}
    (afterwards,) = lines.said("afterwards")
    assert "correlation_id" not in afterwards


def test_failure_of_the_sweep_is_logged_under_the_id_of_the_announcement(world: World) -> None:
    announced_by(world, "announced")
    world.now.advance(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1)
    world.steps.fail_at(1, TemporaryError("S3"), "originals.arrived")
    with logged() as lines:
        assert world.sweep().failed == 1
    assert [line["correlation_id"] for line in lines.all] == ["announced"]


def test_sweep_rescues_what_was_left_behind(world: World) -> None:
    world.upload()
    assert world.sweep(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS + 1).rescued == 1, "an event that is late"
    media_id = world.ready()
    world.steps.fail_at(1, TemporaryError("DynamoDB"), "derivatives.expose")
    post = world.post(media_id)
    world.steps.forget()
    assert world.state(post) == "processing"
    assert world.sweep(120).rescued >= 1, "a publication that was cut short"
    assert world.state(post) == "published"


def test_ordinary_work_of_the_sweep_is_no_rescue(world: World) -> None:
    awaited = world.announce().media_id
    world.post(awaited)
    world.post(world.ready(), publish=world.now() + timedelta(seconds=100))
    reports = [world.sweep(130), world.sweep(UPLOAD_SECONDS + ARRIVAL_GRACE_SECONDS)]
    assert [(report.rescued, report.failed) for report in reports] == [(0, 0), (0, 0)]
    assert world.media.rows[awaited].state == "failed"


def test_try_that_never_ended_is_a_failure_and_no_rescue(world: World) -> None:
    media = world.upload()
    world.steps.kill_at(4)
    with pytest.raises(Killed):
        world.handle(media.media_id)
    world.steps.forget()
    with telemetry.begin() as work:
        report = world.sweep(LEASE_SECONDS + PROCESSING_PATIENCE_SECONDS + 1)
    assert world.media.rows[media.media_id].state == "failed"
    assert (report.rescued, only(work, Metric.PROTECTION_FAILED)) == (0, 1)
