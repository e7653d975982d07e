"""Stacks by change sets, against the emulated CloudFormation."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tools.deploy.errors import DeployError
from tools.deploy.stacks import BODY_LIMIT, STORED_LIMIT, Stacks, without_comments
from tools.localcloud.config import REGION

QUEUE = """
Parameters: {Seconds: {Type: Number, Default: 30}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: !Ref Seconds}
Outputs:
  Url: {Value: !Ref Queue}
"""

BROKEN = """
Parameters: {Seconds: {Type: Number, Default: 30}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    DependsOn: Role
    Properties: {FunctionName: !GetAtt Role.NoSuchAttribute, EventSourceArn: "arn:aws:sqs:us-east-1:1:q"}
"""


def client_of(service: str, account: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # any name
        endpoint_url=account,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def stacks(account: str) -> Stacks:
    return Stacks(client_of("cloudformation", account), deadline=60, pause=0.05)


@pytest.fixture
def name(stacks: Stacks) -> Iterator[str]:
    made = f"stack-{uuid4().hex[:8]}"
    yield made
    stacks.delete(made)


def test_a_stack_is_made_kept_changed_and_deleted(stacks: Stacks, name: str) -> None:
    assert stacks.status(name) is None
    url = stacks.apply(name, QUEUE, {"Seconds": "40"})["Url"]
    assert stacks.plan(name, QUEUE, {"Seconds": "40"}) == []
    assert stacks.apply(name, QUEUE, {"Seconds": "40"}) == {"Url": url}
    [change] = stacks.plan(name, QUEUE, {"Seconds": "41"})
    assert (change.action, change.name, change.replacement) == ("Modify", "Queue", "False")
    assert stacks.apply(name, QUEUE, {"Seconds": "41"}) == {"Url": url}
    assert stacks.delete(name)
    assert not stacks.delete(name)


def test_a_plan_leaves_nothing_behind(stacks: Stacks, name: str) -> None:
    [change] = stacks.plan(name, QUEUE, {})
    assert str(change).split() == ["Add", "AWS::SQS::Queue", "Queue"]
    assert stacks.status(name) in {None, "DELETE_COMPLETE"}


def test_a_failure_names_its_cause_and_the_next_run_goes_on(stacks: Stacks, name: str) -> None:
    with pytest.raises(DeployError, match=r"Mapping|NoSuchAttribute"):
        stacks.apply(name, BROKEN, {})
    assert stacks.apply(name, QUEUE, {})["Url"]
    with pytest.raises(DeployError, match=r"Mapping|NoSuchAttribute"):
        stacks.apply(name, BROKEN, {})
    assert stacks.apply(name, QUEUE, {"Seconds": "50"})["Url"]


def test_a_template_too_large_for_a_request_is_read_from_a_bucket(stacks: Stacks, account: str, name: str) -> None:
    s3 = client_of("s3", account)
    s3.create_bucket(Bucket=name)
    kept: list[str] = []

    def keep(template: str) -> str:
        kept.append(template)
        s3.put_object(Bucket=name, Key="template.yaml", Body=template.encode())
        return f"https://s3.{REGION}.amazonaws.com/{name}/template.yaml"

    large = QUEUE + "\n".join(f"  Out{n}: {{Value: {'x' * 1000}}}" for n in range(60))
    assert len(large) > BODY_LIMIT
    keeping = Stacks(client_of("cloudformation", account), keep=keep, deadline=60, pause=0.05)
    assert keeping.apply(name, large, {"Seconds": "40"})["Out59"] == "x" * 1000
    assert keeping.plan(name, large, {"Seconds": "40"}) == []
    assert kept == [without_comments(large)] * 2
    assert keeping.apply(name, QUEUE, {"Seconds": "41"}).keys() == {"Url"}
    assert len(kept) == 2
    with pytest.raises(DeployError, match=f"larger than {STORED_LIMIT}"):
        keeping.apply(name, QUEUE + f"Metadata: {{Much: {'x' * STORED_LIMIT}}}\n", {})


def test_a_template_that_is_too_large_is_refused_before_anything_is_done(stacks: Stacks, name: str) -> None:
    with pytest.raises(DeployError, match="larger than"):
        stacks.apply(name, QUEUE + f"Metadata: {{Much: {'x' * BODY_LIMIT}}}\n", {})
    assert stacks.status(name) is None


def test_comments_do_not_count_against_the_limit() -> None:
    text = "# one\n\nA: b  # kept: it might be part of a text\n  # two\nC: '# no comment'\n"
    assert without_comments(text) == "A: b  # kept: it might be part of a text\nC: '# no comment'\n"
