"""What infra/edge.yaml declares, read by cfn-lint's decoder and filled in for a stage of the tests."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, cast

from cfnlint.decode.cfn_yaml import loads

from tests.deploy.edge_run import BASE_URL
from tools import edge_agents


@functools.cache
def template() -> dict[str, Any]:
    """Return the template with the function in it."""
    return cast("dict[str, Any]", loads(edge_agents.template()))


def distribution() -> dict[str, Any]:
    """Return the distribution's configuration."""
    return cast("dict[str, Any]", template()["Resources"]["Distribution"]["Properties"]["DistributionConfig"])


def behaviours(distribution: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    listed = [each["Fn::If"][1] if "Fn::If" in each else each for each in distribution["CacheBehaviors"]]
    return {each["PathPattern"]: each for each in listed} | {"*": distribution["DefaultCacheBehavior"]}


def filled(value: Any) -> str:
    """Return a string of the template for the stage of the tests."""
    text = value["Fn::Sub"] if isinstance(value, dict) else value
    for name, replacement in {
        "PublicBaseUrl": BASE_URL, "BaseRegion": "eu-central-1", "OriginalsBucket": "originals",
        "AWS::URLSuffix": "aws",
    }.items():  # fmt: skip
        text = text.replace(f"${{{name}}}", replacement)
    assert "${" not in text
    return cast("str", text)


def headers_of(template: Mapping[str, Any], policy: str) -> dict[str, Any]:
    return cast("dict[str, Any]", template["Resources"][policy]["Properties"]["ResponseHeadersPolicyConfig"])


def custom(template: Mapping[str, Any], policy: str) -> dict[str, str]:
    return {
        each["Header"]: filled(each["Value"]) for each in headers_of(template, policy)["CustomHeadersConfig"]["Items"]
    }


def policies(template: Mapping[str, Any], kind: str) -> Iterator[str]:
    return (name for name, each in template["Resources"].items() if each["Type"] == f"AWS::CloudFront::{kind}")
