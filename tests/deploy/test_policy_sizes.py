"""Policies as IAM counts them: what a role's inline policies may hold together is bounded."""

import json
import re

import pytest

from tools.policies import FUNCTIONS, POLICIES, render

MOST = 10_240
"""Characters of a role's inline policies, white space not counted
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

REGION, ACCOUNT, STAGE = "ap-southeast-2", "123456789012", "a23456789012"
"""A long name of each; a stage may have four characters more."""


def arn(variable: str) -> str:
    """Return an ARN as long as the stage's own."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", re.sub(r"(Table|Bucket|Queue|LogGroup|Key|Arn)", "", variable)).lower()
    if "Bucket" in variable:
        return f"arn:aws:s3:::cara-{STAGE}-{name}-{ACCOUNT}"
    if "LogGroup" in variable:
        return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/cara-{STAGE}-{name}:*"
    if "Key" in variable:
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/cara-{STAGE}-{name}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_fits_into_its_role(function: str) -> None:
    text = (POLICIES / f"{function}.json").read_text("utf-8")
    outputs = {variable: arn(variable) for variable in re.findall(r"\$\{(\w+)\}", text)}
    size = len("".join(json.dumps(render(function, outputs), separators=(",", ":")).split()))
    assert size <= MOST, f"{size} characters"
