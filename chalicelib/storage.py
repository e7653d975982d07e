"""S3: forms for uploads, reading originals, writing derivatives and opening them to the CDN."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import NotFoundError, TemporaryError
from chalicelib.domain.media import MAX_UPLOAD_BYTES, UPLOAD_SECONDS
from chalicelib.domain.noai import PREFIXES
from chalicelib.domain.protection import CONTENT_TYPES, Rendition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

HELD = "held"
"""Prefix of every rendition's master copy, which nobody can fetch."""

IMMUTABLE = "public, max-age=31536000, immutable"

_PARALLEL = 8


_making = Lock()


def _client() -> "S3Client":
    """Return the one client of this process; several threads may ask at once, and boto3 makes none in parallel."""
    with _making:
        return _made_client()


@cache
def _made_client() -> "S3Client":
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        # a form must name the bucket's region: the global address redirects, which a browser's POST does not survive
        s3={"addressing_style": "virtual"},
        connect_timeout=2,
        read_timeout=20,
        retries={"max_attempts": 3, "mode": "standard"},
        max_pool_connections=_PARALLEL * 2,
    )
    return boto3.client("s3", config=config)


@contextmanager
def _s3_errors() -> "Iterator[None]":
    """Turn S3's errors into the domain's: what is not there, and what may succeed later."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in {"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "InvalidPart", "404"}:
            raise NotFoundError from error
        raise TemporaryError(f"S3: {code}") from error
    except BotoCoreError as error:
        raise TemporaryError(f"S3: {type(error).__name__}") from error


def _in_parallel(work: Any, items: Iterable[Any]) -> None:
    with _s3_errors(), ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(work, items))


class Originals:
    """The private bucket of uploads as they came."""

    def __init__(self, bucket: str) -> None:
        """Take the name of the bucket."""
        self._bucket = bucket

    def upload_form(self, key: str, content_type: str, size: int) -> dict[str, Any]:
        """Return ``{"url", "fields"}`` of a form by which one file of this type and size can be posted to the key.

        S3 itself enforces the policy: the exact key, the exact type, the exact number of bytes, within 15 minutes
        (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
        """
        form = _client().generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", size, size]],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return {"url": form["url"], "fields": form["fields"]}

    def arrived(self, key: str) -> bool:
        """Tell whether an upload is there; needs the right to list, not to read."""
        with _s3_errors():
            page = _client().list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return any(item["Key"] == key for item in page.get("Contents", ()))

    def read(self, key: str, version: str | None) -> bytes:
        """Return the bytes of an upload, at most one more than an upload may have.

        Raises:
            NotFoundError: it is not there.
            TemporaryError: S3 did not give it this time.
        """
        version_argument: Any = {"VersionId": version} if version else {}
        with _s3_errors():
            answer = _client().get_object(Bucket=self._bucket, Key=key, **version_argument)
            return answer["Body"].read(MAX_UPLOAD_BYTES + 1)


class Derivatives:
    """The bucket of protected renditions.

    Every rendition has a master copy under ``held/{media}/{name}``, and while its picture is published a copy under
    one of :data:`chalicelib.domain.noai.PREFIXES`, as in ``media/{media}/{name}``: the CDN can read those alone.
    Nothing is ever lost by a change that was cut short, as masters stay.
    """

    def __init__(self, bucket: str) -> None:
        """Take the name of the bucket."""
        self._bucket = bucket

    def put(self, media_id: str, files: list[tuple[str, Rendition]]) -> None:
        """Store renditions under their names; storing one twice changes nothing."""

        def store(file: tuple[str, Rendition]) -> None:
            name, rendition = file
            _client().put_object(
                Bucket=self._bucket,
                Key=f"{HELD}/{media_id}/{name}",
                Body=rendition.data,
                ContentType=CONTENT_TYPES[rendition.format],
                CacheControl=IMMUTABLE,
            )

        _in_parallel(store, files)

    def put_record(self, media_id: str, name: str, record: str) -> None:
        """Store a picture's signed protection record."""
        with _s3_errors():
            _client().put_object(
                Bucket=self._bucket,
                Key=f"{HELD}/{media_id}/{name}",
                Body=record.encode(),
                ContentType="application/jose",
                CacheControl=IMMUTABLE,
            )

    def read_record(self, media_id: str, name: str) -> str:
        """Return a picture's signed protection record.

        Raises:
            NotFoundError: it is not there.
            TemporaryError: S3 did not give it this time.
        """
        with _s3_errors():
            answer = _client().get_object(Bucket=self._bucket, Key=f"{HELD}/{media_id}/{name}")
            return answer["Body"].read().decode()

    def expose(self, prefix: str, media_id: str, names: Iterable[str]) -> None:
        """Let the CDN serve these renditions below a prefix."""

        def copy(name: str) -> None:
            _client().copy_object(
                Bucket=self._bucket,
                Key=f"{prefix}/{media_id}/{name}",
                CopySource={"Bucket": self._bucket, "Key": f"{HELD}/{media_id}/{name}"},
            )

        _in_parallel(copy, names)

    def withdraw(self, media_id: str, names: Iterable[str]) -> None:
        """Let the CDN serve these renditions no longer, below whatever prefix: a choice may just have changed."""
        self._remove(f"{prefix}/{media_id}/{name}" for name in names for prefix in PREFIXES)

    def files(self, media_id: str) -> list[str]:
        """Return the key of every file of a picture: masters, records, and what the CDN can read."""
        with _s3_errors():
            pages = (
                _client().list_objects_v2(Bucket=self._bucket, Prefix=f"{prefix}/{media_id}/")
                for prefix in (HELD, *PREFIXES)
            )
            return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def discard(self, keys: Iterable[str]) -> None:
        """Remove files, named as :meth:`files` does; one that is gone changes nothing."""
        self._remove(keys)

    def _remove(self, keys: Iterable[str]) -> None:
        def remove(key: str) -> None:
            _client().delete_object(Bucket=self._bucket, Key=key)

        _in_parallel(remove, keys)
