"""S3: the form that lets an upload in, as its client makes it for a region, and what it does not do."""

from unittest import mock

import pytest

from chalicelib import archives, storage
from chalicelib.domain.errors import TemporaryError


@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-2"])
def test_form_names_the_region_of_its_bucket(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    """The global address redirects while a bucket is new, and a browser's POST does not survive that."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    storage._made_client.cache_clear()
    try:
        form = storage.Originals("bucket").upload_form("originals/a/b", "image/png", 5)
    finally:
        storage._made_client.cache_clear()
    assert form["url"] == f"https://bucket.s3.{region}.amazonaws.com/"


def test_what_s3_does_not_remove_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = mock.Mock()
    client.list_object_versions.return_value = {"Versions": [{"Key": "k", "VersionId": "1"}], "IsTruncated": False}
    client.delete_objects.return_value = {"Errors": [{"Key": "k", "Code": "AccessDenied"}]}
    monkeypatch.setattr(archives, "_client", lambda: client)
    with pytest.raises(TemporaryError, match="AccessDenied"):
        archives.AccountFiles("originals", "derivatives").forget_originals("ada")
