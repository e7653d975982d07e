"""The form that lets an upload in, as S3's client makes it for a region."""

import pytest

from chalicelib import storage


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
