"""What Chalice notes of a deployment, kept in S3 with a lock, and found again when the note was lost.

Chalice writes `.chalice/deployed/STAGE.json` at the end of a deployment and never before: one that fails leaves no note
of the REST API it made, and the next one would make a second. So the note is pulled before and pushed after, and what
the account really holds counts.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.deploy.account import Account
from tools.deploy.errors import DeployError
from tools.deploy.stage import Stage

_LOCK = "state/lock.json"
_NOTE = "state/deployed.json"


@contextmanager
def locked(account: Account, bucket: str) -> Iterator[None]:
    """Hold the stage's lock, so that two deployments do not meet. Raises DeployError, saying who holds it."""
    client = account.client("s3")
    holder = {
        "caller": account.caller,
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        client.put_object(Bucket=bucket, Key=_LOCK, Body=json.dumps(holder).encode(), IfNoneMatch="*")
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] not in {409, 412}:
            raise
        raise DeployError(
            f"somebody else is deploying ({_holder(client, bucket)}). If that ended without a word, "
            "make unlock takes its lock away"
        ) from error
    try:
        yield
    finally:
        client.delete_object(Bucket=bucket, Key=_LOCK)


def unlock(account: Account, bucket: str) -> str:
    """Take away the lock of a deployment that ended without doing so, and return who held it; empty if nobody did."""
    client = account.client("s3")
    if not client.list_objects_v2(Bucket=bucket, Prefix=_LOCK).get("Contents"):
        return ""
    holder = _holder(client, bucket)
    client.delete_object(Bucket=bucket, Key=_LOCK)
    return holder


def _holder(client: Any, bucket: str) -> str:
    try:
        found = json.loads(client.get_object(Bucket=bucket, Key=_LOCK)["Body"].read())
    except (ClientError, ValueError):
        return "unknown"
    return ", ".join(f"{name} {value}" for name, value in found.items())


def note_path(folder: Path, stage: Stage) -> Path:
    """Return where Chalice keeps its note below the folder `.chalice`."""
    return folder / "deployed" / f"{stage.name}.json"


def pull(account: Account, stage: Stage, bucket: str, folder: Path) -> str | None:
    """Make Chalice's note say what the account holds, and return the id of the REST API; None before the first one.

    The newest of what stands here, in S3 and in the account that names a REST API that is really there is taken.
    Raises DeployError when that cannot be told.
    """
    path = note_path(folder, stage)
    apis = _apis(account, stage)
    for note in (_local(path), _remote(account, bucket)):
        if note and _api_id(note) in apis:
            _write(path, note)
            return _api_id(note)
    if len(apis) > 1:
        raise DeployError(
            f"there are several REST APIs called {stage.application}: {', '.join(apis)}. Delete all but one"
        )
    path.unlink(missing_ok=True)
    if not apis:
        return None
    _write(path, _rebuilt(account, stage, apis[0]))
    return apis[0]


def push(account: Account, stage: Stage, bucket: str, folder: Path) -> None:
    """Keep Chalice's note in S3, where whoever deploys next finds it."""
    path = note_path(folder, stage)
    if path.exists():
        account.client("s3").upload_file(str(path), bucket, _NOTE)


def forget(account: Account, stage: Stage, bucket: str, folder: Path) -> None:
    """Remove the note of a stage that is no longer there."""
    note_path(folder, stage).unlink(missing_ok=True)
    account.client("s3").delete_object(Bucket=bucket, Key=_NOTE)


def _local(path: Path) -> dict[str, Any] | None:
    return _parsed(path.read_bytes()) if path.exists() else None


def _remote(account: Account, bucket: str) -> dict[str, Any] | None:
    try:
        return _parsed(account.client("s3").get_object(Bucket=bucket, Key=_NOTE)["Body"].read())
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {403, 404}:
            return None
        raise


def _parsed(content: bytes) -> dict[str, Any] | None:
    """Return a note; None if it is torn or of another kind, as it then says nothing."""
    try:
        found = json.loads(content)
        return found if isinstance(found["resources"], list) else None
    except (ValueError, KeyError, TypeError):
        return None


def _api_id(note: dict[str, Any]) -> str | None:
    return next((each.get("rest_api_id") for each in note["resources"] if each.get("name") == "rest_api"), None)


def _apis(account: Account, stage: Stage) -> list[str]:
    pages = account.client("apigateway").get_paginator("get_rest_apis").paginate()
    return [api["id"] for page in pages for api in page["items"] if api["name"] == stage.application]


def _rebuilt(account: Account, stage: Stage, api_id: str) -> dict[str, Any]:
    """Return a note of what is there by its name, so that Chalice also removes what the code no longer has."""
    prefix = f"{stage.application}-"
    pages = account.client("lambda").get_paginator("list_functions").paginate()
    functions = [
        {
            "name": function["FunctionName"].removeprefix(prefix),
            "resource_type": "lambda_function",
            "lambda_arn": function["FunctionArn"],
        }
        for page in pages
        for function in page["Functions"]
        if function["FunctionName"].startswith(prefix)
    ]
    api = {
        "name": "rest_api",
        "resource_type": "rest_api",
        "rest_api_id": api_id,
        "rest_api_url": account.api_url(api_id, "api") + "/",
    }
    return {"resources": [*functions, api], "schema_version": "2.0", "backend": "api"}


def _write(path: Path, note: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
