"""What the edge stack cannot hold: the list of crawlers in its store, and the files of the web client."""

import hashlib
import mimetypes
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import swagger_ui_bundle
from botocore.exceptions import ClientError

from tools.deploy.account import Account
from tools.deploy.errors import DeployError
from tools.deploy.stage import EDGE_REGION, ROOT

OWNED = ("agent:", "exact:", "config:base-url")
"""Keys of the store that a deployment owns. Others, such as `referer:HOST`, were put there by ops and stay."""

WEB = ROOT / "web"

_CHANGES_AT_ONCE = 50
"""Of one UpdateKeys call (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html)."""

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_CACHED = "public, max-age=300"


def store_changes(found: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what to put into the store and which keys to delete, so that what a deployment owns is as wanted."""
    put = {key: value for key, value in wanted.items() if found.get(key) != value}
    return put, sorted(key for key in found if key.startswith(OWNED) and key not in wanted)


def sync_store(account: Account, store_arn: str, wanted: Mapping[str, str]) -> list[str]:
    """Bring the store of crawlers up to date and return what was changed, for people."""
    client = account.client("cloudfront-keyvaluestore", EDGE_REGION)
    pages = client.get_paginator("list_keys").paginate(KvsARN=store_arn)
    found = {item["Key"]: item["Value"] for page in pages for item in page["Items"]}
    put, delete = store_changes(found, wanted)
    changes = [("Puts", {"Key": key, "Value": value}) for key, value in put.items()]
    changes += [("Deletes", {"Key": key}) for key in delete]
    etag = client.describe_key_value_store(KvsARN=store_arn)["ETag"]
    for start in range(0, len(changes), _CHANGES_AT_ONCE):
        part = changes[start : start + _CHANGES_AT_ONCE]
        asked = {kind: [change for each, change in part if each == kind] for kind in ("Puts", "Deletes")}
        given = {kind: each for kind, each in asked.items() if each}
        etag = client.update_keys(KvsARN=store_arn, IfMatch=etag, **given)["ETag"]
    return [f"{len(put)} keys put, {len(delete)} deleted"] if changes else []


def web_files() -> dict[str, Path]:
    """Return the files of the web client and of the browsable API description, by their key in the bucket."""
    assets = Path(swagger_ui_bundle.swagger_ui_path)
    files = {path.relative_to(WEB).as_posix(): path for path in WEB.rglob("*") if path.is_file()}
    files |= {f"docs/assets/{path.name}": path for path in assets.iterdir() if path.is_file()}
    return files


def sync_web(account: Account, bucket: str, distribution: str) -> list[str]:
    """Upload the files that differ, remove those that are gone, and have the CDN forget both."""
    client = account.client("s3", EDGE_REGION)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    wanted = web_files()
    changed = [key for key, path in sorted(wanted.items()) if found.get(key) != _etag(path)]
    for key in changed:
        client.put_object(
            Bucket=bucket,
            Key=key,
            Body=wanted[key].read_bytes(),
            ContentType=content_type(wanted[key]),
            CacheControl=_CACHED,
        )
    gone = sorted(set(found) - set(wanted))
    for key in gone:
        client.delete_object(Bucket=bucket, Key=key)
    # Only what was there before can stand in a cache.
    stale = sorted({f"/{key}" for key in [*changed, *gone] if key in found})
    if stale:
        _invalidate(account, distribution, stale)
    return [f"{len(changed)} files uploaded, {len(gone)} removed"] if changed or gone else []


def _etag(path: Path) -> str:
    """Return the ETag of an object that was put whole into a bucket with SSE-S3: its MD5."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def content_type(path: Path) -> str:
    """Return what a file of the web client is served as."""
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/json", "image/svg+xml", "application/manifest+json"}
    return f"{kind}; charset=utf-8" if text else kind


def _invalidate(account: Account, distribution: str, paths: list[str]) -> None:
    client = account.client("cloudfront", EDGE_REGION)
    reference = f"web-{time.time_ns()}"
    batch: dict[str, Any] = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": reference}
    try:
        client.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
    except ClientError as error:
        raise DeployError(f"the files are up, but the CDN keeps old ones for 5 minutes: {error}") from error
