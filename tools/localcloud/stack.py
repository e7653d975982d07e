"""Deploys infra/base.yaml, the template that goes to AWS, into the emulated AWS."""

import time
from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError
from mypy_boto3_cloudformation import CloudFormationClient

from tools.localcloud.config import ROOT, STACK

_TEMPLATE = ROOT / "infra" / "base.yaml"
_DEADLINE_SECONDS = 120.0


class StackError(Exception):
    """The base stack could not be deployed; the message says which resource and why."""


def deploy(session: boto3.Session, endpoint: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Create the base stack or bring it up to date, and return its outputs.

    `parameters` are those of the template that differ from its defaults. Raises StackError when it fails.
    """
    client = session.client("cloudformation", endpoint_url=endpoint)
    template = _TEMPLATE.read_text(encoding="utf-8")
    _create_or_update(client, template, parameters)
    return _wait_for_outputs(client)


def _create_or_update(client: CloudFormationClient, template: str, parameters: Mapping[str, str]) -> None:
    values = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    try:
        client.create_stack(StackName=STACK, TemplateBody=template, Parameters=values)  # type: ignore[arg-type]  # plain dicts
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise StackError(str(error)) from error
    else:
        return
    try:
        client.update_stack(StackName=STACK, TemplateBody=template, Parameters=values)  # type: ignore[arg-type]  # plain dicts
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StackError(str(error)) from error


def _wait_for_outputs(client: CloudFormationClient) -> dict[str, str]:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        stack = client.describe_stacks(StackName=STACK)["Stacks"][0]
        status = stack["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if not status.endswith("_IN_PROGRESS"):
            raise StackError(f"{STACK} is {status}: {_first_failure(client)}")
        time.sleep(0.1)
    raise StackError(f"{STACK} was not deployed within {_DEADLINE_SECONDS:.0f} s")


def _first_failure(client: CloudFormationClient) -> str:
    events = client.describe_stack_events(StackName=STACK)["StackEvents"]
    failures = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    if not failures:
        return "no reason given"
    first = failures[-1]
    return f"{first.get('LogicalResourceId')}: {first.get('ResourceStatusReason', 'no reason given')}"
