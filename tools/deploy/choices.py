"""Checks what ops chose for a stack against its template before anything is deployed: CloudFormation tells late."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

INFRA = Path(__file__).resolve().parent.parent.parent / "infra"

FOUND = frozenset(
    "AlarmEmail AlertsKeyArn ApiId ApiStage ApplicationsStreamArn BaseRegion ChangesDeadQueueArn CommentsStreamArn "
    "DerivativesBucket "
    "DistributionArn DistributionId ErrandQueueArn MailTopicArn OriginalsBucket OriginalsBucketArn PostsStreamArn "
    "ProfilesStreamArn Protect ProtectQueueArn PublicBaseUrl ReactionsStreamArn RelationsStreamArn "
    "Stage WebOrigin".split()
)
"""Parameters that a deployment finds by itself: another value would take a stage apart."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads a template and leaves CloudFormation's own tags aside: parameters have none."""


_Loader.add_multi_constructor("!", lambda *_: None)


@cache
def declared(kind: str) -> dict[str, dict[str, Any]]:
    """Return the parameters that a template declares, by name."""
    text = (INFRA / f"{kind}.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.load(text, _Loader)["Parameters"]  # noqa: S506  it makes plain values alone
    return found


def faults(kind: str, chosen: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the parameters chosen for a stack, a line each."""
    found = []
    for name, value in chosen.items():
        rules = declared(kind).get(name)
        if name in FOUND:
            found.append(f"{kind}.{name} is found by the deployment itself")
        elif rules is None:
            found.append(f"{kind}.{name} is no parameter of infra/{kind}.yaml")
        else:
            found += [f"{kind}.{name}: {fault}" for fault in _value_faults(rules, value)]
    return found


def _value_faults(rules: Mapping[str, Any], value: str) -> list[str]:
    allowed = [str(each) for each in rules.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return [f"must be one of {', '.join(allowed)}"]
    if "AllowedPattern" in rules and not re.fullmatch(rules["AllowedPattern"].strip("^$"), value):
        return [f"must match {rules['AllowedPattern']}"]
    if rules["Type"] == "Number":
        return _number_faults(rules, value)
    return []


def _number_faults(rules: Mapping[str, Any], value: str) -> list[str]:
    try:
        number = float(value)
    except ValueError:
        return ["must be a number"]
    if number < rules.get("MinValue", number) or number > rules.get("MaxValue", number):
        return [f"must be from {rules.get('MinValue', 'any')} to {rules.get('MaxValue', 'any')}"]
    return []
