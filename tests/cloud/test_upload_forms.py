"""The presigned form: S3 itself refuses whatever was not announced."""

import base64
import json
from datetime import UTC, datetime

import httpx
import pytest

from tests.support.artist import Artist, picture, post_form
from tests.support.clients import admin_client
from tests.support.processes import PlatformProcess


@pytest.fixture(scope="module")
def artist(platform: PlatformProcess) -> Artist:
    return Artist(platform)


def arrived(platform: PlatformProcess, key: str) -> bool:
    client = admin_client("s3", platform.run.endpoint)
    listed = client.list_objects_v2(Bucket=platform.run.env["CARA_ORIGINALS_BUCKET"], Prefix=key)
    return bool(listed["KeyCount"] > 0)


def test_the_form_takes_exactly_what_was_announced(artist: Artist, platform: PlatformProcess) -> None:
    data = picture()
    form = artist.announce(data)["upload"]
    other_key = form["fields"]["key"] + "x"
    forged_policy = base64.b64encode(
        json.dumps({"expiration": "2099-01-01T00:00:00Z", "conditions": [["starts-with", "$key", ""]]}).encode()
    ).decode()
    refused = {
        "another key": post_form(form, data, key=other_key),
        "another type": post_form(form, data, Content_Type="text/html"),
        "too large": post_form(form, data + b"x"),
        "too small": post_form(form, data[:-1]),
        "a forged signature": post_form(form, data, x_amz_signature="0" * 64),
        "a forged policy": post_form(form, data, policy=forged_policy),
    }
    assert {name: answer.status_code for name, answer in refused.items() if answer.status_code < 400} == {}
    assert not arrived(platform, form["fields"]["key"])
    assert post_form(form, data).status_code == 204
    assert arrived(platform, form["fields"]["key"])


def test_an_expired_form_is_refused(artist: Artist, platform: PlatformProcess) -> None:
    data = picture(2)
    run = platform.run
    # what the server signs, but for a time that is over
    client = admin_client("s3", run.endpoint)
    key = artist.announce(data)["upload"]["fields"]["key"]
    expired = client.generate_presigned_post(run.env["CARA_ORIGINALS_BUCKET"], key, ExpiresIn=-1)
    assert post_form(dict(expired), data).status_code == 403
    assert not arrived(platform, key)


def test_what_the_form_expires_with_is_fifteen_minutes(artist: Artist) -> None:
    announced = artist.announce(picture(3))
    policy = json.loads(base64.b64decode(announced["upload"]["fields"]["policy"]))
    apart = datetime.fromisoformat(policy["expiration"]) - datetime.fromisoformat(announced["expires_at"])
    assert abs(apart.total_seconds()) < 60
    left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert 10 * 60 < left.total_seconds() <= 15 * 60
    assert ["content-length-range", len(picture(3)), len(picture(3))] in policy["conditions"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content_type": "image/svg+xml"}, "content_type"),
        ({"content_type": "application/pdf"}, "content_type"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": -5}, "bytes"),
        ({"bytes": 50 * 1024 * 1024 + 1}, "bytes"),
        ({"bytes": "12"}, "bytes"),
        ({"filename": ""}, "filename"),
        ({"filename": "a\nb.jpg"}, "filename"),
        ({"cloak": "extreme"}, "cloak"),
        ({"key": "originals/x"}, "key"),
        ({"is_ai": False}, "is_ai"),
    ],
)
def test_what_cannot_be_announced(artist: Artist, change: dict[str, object], field: str) -> None:
    body = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 10, **change}
    answer = artist.client.post("/v1/uploads", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_stranger_cannot_announce(http: httpx.Client) -> None:
    answer = http.post("/v1/uploads", json={"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 10})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_state_says_queued_once_the_file_is_there(artist: Artist) -> None:
    data = picture(4)
    announced = artist.announce(data)
    assert artist.media(announced["media_id"])["state"] == "awaiting_upload"
    post_form(announced["upload"], data)
    assert artist.media(announced["media_id"])["state"] in {"queued", "processing", "ready"}
    assert artist.final_media(announced["media_id"])["state"] == "ready"
