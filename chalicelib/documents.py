"""S3: résumés. They lie where no CDN reads, ``resumes/`` of the bucket of renditions."""

from typing import Any

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.media import UPLOAD_SECONDS
from chalicelib.domain.resumes import CONTENT_TYPE, MAX_BYTES, folder_of
from chalicelib.storage import _client, _s3_errors


class ResumeFiles:
    """Résumés as they came (``new/``, a day), and those of applications (``kept/``), which no form can replace.

    What is removed nobody can fetch from then on; S3 forgets former versions in this bucket after a day.
    """

    def __init__(self, bucket: str) -> None:
        """Take the name of the bucket."""
        self._bucket = bucket

    def upload_form(self, account_id: str, resume_id: str, size: int) -> dict[str, Any]:
        """Return ``{"url", "fields"}`` of a form by which one PDF of this size can be posted, within 15 minutes."""
        form = _client().generate_presigned_post(
            self._bucket,
            _new(account_id, resume_id),
            Fields={"Content-Type": CONTENT_TYPE},
            Conditions=[{"Content-Type": CONTENT_TYPE}, ["content-length-range", size, size]],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return {"url": form["url"], "fields": form["fields"]}

    def arrived(self, account_id: str, resume_id: str) -> bytes:
        """Return what came by the form, at most one byte more than a résumé may have.

        Raises:
            NotFoundError: nothing came.
            TemporaryError: S3 did not give it this time.
        """
        from botocore.exceptions import ClientError

        with _s3_errors():
            try:
                answer = _client().get_object(Bucket=self._bucket, Key=_new(account_id, resume_id))
            except ClientError as error:
                # S3 says that a file is missing to those alone who may list; whoever may not is forbidden
                if error.response.get("Error", {}).get("Code") == "AccessDenied":
                    raise NotFoundError from error
                raise
            return answer["Body"].read(MAX_BYTES + 1)

    def keep(self, account_id: str, resume_id: str, data: bytes) -> None:
        """Store the bytes that were looked at; storing them twice changes nothing."""
        with _s3_errors():
            _client().put_object(
                Bucket=self._bucket, Key=_kept(account_id, resume_id), Body=data, ContentType=CONTENT_TYPE
            )

    def remove(self, account_id: str, resume_id: str) -> None:
        """Remove both; what is not there stays away."""
        with _s3_errors():
            for key in (_new(account_id, resume_id), _kept(account_id, resume_id)):
                _client().delete_object(Bucket=self._bucket, Key=key)

    def link(self, account_id: str, resume_id: str, seconds: int) -> str:
        """Return an address by which whoever has it can save a kept résumé for some seconds."""
        params = {
            "Bucket": self._bucket,
            "Key": _kept(account_id, resume_id),
            "ResponseCacheControl": "private, no-store",
            "ResponseContentDisposition": 'attachment; filename="resume.pdf"',
            "ResponseContentType": CONTENT_TYPE,
        }
        return _client().generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)


def _new(account_id: str, resume_id: str) -> str:
    return f"resumes/new/{folder_of(account_id)}/{resume_id}"


def _kept(account_id: str, resume_id: str) -> str:
    return f"resumes/kept/{folder_of(account_id)}/{resume_id}.pdf"
