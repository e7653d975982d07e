"""The derivatives bucket as an origin of the CDN: published pictures, and what the CDN lets nobody ask for unsigned.

It is read by an identity that may get objects below the prefixes of published pictures and nothing more, as origin
access control would have it, so that even a mistake in here cannot show an original or a picture that is held back.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.noai import PREFIXES
from chalicelib.services.addresses import HELD
from tools.localcloud.config import REGION
from tools.localcloud.environment import Credentials
from tools.localcloud.messages import Answer, Request, problem

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 256 * 1024
_PASSED_ON = {"range": "Range", "if-none-match": "IfNoneMatch"}


class MediaBucket:
    """Answers GET and HEAD of published pictures. Safe to use from many threads."""

    def __init__(self, *, bucket: str, endpoint: str, base_url: str, credentials: Credentials) -> None:
        self._bucket = bucket
        self._base_url = base_url
        self._client: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            config=Config(max_pool_connections=64, connect_timeout=2, read_timeout=20, retries={"max_attempts": 2}),
        )

    def answer(self, request: Request) -> Answer:
        """Return the object that the path names, or an error."""
        key = object_key(request.path)
        if key is None:
            return self._forbidden(request)
        asked: dict[str, Any] = {
            option: request.headers[name] for name, option in _PASSED_ON.items() if name in request.headers
        }
        try:
            if request.method == "HEAD":
                return _found(dict(self._client.head_object(Bucket=self._bucket, Key=key, **asked)))
            return _found(dict(self._client.get_object(Bucket=self._bucket, Key=key, **asked)))
        except ClientError as error:
            return self._refused(request, error)
        except BotoCoreError:
            return self._failed(request, "The store of the pictures did not answer.")

    def _refused(self, request: Request, error: ClientError) -> Answer:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 304:
            headers = error.response["ResponseMetadata"]["HTTPHeaders"]
            return Answer(304, [("ETag", headers.get("etag", "")), *_CACHED])
        if status == 416:
            return problem(self._base_url, 416, "range-not-satisfiable", request_id=request.id)
        if status >= 500:
            return self._failed(request, "The store of the pictures failed.")
        # Whoever may not list a bucket is not told whether an object exists.
        return self._forbidden(request)

    def _forbidden(self, request: Request) -> Answer:
        detail = "There is no such picture, or it is not public."
        return problem(self._base_url, 403, "forbidden", detail, request_id=request.id)

    def _failed(self, request: Request, detail: str) -> Answer:
        return problem(self._base_url, 502, "bad-gateway", detail, request_id=request.id)


_CACHED = [("Cache-Control", "public, max-age=31536000, immutable")]


def object_key(path: str) -> str | None:
    """Return the key that `path` (as sent) names in the bucket; None for one that no rendition could have."""
    try:
        key = unquote(path, errors="strict").removeprefix("/")
    except UnicodeDecodeError:
        return None
    parts = key.split("/")
    if parts[0] not in {*PREFIXES, HELD} or not key.isprintable() or "\\" in key or {"", ".", ".."} & set(parts):
        return None
    return key


def _found(found: dict[str, Any]) -> Answer:
    metadata = found["ResponseMetadata"]
    headers = [
        ("Content-Type", found.get("ContentType", "application/octet-stream")),
        ("Content-Length", str(found["ContentLength"])),
        ("ETag", found["ETag"]),
        ("Accept-Ranges", "bytes"),
        *_CACHED,
    ]
    headers += [
        (name, metadata["HTTPHeaders"][name.lower()])
        for name in ("Last-Modified", "Content-Range")
        if name.lower() in metadata["HTTPHeaders"]
    ]
    return Answer(metadata["HTTPStatusCode"], headers, _pieces(found["Body"]) if "Body" in found else b"")


def _pieces(stream: Any) -> Iterator[bytes]:
    with stream:
        yield from stream.iter_chunks(_CHUNK_BYTES)
