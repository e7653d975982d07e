"""infra/edge.yaml as CloudFront would have it, were it deployed for this machine: conditions and names filled in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tools.edge_agents import TEMPLATE, EdgeError
from tools.localcloud.config import REGION, STAGE

URL_SUFFIX = "amazonaws.com"

# The decoder of cfn-lint takes two seconds to import.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Parser(_PARSER):  # type: ignore[misc]
    """Safe YAML, with CloudFormation's short functions in their long form."""


def _function(parser: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value = parser.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = parser.construct_sequence(node, deep=True)
    else:
        value = parser.construct_mapping(node, deep=True)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Parser.add_multi_constructor("!", _function)

_ABSENT = object()


class Template:
    """A template with its parameters. What only AWS knows (`Fn::GetAtt`) stays as it is."""

    def __init__(self, parameters: Mapping[str, str], file: Path = TEMPLATE) -> None:
        """Read `file`. `parameters` are values beside the defaults; a missing one matters only where it is used."""
        # The parser is a safe one.
        self._document: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), _Parser)  # noqa: S506
        defaults = {name: each["Default"] for name, each in self._document["Parameters"].items() if "Default" in each}
        given = {"Stage": STAGE, "BaseRegion": REGION, "AWS::URLSuffix": URL_SUFFIX}
        self._values: dict[str, Any] = {**defaults, **given, **parameters, "AWS::NoValue": _ABSENT}

    def properties(self, resource: str) -> dict[str, Any]:
        """Return the properties of a resource. Raises EdgeError for what this cannot fill in."""
        found = self._document["Resources"].get(resource)
        if found is None:
            raise EdgeError(f"there is no resource {resource}")
        resolved: dict[str, Any] = self._resolve(found["Properties"])
        return resolved

    def _resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [each for each in map(self._resolve, node) if each is not _ABSENT]
        if not isinstance(node, dict):
            return node
        name, value = next(iter(node.items()), ("", ""))
        match name:
            case "Ref":
                return self._value(value)
            case "Fn::Sub":
                return self._substitute(value)
            case "Fn::If":
                return self._resolve(value[1] if self._holds({"Condition": value[0]}) else value[2])
        resolved = {name: self._resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not _ABSENT}

    def _value(self, name: str) -> Any:
        """Return the value of a parameter, or for a resource its name."""
        if name in self._values:
            return self._values[name]
        if name in self._document["Resources"]:
            return name
        # Something to see, should it ever get where it matters.
        return f"${{{name}}}"

    def _substitute(self, text: Any) -> str:
        if not isinstance(text, str):
            raise EdgeError("Fn::Sub is understood with a text alone")
        return re.sub(r"\$\{([^}!]+)\}", lambda match: str(self._value(match[1])), text)

    def _holds(self, condition: Any) -> bool:
        [(kind, parts)] = condition.items()
        if kind == "Condition":
            return self._holds(self._document["Conditions"][parts])
        if kind == "Fn::Equals":
            first, second = map(self._resolve, parts)
            return bool(first == second)
        if kind in {"Fn::Not", "Fn::And", "Fn::Or"}:
            each = [self._holds(part) for part in parts]
            return {"Fn::Not": not each[0], "Fn::And": all(each), "Fn::Or": any(each)}[kind]
        raise EdgeError(f"{kind} is not understood in a condition")
