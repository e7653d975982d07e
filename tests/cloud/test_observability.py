"""One id finds an upload's whole way through the logs of the running platform."""

import json
from typing import Any

import pytest

from tests.support.artist import Artist, picture, post_form
from tests.support.processes import PlatformProcess, until

SENT = "kq2Vv9bYb4Zc-Zq_7N3yTz6m0b1cQe5uJr8xWdPhLfSgAoXiKtEnMw=="


@pytest.fixture(scope="module")
def artist(platform: PlatformProcess) -> Artist:
    return Artist(platform)


def lines(platform: PlatformProcess, name: str) -> list[dict[str, Any]]:
    """Return the JSON lines that children whose name begins so have logged; the emulation's own are no JSON."""
    files = sorted((platform.directory / "logs").glob(f"{name}*.log"))
    texts = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in texts if line.startswith("{") and line.endswith("}")]


def announce(artist: Artist, data: bytes) -> tuple[dict[str, Any], str]:
    """Announce an upload; return the answer and the id of the request, which a CDN makes itself and tells."""
    body = {"filename": "picture.jpg", "content_type": "image/jpeg", "bytes": len(data)}
    answer = artist.client.post("/v1/uploads", json=body, headers={"X-Amz-Cf-Id": SENT})
    assert answer.status_code == 201, answer.text
    return answer.json(), answer.headers.get("x-amz-cf-id", SENT)


def test_an_upload_is_followed_by_one_id_from_the_edge_to_publication(
    artist: Artist, platform: PlatformProcess
) -> None:
    data = picture(101)
    announced, edge_id = announce(artist, data)
    post = artist.post(announced["media_id"])
    post_form(announced["upload"], data)
    artist.published(post["id"])

    def protected() -> list[dict[str, Any]]:
        found = [line for line in lines(platform, "dispatcher") if line.get("correlation_id") == edge_id]
        return found if any(line["message"] == "invocation" for line in found) else []

    of_dispatcher = until(protected, what="the line of the protection")
    (asked,) = [line for line in lines(platform, "web") if line.get("correlation_id") == edge_id]
    assert (asked["route"], asked["status"]) == ("POST /v1/uploads", 201)
    assert asked["media_id"] == announced["media_id"]
    assert asked["WriteUnits"] > 0

    (published,) = [line for line in of_dispatcher if line["message"] == "post published"]
    assert (published["post_id"], published["correlation_ids"]) == (post["id"], [edge_id])
    (done,) = [line for line in of_dispatcher if line["message"] == "invocation"]
    assert (done["media_id"], done["state"], done["outcome"]) == (announced["media_id"], "ready", "done")
    assert 0 < done["UploadToReady"] <= done["UploadToPublished"] < 60_000
    assert 0 <= done["QueueWait"] < 60_000
    assert 0 < done["ProtectionTime"] < 60
    assert done["ProtectionCpu"] > 0
    assert done["ReadUnits"] > 0
    assert done["WriteUnits"] > 0


def test_a_sweep_has_its_line(platform: PlatformProcess) -> None:
    def swept() -> list[dict[str, Any]]:
        return [line for line in lines(platform, "scheduler") if line.get("function") == "sweep"]

    line = until(swept, 40, "a sweep")[0]
    assert {"SweepRescued", "SweepFailed"} <= set(line)
    assert line["ReadUnits"] > 0


def test_no_secret_is_logged(artist: Artist, platform: PlatformProcess) -> None:
    token = artist.client.headers["authorization"].removeprefix("Bearer ")
    answer = artist.client.put("/v1/me", json={"handle": artist.name, "display_name": "Secret Name", "bio": "secret"})
    assert answer.status_code == 200
    request_id = answer.headers["x-request-id"]

    def answered() -> list[dict[str, Any]]:
        return [line for line in lines(platform, "web") if line.get("request_id") == request_id]

    until(answered, what="the line of the request")
    text = json.dumps([line for name in ("web", "dispatcher", "scheduler") for line in lines(platform, name)])
    for secret in (token, "Secret Name", artist.name):
        assert secret not in text
