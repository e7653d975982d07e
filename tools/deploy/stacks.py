"""CloudFormation stacks: what would change, and changing it, by change sets."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.deploy.errors import DeployError

BODY_LIMIT = 51_200
"""Bytes of a template in the request itself
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

STORED_LIMIT = 1_000_000
"""Bytes of a template that CloudFormation reads from a bucket; same source."""

_FIRST = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
_BROKEN_AT_BIRTH = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
_STUCK = {"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "DELETE_FAILED"}

KEPT = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SQS::Queue"}
"""Types of resources whose replacement would leave their data behind."""

_NOTHING = ("didn't contain changes", "no changes", "no updates are to be performed")


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan: what happens to which resource, and whether it is replaced (`True False Conditional`)."""

    action: str
    kind: str
    name: str
    replacement: str = "False"

    @property
    def loses_data(self) -> bool:
        """Whether what holds data would be made anew, empty."""
        return self.replacement == "True" and self.kind in KEPT

    def __str__(self) -> str:
        """Return the line that people read."""
        marks = {"True": " (REPLACED)", "Conditional": " (MAY BE REPLACED)"}
        return f"{self.action:6} {self.kind} {self.name}{marks.get(self.replacement, '')}"


def _change(found: Mapping[str, Any]) -> Change:
    replacement = found.get("Replacement", "False")
    return Change(found["Action"], found["ResourceType"], found["LogicalResourceId"], replacement)


def without_comments(template: str) -> str:
    """Return a YAML template without its comment lines and empty lines: they count against the size limit."""
    return (
        "\n".join(line for line in template.splitlines() if line.strip() and not line.lstrip().startswith("#")) + "\n"
    )


class Stacks:
    """The stacks of one account and region.

    `keep` puts a template that is too large for a request where CloudFormation can read it and returns its address;
    None where there is no such place yet.

    Waiting ends after `deadline` seconds, without undoing anything: CloudFormation goes on by itself, and the next run
    takes up what it finds.
    """

    def __init__(
        self, client: Any, *, keep: Callable[[str], str] | None = None, deadline: float = 3600, pause: float = 3
    ) -> None:
        self._client = client
        self._keep = keep
        self._deadline = deadline
        self._pause = pause

    def status(self, name: str) -> str | None:
        """Return the status of a stack, None if there is none."""
        found = self._describe(name)
        return str(found["StackStatus"]) if found else None

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack; nothing if there is none."""
        found = self._describe(name) or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def plan(self, name: str, template: str, parameters: Mapping[str, str]) -> list[Change]:
        """Return what apply would change, and change nothing."""
        first = self.status(name) in {None, *_FIRST, *_BROKEN_AT_BIRTH}
        if self.status(name) in _BROKEN_AT_BIRTH:
            return [Change("Remake", "AWS::CloudFormation::Stack", name, "True")]
        made = self._change_set(name, template, parameters, first=first)
        try:
            return self._changes(name, made) if made else []
        finally:
            if made:
                self._client.delete_change_set(StackName=name, ChangeSetName=made)
            if first and self.status(name) == "REVIEW_IN_PROGRESS":
                self._client.delete_stack(StackName=name)

    def apply(self, name: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Bring a stack to its template and return its outputs. Raises DeployError, with the first failure."""
        self._settle(name)
        made = self._change_set(name, template, parameters, first=self.status(name) in {None, *_FIRST})
        if made:
            self._refuse_losses(name, made)
            before = self._last_event(name)
            self._client.execute_change_set(StackName=name, ChangeSetName=made)
            status = self._wait(name)
            if not status.endswith("_COMPLETE") or "ROLLBACK" in status:
                raise DeployError(f"stack {name} is {status}: {self._first_failure(name, before)}")
        return self.outputs(name)

    def _refuse_losses(self, name: str, change_set: str) -> None:
        lost = [str(change) for change in self._changes(name, change_set) if change.loses_data]
        if lost:
            self._client.delete_change_set(StackName=name, ChangeSetName=change_set)
            raise DeployError(f"stack {name}: this would leave data behind: {', '.join(lost)}")

    def delete(self, name: str) -> bool:
        """Delete a stack and tell whether there was one. Raises DeployError if it cannot be deleted."""
        if self.status(name) in {None, "DELETE_COMPLETE"}:
            return False
        before = self._last_event(name)
        self._client.delete_stack(StackName=name)
        if self._wait(name) not in {"", "DELETE_COMPLETE"}:
            raise DeployError(f"stack {name} could not be deleted: {self._first_failure(name, before)}")
        return True

    def _settle(self, name: str) -> None:
        """Wait for what is under way, and clear away what never came to be."""
        status = self._wait(name)
        if status in _BROKEN_AT_BIRTH:
            self.delete(name)
        elif status in _STUCK:
            raise DeployError(
                f"stack {name} is {status}: see its events, put right what they name, then have CloudFormation go on "
                "(aws cloudformation continue-update-rollback, or delete-stack)"
            )

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return found

    def _change_set(self, name: str, template: str, parameters: Mapping[str, str], *, first: bool) -> str | None:
        """Make a change set and return its name; None if it would change nothing."""
        given = self._given(name, without_comments(template))
        made = f"deploy-{int(time.time() * 1000)}"
        self._client.create_change_set(
            StackName=name,
            ChangeSetName=made,
            ChangeSetType="CREATE" if first else "UPDATE",
            **given,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": "application", "Value": "cara"}, {"Key": "stack", "Value": name}],
        )
        for _ in self._polled():
            answer = self._client.describe_change_set(StackName=name, ChangeSetName=made)
            if answer["Status"] == "CREATE_COMPLETE":
                return made
            if answer["Status"] == "FAILED":
                reason = str(answer.get("StatusReason", "no reason given"))
                self._client.delete_change_set(StackName=name, ChangeSetName=made)
                if any(text in reason.lower() for text in _NOTHING):
                    return None
                raise DeployError(f"stack {name}: {reason}")
        raise DeployError(f"the change set of {name} was not ready in time")

    def _given(self, name: str, body: str) -> dict[str, str]:
        """Return the template as a request takes it: itself, or where it is kept."""
        size = len(body.encode())
        if size <= BODY_LIMIT:
            return {"TemplateBody": body}
        limit = STORED_LIMIT if self._keep else BODY_LIMIT
        if self._keep is None or size > limit:
            raise DeployError(f"the template of {name} is larger than {limit} bytes")
        return {"TemplateURL": self._keep(body)}

    def _changes(self, name: str, change_set: str) -> list[Change]:
        changes: list[Change] = []
        asked = {"StackName": name, "ChangeSetName": change_set}
        while True:
            answer = self._client.describe_change_set(**asked)
            changes += [_change(each["ResourceChange"]) for each in answer["Changes"]]
            if not answer.get("NextToken"):
                return changes
            asked["NextToken"] = answer["NextToken"]

    def _wait(self, name: str) -> str:
        """Return the status of a stack once nothing is under way; empty if there is none."""
        status = ""
        for _ in self._polled():
            status = self.status(name) or ""
            if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
                return status
        raise DeployError(f"stack {name} is still {status}: it goes on by itself, run this again later")

    def _polled(self) -> Iterator[None]:
        ends = time.monotonic() + self._deadline
        while time.monotonic() < ends:
            yield
            time.sleep(self._pause)

    def _events(self, name: str) -> list[dict[str, Any]]:
        """Return the newest events, newest first."""
        try:
            found: list[dict[str, Any]] = self._client.describe_stack_events(StackName=name)["StackEvents"]
        except ClientError:
            return []
        return found

    def _last_event(self, name: str) -> str:
        return next((event["EventId"] for event in self._events(name)), "")

    def _first_failure(self, name: str, before: str) -> str:
        """Return the earliest failure since an event: the others follow from it."""
        reason = "no reason given; see its events"
        for event in self._events(name):
            if event["EventId"] == before:
                break
            if event.get("ResourceStatus", "").endswith("_FAILED"):
                reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        return reason
