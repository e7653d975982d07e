"""What AWS bounds the size of: a role's inline policies, and a function's environment."""

import json
import re

import pytest

from chalicelib.settings import Settings
from tools.policies import FUNCTIONS, POLICIES, render

MOST = 10_240
"""Characters of a role's inline policies, white space not counted
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

MOST_ENVIRONMENT = 4_096
"""Bytes of a function's variables, names and values (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

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


def test_the_environment_fits_into_a_function() -> None:
    values = {
        **{name: f"cara-{STAGE}-{name.removesuffix('_table')}" for name in Settings.__annotations__},
        **{
            name: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/cara-{STAGE}-{name.removesuffix('_queue_url')}"
            for name in Settings.__annotations__
            if name.endswith("_queue_url")
        },
        **dict.fromkeys(("signing_key_id", "record_key_id"), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{'1' * 36}"),
        "public_base_url": f"https://{'a' * 50}",
        "media_base_url": f"https://{'a' * 50}",
        "contact": f"mailto:{'a' * 50}",
        "cognito_issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEfGhI",
        "cognito_jwks_url": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEfGhI/.well-known/jwks.json",
    }
    assert set(values) == set(Settings.__annotations__)
    size = sum(len(f"CARA_{name.upper()}{value}") for name, value in values.items())
    assert size <= MOST_ENVIRONMENT, f"{size} bytes"
