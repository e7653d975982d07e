"""Deploys the templates of infra/ that go to AWS, infra/base.yaml above all, into the emulated AWS."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from mypy_boto3_cloudformation import CloudFormationClient

from tools.deploy.stacks import BODY_LIMIT
from tools.localcloud.config import ROOT, STACK

BASE = ROOT / "infra" / "base.yaml"

_DEADLINE_SECONDS = 120.0
_TEMPLATES = "cara-templates"


class StackError(Exception):
    """A stack could not be deployed; the message says which resource and why."""


def deploy(
    session: boto3.Session,
    endpoint: str,
    parameters: Mapping[str, str],
    *,
    stack: str = STACK,
    template: Path = BASE,
) -> dict[str, str]:
    """Create a stack or bring it up to date, and return its outputs.

    `parameters` are those of the template that differ from its defaults. Raises StackError when it fails.
    """
    client = session.client("cloudformation", endpoint_url=endpoint)
    body = template.read_text(encoding="utf-8")
    given = (
        {"TemplateBody": body} if len(body.encode()) <= BODY_LIMIT else {"TemplateURL": _kept(session, endpoint, body)}
    )
    _create_or_update(client, stack, given, parameters)
    return _wait_for_outputs(client, stack)


def _kept(session: boto3.Session, endpoint: str, body: str) -> str:
    """Put a template that is too large for a request where the emulator reads it, and return its address."""
    s3 = session.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket=_TEMPLATES)
    key = f"{hashlib.sha256(body.encode()).hexdigest()}.yaml"
    s3.put_object(Bucket=_TEMPLATES, Key=key, Body=body.encode())
    return f"{endpoint}/{_TEMPLATES}/{key}"


def _create_or_update(
    client: CloudFormationClient, stack: str, given: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    def ask(operation: str) -> None:
        getattr(client, operation)(
            StackName=stack,
            **given,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )

    try:
        ask("create_stack")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise StackError(str(error)) from error
    else:
        return
    try:
        ask("update_stack")
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StackError(str(error)) from error


def _wait_for_outputs(client: CloudFormationClient, name: str) -> dict[str, str]:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        status = stack["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if not status.endswith("_IN_PROGRESS"):
            raise StackError(f"{name} is {status}: {_first_failure(client, name)}")
        time.sleep(0.1)
    raise StackError(f"{name} was not deployed within {_DEADLINE_SECONDS:.0f} s")


def _first_failure(client: CloudFormationClient, name: str) -> str:
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    failures = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    if not failures:
        return "no reason given"
    first = failures[-1]
    return f"{first.get('LogicalResourceId')}: {first.get('ResourceStatusReason', 'no reason given')}"
