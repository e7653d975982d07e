"""Asks the deployed platform a few things that must be so."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.deploy.errors import DeployError

_PATIENCE_SECONDS = 90.0
"""How long a new deployment of an API, or a new function, may need until it answers everywhere."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, headers with names in lower case, and the body as JSON, None if it is not."""

    status: int
    headers: Mapping[str, str]
    body: Any


def ask(url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return the answer to a GET. Raises OSError if there is none."""
    request = urllib.request.Request(url, headers={"User-Agent": "cara-deploy", **(headers or {})})  # noqa: S310  our own addresses
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return _reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, error.headers, error.read())


def _reply(status: int, headers: Any, body: bytes) -> Reply:
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    return Reply(status, {name.lower(): value for name, value in headers.items()}, parsed)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so: what is asked, and what must come back."""

    what: str
    url: str
    status: int
    problem: bool = False
    headers: Mapping[str, str] | None = None

    def fault(self) -> str:
        """Return what is wrong; empty if nothing is."""
        try:
            reply = ask(self.url, self.headers)
        except OSError as error:
            return f"{self.what}: {self.url} does not answer ({error})"
        if reply.status != self.status:
            return f"{self.what}: {self.url} answers {reply.status}, not {self.status}"
        if self.problem and not reply.headers.get("content-type", "").startswith("application/problem+json"):
            return f"{self.what}: {self.url} answers {reply.headers.get('content-type')}, not problem+json"
        return ""


def api_checks(url: str) -> list[Check]:
    """Return what must be so of the API itself."""
    return [
        Check("health", f"{url}/v1/health", 200),
        Check("description", f"{url}/v1/openapi.json", 200),
        Check("unknown address", f"{url}/v1/there-is-no-such-thing", 404, problem=True),
        Check("unknown profile", f"{url}/v1/profiles/nobody_has_this", 404, problem=True),
        Check("no token", f"{url}/v1/me", 401, problem=True),
        Check("bad token", f"{url}/v1/me", 401, problem=True, headers={"Authorization": "Bearer no.such.token"}),
    ]


def edge_checks(url: str) -> list[Check]:
    """Return what must be so of the CDN."""
    crawler = {"User-Agent": "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"}
    return [
        Check("health through the CDN", f"{url}/v1/health", 200),
        Check("web client", f"{url}/", 200),
        Check("picture that is not there", f"{url}/media/none/none.webp", 403),
        Check("crawler", f"{url}/v1/health", 403, problem=True, headers=crawler),
    ]


def run(checks: list[Check]) -> list[str]:
    """Return what was found in order. Raises DeployError, naming every fault, for what is not so within its time."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    faults = [check.fault() for check in checks]
    while any(faults) and time.monotonic() < ends:
        time.sleep(2)
        faults = [check.fault() if fault else "" for check, fault in zip(checks, faults, strict=True)]
    if any(faults):
        raise DeployError("; ".join(fault for fault in faults if fault))
    return [check.what for check in checks]
