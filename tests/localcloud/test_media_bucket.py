"""The bucket of pictures as the CDN reads it: what it gives and what it never gives."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.support.cloud import Cloud
from tools.localcloud.media import MediaBucket, object_key
from tools.localcloud.messages import Answer, Request

BASE = "http://cara.test"
CONTENT = bytes(range(256)) * 4000
KEY = "media/ab/cdef.webp"

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(cloud: Cloud) -> Ask:
    s3 = cloud.admin.client("s3", endpoint_url=cloud.endpoint)
    derivatives, originals = cloud.outputs["DerivativesBucket"], cloud.outputs["OriginalsBucket"]
    s3.put_object(Bucket=derivatives, Key=KEY, Body=CONTENT, ContentType="image/webp")
    s3.put_object(Bucket=derivatives, Key="held/secret.webp", Body=b"held back")
    s3.put_object(Bucket=originals, Key="originals/secret.png", Body=b"as it came")
    bucket = MediaBucket(
        bucket=derivatives, endpoint=cloud.endpoint, base_url=BASE, credentials=cloud.identities["cdn"]
    )

    def call(path: str, method: str = "GET", **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return bucket.answer(Request(method, path, path.partition("?")[0], sent, "192.0.2.7", bytes))

    return call


def body(answer: Answer) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def test_a_picture(ask: Ask) -> None:
    answer = ask("/" + KEY)
    headers = dict(answer.headers)
    assert answer.status == 200
    assert body(answer) == CONTENT
    assert headers["Content-Type"] == "image/webp"
    assert headers["Content-Length"] == str(len(CONTENT))
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Accept-Ranges"] == "bytes"
    assert {"ETag", "Last-Modified"} <= headers.keys()
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/" + KEY, "GET", {}, 200),
        ("/" + KEY, "HEAD", {}, 200),
        ("/" + KEY, "GET", {"range": "bytes=0-9"}, 206),
        ("/" + KEY, "GET", {"range": "bytes=99999999-"}, 416),
        ("/media/none.webp", "GET", {}, 403),
        ("/media/none.webp", "HEAD", {}, 403),
        ("/media", "GET", {}, 403),
        ("/media/", "GET", {}, 403),
    ],
)
def test_statuses(ask: Ask, path: str, method: str, headers: dict[str, str], status: int) -> None:
    assert ask(path, method, **headers).status == status


def test_an_error_names_the_request(ask: Ask) -> None:
    answer = ask("/media/none.webp", x_amz_cf_id="the-id")
    assert json.loads(body(answer))["request_id"] == dict(answer.headers)["X-Request-Id"] == "the-id"


def test_a_range(ask: Ask) -> None:
    answer = ask("/" + KEY, range="bytes=10-19")
    assert answer.status == 206
    assert body(answer) == CONTENT[10:20]
    assert dict(answer.headers)["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
    assert dict(answer.headers)["Content-Length"] == "10"


def test_a_picture_that_the_client_has(ask: Ask) -> None:
    etag = dict(ask("/" + KEY).headers)["ETag"]
    answer = ask("/" + KEY, if_none_match=etag)
    assert answer.status == 304
    assert dict(answer.headers)["ETag"] == etag
    assert body(answer) == b""
    assert ask("/" + KEY, if_none_match='"another"').status == 200


def test_head_has_the_headers_and_no_body(ask: Ask) -> None:
    answer = ask("/" + KEY, "HEAD")
    assert dict(answer.headers)["Content-Length"] == str(len(CONTENT))
    assert body(answer) == b""


@pytest.mark.parametrize(
    "path",
    [
        "/media/../held/secret.webp",
        "/media/%2e%2e/held/secret.webp",
        "/media/%2E%2E%2Fheld/secret.webp",
        "/media/./ab/cdef.webp",
        "/media//ab/cdef.webp",
        "/media/ab%2F..%2F..%2Fheld%2Fsecret.webp",
        "/media/..%5cheld/secret.webp",
        "/media/ab/cdef.webp%00.png",
        "/media/%ff",
        "/media/ab/cdef.webp%0d%0aX-Injected:1",
        "/%6dedia/../held/secret.webp",
    ],
)
def test_no_way_leads_out(ask: Ask, path: str) -> None:
    answer = ask(path)
    problem = json.loads(body(answer))
    assert answer.status == 403
    assert problem["type"] == f"{BASE}/problems/forbidden"
    assert object_key(path) is None


def test_a_key_with_signs_that_are_encoded(cloud: Cloud, ask: Ask) -> None:
    s3 = cloud.admin.client("s3", endpoint_url=cloud.endpoint)
    s3.put_object(Bucket=cloud.outputs["DerivativesBucket"], Key="media/a b+c%.webp", Body=b"odd")
    assert body(ask("/media/a%20b+c%25.webp")) == b"odd"


@pytest.mark.parametrize(
    ("bucket", "key"),
    [("OriginalsBucket", "originals/secret.png"), ("DerivativesBucket", "secret.webp")],
)
def test_not_even_its_identity_reads_anything_else(cloud: Cloud, ask: Ask, bucket: str, key: str) -> None:
    s3 = cloud.session("cdn").client("s3", endpoint_url=cloud.endpoint)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=cloud.outputs[bucket], Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=cloud.outputs[bucket])
