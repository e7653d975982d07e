"""Repeated events, faults, crashes: every picture ends in a clear state, and nothing is lost."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.artist import Artist, picture, post_form
from tests.support.clients import admin_client
from tests.support.cloud import running_platform
from tests.support.processes import PlatformProcess, is_alive, run_tool, until


def s3_event(platform: PlatformProcess, key: str) -> str:
    """Return the notification that S3 sends, as it stands in the queue."""
    bucket = platform.run.env["CARA_ORIGINALS_BUCKET"]
    record = {"eventName": "ObjectCreated:Post", "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}
    return json.dumps({"Records": [record]})


def send(platform: PlatformProcess, body: str) -> None:
    client = admin_client("sqs", platform.run.endpoint)
    client.send_message(QueueUrl=platform.run.env["CARA_PROTECT_QUEUE_URL"], MessageBody=body)


def messages(platform: PlatformProcess, variable: str) -> int:
    """Return how many messages a queue holds, hidden ones included."""
    client = admin_client("sqs", platform.run.endpoint)
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.get_queue_attributes(QueueUrl=platform.run.env[variable], AttributeNames=names)["Attributes"]
    return sum(int(value) for value in found.values())


def queue_is_empty(platform: PlatformProcess) -> bool:
    return messages(platform, "CARA_PROTECT_QUEUE_URL") == 0


def media_item(platform: PlatformProcess, media_id: str) -> dict[str, Any]:
    client = admin_client("dynamodb", platform.run.endpoint)
    item = client.get_item(TableName=platform.run.env["CARA_MEDIA_TABLE"], Key={"media_id": {"S": media_id}})["Item"]
    return dict(item)


def test_the_same_event_twice_and_in_parallel_changes_nothing(platform: PlatformProcess) -> None:
    artist = Artist(platform)
    data = picture(1)
    announced = artist.announce(data)
    key = announced["upload"]["fields"]["key"]
    post_form(announced["upload"], data)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: send(platform, s3_event(platform, key)), range(4)))
    ready = artist.final_media(announced["media_id"])
    assert ready["state"] == "ready"
    post = artist.post(announced["media_id"])
    assert artist.published(post["id"])["state"] == "published"
    # a post is published a moment before its picture's exposure is noted, and four deliveries may all reconcile it
    until(lambda: queue_is_empty(platform), 150, "an empty queue")
    until(lambda: media_item(platform, announced["media_id"])["exposure"] == {"S": "public"}, 150, "a shown picture")
    before = media_item(platform, announced["media_id"])
    for _ in range(2):
        send(platform, s3_event(platform, key))
    until(lambda: queue_is_empty(platform), 150, "an empty queue")
    assert media_item(platform, announced["media_id"]) == before


def test_events_for_what_was_never_announced_are_dropped(platform: PlatformProcess) -> None:
    dead = messages(platform, "CARA_PROTECT_DEAD_QUEUE_URL")
    for key in ["originals/nobody/01ARZ3NDEKTSV4RRFFQ69G5FAV", "elsewhere/x", "originals/../../x"]:
        send(platform, s3_event(platform, key))
    send(platform, json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "x"}))
    until(lambda: queue_is_empty(platform), 30, "an empty queue")
    assert messages(platform, "CARA_PROTECT_DEAD_QUEUE_URL") == dead


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform whose protection function fails when told to, with short waits."""
    directory = tmp_path_factory.mktemp("troubled")
    with running_platform(directory, **TROUBLE, CARA_FAULT_DIR=str(directory)) as process:
        yield process


TROUBLE = {
    "CARA_PROTECT_IMAGE_HANDLER": "tests.support.faulty:protect_image",
    "CARA_PROTECT_VISIBILITY_SECONDS": "4",
    "CARA_PROTECT_MAX_RECEIVES": "2",
    "CARA_SWEEP_SECONDS": "1",
}


def test_exhausted_tries_show_as_failed_and_redrive_brings_them_back(troubled: PlatformProcess) -> None:
    artist = Artist(troubled)
    (troubled.directory / "fault").touch()
    media_id = artist.upload(picture(2))
    post = artist.post(media_id)
    failed = artist.final_media(media_id)
    assert (failed["state"], failed["reason"]["code"]) == ("failed", "processing-exhausted")
    assert "ours" in failed["reason"]["message"]
    until(lambda: artist.post_state(post["id"]) == "refused")
    until(lambda: messages(troubled, "CARA_PROTECT_DEAD_QUEUE_URL") == 1, 30, "a dead letter")

    (troubled.directory / "fault").unlink()
    seen = run_tool("tools/redrive.py", "--dry-run", CARA_LOCAL_DIR=str(troubled.directory))
    assert (seen.returncode, seen.stdout.splitlines()[-1]) == (0, "1 dead letter(s) found, 0 not understood")
    done = run_tool("tools/redrive.py", CARA_LOCAL_DIR=str(troubled.directory))
    assert done.returncode == 0, done.stderr
    assert artist.final_media(media_id)["state"] == "ready"
    assert artist.published(post["id"])["media"][0]["picture"] is not None
    assert messages(troubled, "CARA_PROTECT_DEAD_QUEUE_URL") == 0


def test_redrive_says_what_is_missing(tmp_path: Path) -> None:
    done = run_tool("tools/redrive.py", CARA_LOCAL_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "redrive: the local cloud is not running; start it with: make run\n"


def test_a_crash_in_the_middle_of_processing_loses_nothing(troubled: PlatformProcess) -> None:
    artist = Artist(troubled)
    kill = troubled.directory / "kill"
    kill.touch()
    media_id = artist.upload(picture(3))
    post = artist.post(media_id)
    until(lambda: not kill.exists(), 30, "the crash")
    assert artist.published(post["id"])["state"] == "published"
    assert int(media_item(troubled, media_id)["tries"]["N"]) == 2


def test_an_upload_that_never_arrives_expires_with_its_post(troubled: PlatformProcess) -> None:
    artist = Artist(troubled)
    media_id = artist.announce(picture(4))["media_id"]
    post = artist.post(media_id)
    # twenty minutes later: the clock cannot be moved here, but what it is compared with can
    client = admin_client("dynamodb", troubled.run.endpoint)
    item = media_item(troubled, media_id)
    past = item["created_at"]["S"]
    over = past.replace(past[:4], str(int(past[:4]) - 1), 1)
    client.update_item(
        TableName=troubled.run.env["CARA_MEDIA_TABLE"],
        Key={"media_id": {"S": media_id}},
        UpdateExpression="SET expires_at = :over, due_at = :now, due_bucket = :bucket",
        ExpressionAttributeValues={
            ":over": {"S": over},
            ":now": {"S": past},
            ":bucket": {"S": past[:13] + item["due_bucket"]["S"][13:]},
        },
    )
    failed = artist.final_media(media_id, 30)
    assert (failed["state"], failed["reason"]["code"]) == ("failed", "upload-expired")
    until(lambda: artist.post_state(post["id"]) == "refused")


def test_a_picture_whose_message_was_lost_is_brought_back_by_name(troubled: PlatformProcess) -> None:
    artist = Artist(troubled)
    (troubled.directory / "fault").touch()
    media_id = artist.upload(picture(7))
    assert artist.final_media(media_id)["state"] == "failed"
    until(lambda: messages(troubled, "CARA_PROTECT_DEAD_QUEUE_URL") == 1, 30, "a dead letter")
    client = admin_client("sqs", troubled.run.endpoint)
    client.purge_queue(QueueUrl=troubled.run.env["CARA_PROTECT_DEAD_QUEUE_URL"])
    (troubled.directory / "fault").unlink()
    done = run_tool("tools/redrive.py", "--media", media_id, CARA_LOCAL_DIR=str(troubled.directory))
    assert (done.returncode, done.stdout) == (0, f"{media_id}: brought back\n"), done.stderr
    assert artist.final_media(media_id)["state"] == "ready"
    again = run_tool("tools/redrive.py", "--media", media_id, CARA_LOCAL_DIR=str(troubled.directory))
    assert (again.returncode, again.stderr) == (1, f"redrive: there is nothing to try again for media {media_id}\n")


def test_the_sweep_may_do_what_it_must(troubled: PlatformProcess) -> None:
    """A scheduled post with a picture that the profile shows as well needs every right that the sweep has."""
    artist = Artist(troubled)
    media_id = artist.upload(picture(8))
    assert artist.final_media(media_id)["state"] == "ready"
    profile = {"handle": artist.name, "display_name": "With a face", "avatar_media_id": media_id}
    assert artist.client.put("/v1/me", json=profile).status_code == 200
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    post = artist.post(media_id, publish=soon)
    assert post["state"] == "scheduled"
    artist.published(post["id"])
    client = admin_client("dynamodb", troubled.run.endpoint)

    def at_rest() -> bool:
        table, key = troubled.run.env["CARA_POSTS_TABLE"], {"post_id": {"S": post["id"]}}
        item = client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
        return "due_at" not in item and "unsettled" not in item

    until(at_rest, 30, "a settled post")


def test_a_crash_of_everything_and_a_restart_lose_nothing(tmp_path: Path) -> None:
    environ = {**TROUBLE, "CARA_FAULT_DIR": str(tmp_path)}
    with running_platform(tmp_path, **environ) as platform:
        artist = Artist(platform)
        done_media = artist.upload(picture(5))
        done = artist.post(done_media)
        artist.published(done["id"])
        (tmp_path / "fault").touch()  # from now on nothing gets done
        waiting_media = artist.upload(picture(6))
        waiting = artist.post(waiting_media)
        children = platform.children()
        os.kill(platform.process.pid, signal.SIGKILL)
        platform.process.wait()
        until(lambda: not any(is_alive(child) for child in children), 30, "the end of all children")
    (tmp_path / "fault").unlink()
    with running_platform(tmp_path, **environ) as platform:
        artist = Artist(platform, name=artist.name)
        assert artist.post_state(done["id"]) == "published"
        # its tries may have been exhausted meanwhile: then it says so, and a redrive completes it
        if artist.final_media(waiting_media)["state"] == "failed":
            until(lambda: messages(platform, "CARA_PROTECT_DEAD_QUEUE_URL") == 1, 30, "a dead letter")
            assert run_tool("tools/redrive.py", CARA_LOCAL_DIR=str(tmp_path)).returncode == 0
        assert artist.published(waiting["id"])["media"][0]["state"] == "ready"
