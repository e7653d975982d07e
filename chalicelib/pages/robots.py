"""``/robots.txt`` and ``/ai.txt``: which crawlers may fetch what, and what they may do with it.

Where pictures stand follows from what their artists chose (:data:`chalicelib.domain.noai.PREFIXES`), so that a rule for
a path speaks for each of them. Rules of a group stand so that readers which take the first one that fits (Python's own)
and those which take the longest (RFC 9309, 2.2.2) agree.

Sources: RFC 9309; https://contentsignals.org; draft-ietf-aipref-attach; RSL 1.0 (``License``); Spawning (``ai.txt``).
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from chalicelib.domain.noai import DEFAULT, LICENSE_PATH, POLICY_PATH, PREFIXES, RESERVATIONS, Reservation
from chalicelib.pages.document import Document
from chalicelib.pages.sitemap import JOBS_SITEMAP_PATH, SITEMAP_PATH

_PLAIN = "text/plain; charset=utf-8"

DECLARATIONS = ("/.well-known/", "/ai.txt", "/license.xml", "/policies/", "/robots.txt")
"""What a crawler that is turned away must still be able to read, to know why."""


@cache
def crawlers() -> tuple[str, ...]:
    """Return the names of AI crawlers; tools/refresh_robots.py makes the list."""
    found = json.loads(Path(__file__).with_name("crawlers.json").read_text("utf-8"))
    return tuple(found["tokens"])


def robots_txt(base_url: str, agents: Iterable[str]) -> Document:
    """Return the file for an origin, with `agents` turned away."""
    lines = [
        "# Search engines and link previews are welcome. Crawlers that feed AI are not, but for pictures whose artists",
        "# allow it: those stand below /open/. Pictures below /unindexed/ are not for search engines either.",
        f"# {RESERVATIONS[DEFAULT].sentence}",
        "",
        "User-agent: *",
        *_uses(),
        "Allow: /",
        "",
        *(f"User-agent: {agent}" for agent in agents),
        *_usages(),
        *(f"Allow: {path}" for path in (*DECLARATIONS, *_allowed())),
        "Disallow: /",
        "",
        f"License: {base_url}{LICENSE_PATH}",
        f"Sitemap: {base_url}{SITEMAP_PATH}",
        f"Sitemap: {base_url}{JOBS_SITEMAP_PATH}",
    ]
    return Document("\n".join(lines) + "\n", _PLAIN)


def ai_txt(base_url: str) -> Document:
    """Return Spawning's file, which is about the use for training and not about fetching."""
    lines = [
        "# What may be used to train AI: nothing, but for pictures whose artists allow it.",
        f"# The terms: {base_url}{POLICY_PATH}",
        "",
        "User-Agent: *",
        *(f"Allow: {path}" for path in _allowed()),
        "Disallow: /",
        "Disallow: *",
    ]
    return Document("\n".join(lines) + "\n", _PLAIN)


def _allowed() -> list[str]:
    return [f"/{prefix}/" for prefix, choice in PREFIXES.items() if not RESERVATIONS[choice].training]


def _scopes() -> Iterator[tuple[str, Reservation]]:
    """Return what holds everywhere, and then what holds below a path instead."""
    yield "", RESERVATIONS[DEFAULT]
    for prefix, choice in PREFIXES.items():
        if choice != DEFAULT:
            yield f"/{prefix}/ ", RESERVATIONS[choice]


def _usages() -> Iterator[str]:
    return (f"Content-Usage: {path}{said.content_usage}" for path, said in _scopes())


def _uses() -> Iterator[str]:
    for path, said in _scopes():
        yield f"Content-Signal: {path}" + ", ".join(f"{name}={value}" for name, value in said.content_signal.items())
    yield from _usages()
