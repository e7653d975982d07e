"""What Chalice notes of a deployment: made from what the account holds, and kept in S3; and the stage's lock.

Chalice writes `.chalice/deployed/STAGE.json` at the end of a deployment and never before: one that fails leaves no note
of the REST API it made, and the next one would make a second. So before Chalice runs, its note is made from the
functions that it tagged for this stage, their roles and schedules, and the REST API of that name. What an earlier note
knows besides is added where it is still there.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.deploy.account import Account
from tools.deploy.errors import DeployError
from tools.deploy.stage import Stage

_LOCK = "state/lock.json"
_NOTE = "state/deployed.json"
_API_HANDLER = "api_handler"

type Resource = dict[str, str]


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
        mine = client.put_object(Bucket=bucket, Key=_LOCK, Body=json.dumps(holder).encode(), IfNoneMatch="*")["ETag"]
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
        # Only our own: it may have been taken away, and another one taken.
        with suppress(ClientError):
            client.delete_object(Bucket=bucket, Key=_LOCK, IfMatch=mine)


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


def pull(account: Account, stage: Stage, bucket: str, folder: Path) -> list[Resource]:
    """Make Chalice's note say what the account holds of a stage, and return that; nothing before the first deployment.

    Raises DeployError where several REST APIs have the stage's name.
    """
    known = _functions_named(folder, account, stage, bucket)
    found = _functions(account, stage, known)
    path = note_path(folder, stage)
    if not found:
        path.unlink(missing_ok=True)
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"resources": found, "schema_version": "2.0", "backend": "api"}
    path.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    return found


def push(account: Account, stage: Stage, bucket: str, folder: Path) -> None:
    """Keep Chalice's note in S3, where whoever looks at the stage next finds it."""
    path = note_path(folder, stage)
    if path.exists():
        account.client("s3").upload_file(str(path), bucket, _NOTE)


def forget(account: Account, stage: Stage, bucket: str, folder: Path) -> None:
    """Remove the note of a stage of which nothing is left."""
    note_path(folder, stage).unlink(missing_ok=True)
    account.client("s3").delete_object(Bucket=bucket, Key=_NOTE)


def api_id(resources: list[Resource]) -> str:
    """Return the id of the REST API among what Chalice made; empty if there is none."""
    return next((each["rest_api_id"] for each in resources if each["resource_type"] == "rest_api"), "")


def _functions_named(folder: Path, account: Account, stage: Stage, bucket: str) -> set[str]:
    """Return the functions that the configuration or an earlier note names: some may be half gone, but for a role."""
    template = json.loads((folder / "config.template.json").read_text(encoding="utf-8"))
    named = set(template["lambda_functions"])
    for note in (_local(note_path(folder, stage)), _remote(account, bucket)):
        named |= {each["name"] for each in note if each.get("resource_type") == "lambda_function"}
    return named


def _functions(account: Account, stage: Stage, known: set[str]) -> list[Resource]:
    """Return what is there, in the order in which Chalice makes it: it deletes from the end."""
    arns = _tagged(account, stage)
    roles, rules, functions = [], [], []
    for name in sorted(known | set(arns)):
        full = f"{stage.application}-{name}"
        role = _role_arn(account, full)
        if role:
            kind = {"name": f"{name}_role", "resource_type": "iam_role"}
            roles.append({**kind, "role_arn": role, "role_name": full})
        if name in arns:
            functions.append({"name": name, "resource_type": "lambda_function", "lambda_arn": arns[name]})
        rule = f"{full}-event"
        if account.client("events").list_rules(NamePrefix=rule)["Rules"]:
            rules.append({"name": f"{name}-event", "resource_type": "cloudwatch_event", "rule_name": rule})
    return [*roles, *functions, *rules, *_api(account, stage)]


def _tagged(account: Account, stage: Stage) -> dict[str, str]:
    """Return the ARNs of the functions that Chalice made for the stage, by its name for them; nobody else's."""
    client, mine = account.client("lambda"), f":stage={stage.name}:app=cara"
    found = {}
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            full, arn = function["FunctionName"], function["FunctionArn"]
            if full != stage.application and not full.startswith(f"{stage.application}-"):
                continue
            if client.list_tags(Resource=arn)["Tags"].get("aws-chalice", "").endswith(mine):
                found[full.removeprefix(f"{stage.application}-") if full != stage.application else _API_HANDLER] = arn
    return found


def _role_arn(account: Account, name: str) -> str:
    client = account.client("iam")
    try:
        return str(client.get_role(RoleName=name)["Role"]["Arn"])
    except client.exceptions.NoSuchEntityException:
        return ""


def _api(account: Account, stage: Stage) -> list[Resource]:
    pages = account.client("apigateway").get_paginator("get_rest_apis").paginate()
    found = [api["id"] for page in pages for api in page["items"] if api["name"] == stage.application]
    if len(found) > 1:
        raise DeployError(f"several REST APIs are called {stage.application}: {', '.join(found)}. Delete all but one")
    url = [f"{account.api_url(each, 'api')}/" for each in found]
    kind = {"name": "rest_api", "resource_type": "rest_api"}
    return [{**kind, "rest_api_id": each, "rest_api_url": at} for each, at in zip(found, url, strict=True)]


def _local(path: Path) -> list[Resource]:
    return _parsed(path.read_bytes()) if path.exists() else []


def _remote(account: Account, bucket: str) -> list[Resource]:
    try:
        return _parsed(account.client("s3").get_object(Bucket=bucket, Key=_NOTE)["Body"].read())
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {403, 404}:
            return []
        raise


def _parsed(content: bytes) -> list[Resource]:
    """Return what a note names; nothing if it is torn or of another kind."""
    try:
        resources = json.loads(content)["resources"]
        return [each for each in resources if isinstance(each["name"], str)]
    except (ValueError, KeyError, TypeError):
        return []
