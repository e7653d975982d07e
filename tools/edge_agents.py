"""Renders what the edge needs besides its template: the store of AI crawlers, and the template with its function.

    .venv/bin/python tools/edge_agents.py --base-url https://cara.example   the store, in CloudFront's import format
    .venv/bin/python tools/edge_agents.py --template                        infra/edge.yaml with the function's code
    .venv/bin/python tools/edge_agents.py --check                           only tell whether the list has its form

The list is infra/edge/agents.json. Exits 1, and names every fault, if it does not have its form.
Format and limits of the store: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

EDGE = Path(__file__).resolve().parent.parent / "infra" / "edge"
AGENTS = EDGE / "agents.json"
FUNCTION = EDGE / "viewer-request.js"
TEMPLATE = EDGE.parent / "edge.yaml"

FUNCTION_BYTES = 10 * 1024
"""The quota of CloudFront for the code of a function."""

_KEY_BYTES = 512
_VALUE_BYTES = 1024
_STORE_BYTES = 5 * 1024 * 1024

_FIELDS = {"token": str, "match": str, "operator": str, "purpose": str, "does": str, "block": bool, "source": str}
_PURPOSES = {"training", "dataset", "answers", "scraper", "robots-only", "search", "preview", "archive"}
_BLOCKED_PURPOSES = {"training", "dataset", "answers", "scraper"}

# As the function cuts words out of a user agent.
_WORD = re.compile(r"[a-z][a-z0-9._-]{2,63}")

TOO_COMMON = frozenset(
    "agent ai bot browser claude code compatible crawler curl devin facebookexternalhit feed gemini google like mobile "
    "mozilla operator python safari search spider twitterbot user version windows".split()
)
"""Words that stand in the user agents of browsers, editors, link previews and feed readers; public lists have some."""

_MARKER = "FunctionCode: infra/edge/viewer-request.js"


class EdgeError(Exception):
    """Something under infra/edge does not have its form."""


def read_agents(path: Path = AGENTS) -> list[dict[str, Any]]:
    """Return the list of crawlers; raise EdgeError, naming every fault, if it does not have its form."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EdgeError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise EdgeError(f"{path.name} is not a list of objects")
    faults = [f"{each.get('token', each)}: {fault}" for each in found for fault in _faults(each)]
    if not faults:
        names = [each["token"].lower() for each in found]
        faults = [f"{name}: stands twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if faults:
        raise EdgeError("\n".join(faults))
    return found


def _faults(agent: dict[str, Any]) -> list[str]:
    if {name: type(value) for name, value in agent.items()} != _FIELDS:
        return [f"must have {', '.join(_FIELDS)}, and nothing else"]
    faults = []
    if agent["match"] not in {"word", "exact"}:
        faults.append("match must be word or exact")
    if agent["match"] == "word" and not _WORD.fullmatch(agent["token"].lower()):
        faults.append("is no single word of a user agent")
    if agent["block"] and agent["token"].lower() in TOO_COMMON:
        faults.append("is a word of ordinary clients")
    if agent["purpose"] not in _PURPOSES:
        faults.append(f"purpose must be one of {', '.join(sorted(_PURPOSES))}")
    elif agent["block"] != (agent["purpose"] in _BLOCKED_PURPOSES):
        faults.append(f"what is blocked, and nothing else, serves {', '.join(sorted(_BLOCKED_PURPOSES))}")
    if not agent["source"].startswith("https://"):
        faults.append("source must be an https address")
    if not agent["does"].strip() or not agent["operator"].strip():
        faults.append("must say whose it is and what it does")
    return faults


def store(agents: list[dict[str, Any]], base_url: str) -> dict[str, str]:
    """Return the keys and values of the store: the blocked crawlers, and the public origin for the refusal's headers.

    Raises EdgeError for what CloudFront would not take.
    """
    keys = {"word": "agent:", "exact": "exact:"}
    pairs = {keys[each["match"]] + each["token"].lower(): each["purpose"] for each in agents if each["block"]}
    pairs["config:base-url"] = base_url.rstrip("/")
    for key, value in pairs.items():
        if len(key.encode()) > _KEY_BYTES or len(value.encode()) > _VALUE_BYTES:
            raise EdgeError(f"{key}: too long for the store")
    if sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items()) > _STORE_BYTES:
        raise EdgeError("the store is too large")
    return dict(sorted(pairs.items()))


def import_format(pairs: dict[str, str]) -> str:
    """Return the store as CloudFront imports it from S3."""
    data = [{"key": key, "value": value} for key, value in pairs.items()]
    return json.dumps({"data": data}, indent=2, ensure_ascii=False) + "\n"


def template() -> str:
    """Return infra/edge.yaml with the function's code in it: CloudFormation itself reads no files."""
    code = FUNCTION.read_text(encoding="utf-8")
    if len(code.encode()) > FUNCTION_BYTES:
        raise EdgeError(f"{FUNCTION.name} is larger than {FUNCTION_BYTES} bytes")
    text = TEMPLATE.read_text(encoding="utf-8")
    if text.count(_MARKER) != 1:
        raise EdgeError(f"{TEMPLATE.name} must have one line: {_MARKER}")
    # A JSON string is a YAML string.
    return text.replace(_MARKER, f"FunctionCode: {json.dumps(code)}")


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(description="Render the edge's store of AI crawlers, or its template.")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--base-url", help="the origin people see; print the store for it")
    wanted.add_argument("--template", action="store_true", help="print infra/edge.yaml with the function in it")
    wanted.add_argument("--check", action="store_true", help="only tell whether the list has its form")
    options = parser.parse_args(arguments)
    try:
        pairs = store(read_agents(), options.base_url or "https://cara.example")
        if options.template:
            print(template(), end="")
        elif not options.check:
            print(import_format(pairs), end="")
    except EdgeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
