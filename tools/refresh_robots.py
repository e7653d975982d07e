"""Makes the list of crawlers that robots.txt turns away: chalicelib/pages/crawlers.json.

    .venv/bin/python tools/refresh_robots.py                from the pinned package ai-crawler-index
    .venv/bin/python tools/refresh_robots.py robots.json    from a file of the same form, or of ai.robots.txt's
    .venv/bin/python tools/refresh_robots.py --check        only tell whether the list has its form

What infra/edge/agents.json blocks or names for robots.txt alone is added; what it lets through stays out, as do words
that ordinary clients have in their names. Prints what is new, gone and left out. Exit code: 0 done, 1 not of its form.
"""

import argparse
import importlib.resources
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.edge_agents import TOO_COMMON, EdgeError, read_agents

LIST = Path(__file__).resolve().parent.parent / "chalicelib" / "pages" / "crawlers.json"

NO_AI = frozenset({"google-read-aloud", "yandexcalendar"})
"""Listed as fetching for a person, which they do: one reads aloud to whoever cannot see. No model is made or asked."""

# RFC 9309 has letters, _ and - in a product token. Operators also name digits and dots, and compare the whole word.
# Shorter ones stand in the names of others: yak in kayak.
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{3,63}")

_FIELDS = {"source": str, "licence": str, "date": str, "tokens": list}


class ListError(Exception):
    """A list does not have its form; the message is for people."""


@dataclass(frozen=True, slots=True)
class Source:
    """Names of AI crawlers from elsewhere: where from, under which licence, and of which day."""

    name: str
    licence: str
    day: str
    tokens: frozenset[str]


def read_source(text: str, day: date) -> Source:
    """Read a list of AI crawlers in one of two forms; `day` is its date where it names none. Raises ListError."""
    try:
        found = json.loads(text)
        if "crawlers" in found:
            return _crawler_index(found)
        # https://github.com/ai-robots-txt/ai.robots.txt: robots.json, by name
        if found and all(isinstance(each, dict) and "operator" in each for each in found.values()):
            return Source("ai.robots.txt", "MIT", day.isoformat(), frozenset(found))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ListError(f"this is no list of crawlers: {error!r}") from error
    raise ListError("this is no list of crawlers: neither of ai-crawler-index nor of ai.robots.txt")


def _crawler_index(found: Mapping[str, Any]) -> Source:
    """Read data.json of the package ai-crawler-index."""
    kinds = set(found["ai_categories"])
    tokens = frozenset(each["robots_token"] for each in found["crawlers"] if each["category"] in kinds)
    made = datetime.fromisoformat(found["generated_at"]).date()
    return Source(f"ai-crawler-index {found['version']}", found["license"]["data"], made.isoformat(), tokens)


def merged(source: Source, agents: Iterable[Mapping[str, Any]]) -> tuple[list[str], dict[str, str]]:
    """Return the tokens for robots.txt, sorted, and why others are left out, by token."""
    words = [each for each in agents if each["match"] == "word"]
    ours = {each["token"] for each in words if each["block"] or each["purpose"] == "robots-only"}
    welcome = {each["token"].lower() for each in words} - {each.lower() for each in ours}
    tokens = {each.lower(): each for each in ours}
    left_out = {}
    for token in sorted(source.tokens, key=str.lower):
        fault = _fault(token.lower(), welcome) if _TOKEN.fullmatch(token) else "no token that finds its crawler alone"
        if fault:
            left_out[token] = fault
        else:
            tokens.setdefault(token.lower(), token)
    return sorted(tokens.values(), key=str.lower), left_out


def _fault(token: str, welcome: Iterable[str]) -> str | None:
    if token in NO_AI:
        return "no AI"
    if token in TOO_COMMON:
        return "a word of ordinary clients"
    # Readers of robots.txt look for a token anywhere in a crawler's name.
    return next((f"would turn {each} away" for each in welcome if token in each), None)


def faults(found: Any) -> list[str]:
    """Return what is wrong with the list's form, a line each."""
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != _FIELDS:
        return [f"must have {', '.join(_FIELDS)}, and nothing else"]
    tokens = found["tokens"]
    wrong = [f"{each}: no token" for each in tokens if not isinstance(each, str) or not _TOKEN.fullmatch(each)]
    if wrong:
        return wrong
    wrong += [f"{each}: a word of ordinary clients" for each in tokens if each.lower() in TOO_COMMON]
    lowered = [each.lower() for each in tokens]
    wrong += [f"{each}: stands twice" for each in sorted({each for each in lowered if lowered.count(each) > 1})]
    if lowered != sorted(lowered):
        wrong.append("not sorted")
    missing = {
        each["token"].lower()
        for each in read_agents()
        if each["match"] == "word" and (each["block"] or each["purpose"] == "robots-only")
    } - set(lowered)
    return wrong + [f"{each}: stands in infra/edge/agents.json alone" for each in sorted(missing)]


def _package() -> str:
    return importlib.resources.files("ai_crawler_index").joinpath("data.json").read_text("utf-8")


def refresh(text: str, day: date) -> None:
    """Write the list anew and tell what is new, gone and left out. Raises ListError or EdgeError."""
    source = read_source(text, day)
    tokens, left_out = merged(source, read_agents())
    before = set(json.loads(LIST.read_text("utf-8"))["tokens"]) if LIST.exists() else set()
    content = {"source": source.name, "licence": source.licence, "date": source.day, "tokens": tokens}
    LIST.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    for sign, names in (("+", set(tokens) - before), ("-", before - set(tokens))):
        for name in sorted(names, key=str.lower):
            print(f"{sign} {name}")
    for name, why in left_out.items():
        print(f"  {name}: {why}")
    print(f"{len(tokens)} crawlers")


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(description="Make the list of crawlers that robots.txt turns away.")
    parser.add_argument("file", nargs="?", type=Path, help="a list of crawlers; the pinned package's if none")
    parser.add_argument("--check", action="store_true", help="only tell whether the list has its form")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            wrong = faults(json.loads(LIST.read_text("utf-8")))
        else:
            text = options.file.read_text("utf-8") if options.file else _package()
            changed = options.file.stat().st_mtime if options.file else 0
            refresh(text, datetime.fromtimestamp(changed, UTC).date())
            wrong = []
    except (ListError, EdgeError, OSError, ValueError) as error:
        wrong = [str(error)]
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
