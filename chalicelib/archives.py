"""S3: archives of what is held of an account, put together from parts, and fetched by an address that ends."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from chalicelib.domain.errors import NotFoundError, TemporaryError
from chalicelib.domain.noai import PREFIXES
from chalicelib.domain.resumes import folder_of
from chalicelib.storage import HELD, _client, _s3_errors


class Archives:
    """Archives below ``exports/`` of the bucket of renditions: no CDN reads there, and all is forgotten in two days."""

    def __init__(self, bucket: str) -> None:
        """Take the name of the bucket."""
        self._bucket = bucket

    def begin(self, key: str) -> str:
        """Begin an archive and return the id of its upload."""
        with _s3_errors():
            made = _client().create_multipart_upload(Bucket=self._bucket, Key=key, ContentType="application/zip")
        return made["UploadId"]

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part, 5 MB at least unless it is the last, and return its tag; once more replaces it.

        Raises:
            NotFoundError: the upload is over or was given up.
            TemporaryError: S3 did not take it this time.
        """
        with _s3_errors():
            answer = _client().upload_part(
                Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=data
            )
        return answer["ETag"]

    def complete(self, key: str, upload_id: str, tags: Iterable[str]) -> None:
        """Put an archive together from its parts.

        Raises:
            NotFoundError: the upload is over or was given up, or a part is not the one that has this tag.
            TemporaryError: S3 did not do it this time.
        """
        parts: Any = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
        with _s3_errors():
            _client().complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )

    def save(self, key: str, data: bytes) -> None:
        """Keep something beside an archive."""
        with _s3_errors():
            _client().put_object(Bucket=self._bucket, Key=key, Body=data)

    def load(self, key: str) -> bytes:
        """Return what was kept; raises NotFoundError if nothing is there."""
        with _s3_errors():
            return _client().get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def size(self, key: str) -> int | None:
        """Return the bytes of an archive; None if it is not there."""
        try:
            with _s3_errors():
                return _client().head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        except NotFoundError:
            return None

    def link(self, key: str, seconds: int) -> str:
        """Return an address by which whoever has it can fetch an archive for some seconds."""
        params = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseCacheControl": "private, no-store",
            "ResponseContentDisposition": 'attachment; filename="cara-export.zip"',
        }
        return _client().generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)


class AccountFiles:
    """All files of an account: its originals, and all that was made of them."""

    def __init__(self, originals: str, derivatives: str) -> None:
        """Take the names of the buckets."""
        self._originals = originals
        self._derivatives = derivatives

    def uploads(self, account_id: str, after: str | None, limit: int) -> list[str]:
        """Return the keys of some originals, in their order, behind one."""
        return self._keys(self._originals, f"originals/{account_id}/", after, limit)

    def original(self, key: str) -> bytes:
        """Return an original; raises NotFoundError if it is not there."""
        with _s3_errors():
            return _client().get_object(Bucket=self._originals, Key=key)["Body"].read()

    def derived(self, media_id: str) -> list[str]:
        """Return the keys of a picture's masters and records."""
        return self._keys(self._derivatives, f"held/{media_id}/", None, 1000)

    def derivative(self, key: str) -> bytes:
        """Return one of them; raises NotFoundError if it is not there."""
        with _s3_errors():
            return _client().get_object(Bucket=self._derivatives, Key=key)["Body"].read()

    def resumes(self, account_id: str, after: str | None, limit: int) -> list[str]:
        """Return the keys of some résumés that came with applications, in their order, behind one."""
        return self._keys(self._derivatives, f"resumes/kept/{folder_of(account_id)}/", after, limit)

    def forget_originals(self, account_id: str) -> bool:
        """Remove some originals of an account, every version of them, and tell whether there may be more."""
        return self._forget(self._originals, f"originals/{account_id}/")

    def forget_original(self, account_id: str, media_id: str) -> None:
        """Remove the original of an upload, every version of it."""
        while self._forget(self._originals, f"originals/{account_id}/{media_id}"):
            pass

    def forget_derived(self, media_id: str) -> None:
        """Remove all that was made of a picture, every version of it: masters, records, and what the CDN can read."""
        for prefix in (HELD, *PREFIXES):
            while self._forget(self._derivatives, f"{prefix}/{media_id}/"):
                pass

    def forget_exports(self, account_id: str) -> bool:
        """Remove some of an account's archives and what was left beside them, and tell whether there may be more."""
        prefix = f"exports/{account_id}/"
        with _s3_errors():
            begun = _client().list_multipart_uploads(Bucket=self._derivatives, Prefix=prefix).get("Uploads", ())
            for each in begun:
                with suppress(NotFoundError), _s3_errors():
                    _client().abort_multipart_upload(
                        Bucket=self._derivatives, Key=each["Key"], UploadId=each["UploadId"]
                    )
        return self._forget(self._derivatives, prefix)

    def forget_resumes(self, account_id: str) -> bool:
        """Remove some résumés of an account, every version of them, and tell whether there may be more."""
        more = [self._forget(self._derivatives, f"resumes/{kind}/{folder_of(account_id)}/") for kind in ("new", "kept")]
        return any(more)

    def _forget(self, bucket: str, prefix: str) -> bool:
        """Remove up to a thousand versions of objects, and tell whether there may be more.

        Raises:
            TemporaryError: some could not be removed this time.
        """
        with _s3_errors():
            page = _client().list_object_versions(Bucket=bucket, Prefix=prefix)
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects: Any = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            failed = (
                _client().delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", ())
                if objects
                else ()
            )
        if failed:
            raise TemporaryError(f"S3: {len(failed)} objects are not removed: {failed[0].get('Code')}")
        return page["IsTruncated"]

    def _keys(self, bucket: str, prefix: str, after: str | None, limit: int) -> list[str]:
        from_there: Any = {"StartAfter": after} if after else {}
        with _s3_errors():
            page = _client().list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=limit, **from_there)
        return [item["Key"] for item in page.get("Contents", ())]
