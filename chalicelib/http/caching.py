"""Entity tags and who may keep an answer."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain import clock

PRIVATE = {"Cache-Control": "private, no-store"}
"""For answers that depend on who asks."""

_KEPT_SECONDS = 60

PUBLIC = {"Cache-Control": f"public, max-age=0, s-maxage={_KEPT_SECONDS}"}
"""For answers that are the same for everyone: the CDN may keep them a minute, browsers ask again."""

_VERSION = re.compile(r'"?([0-9]{1,15})(?:-[0-9a-f]{16})?"?')
_NO_VERSION = -1
"""What a tag stands for that is none of ours: it matches nothing."""


def cache_headers(account_id: str | None) -> dict[str, str]:
    """Return the headers of an answer to a stranger or to an account."""
    return PUBLIC if account_id is None else PRIVATE


def public_until(moment: str | None) -> dict[str, str]:
    """Return the headers of an answer that is the same for everyone until a moment (RFC 3339), if that is soon."""
    if moment is None:
        return PUBLIC
    left = (clock.from_text(moment) - clock.now()).total_seconds()
    return {"Cache-Control": f"public, max-age=0, s-maxage={max(0, min(_KEPT_SECONDS, int(left)))}"}


def version_tag(version: int, body: Any = None) -> str:
    """Return the entity tag of a version, and of the answer that shows it where that holds other things as well.

    ``If-Match`` looks at the version alone, ``If-None-Match`` at the whole.
    """
    return f'"{version}"' if body is None else f'"{version}-{_digest(body)}"'


def body_tag(body: Any) -> str:
    """Return the entity tag of an answer that is not changed by its readers."""
    return f'W/"{_digest(body)}"'


def _digest(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()}


def seen_versions(headers: Mapping[str, str]) -> set[int] | None:
    """Return the versions that ``If-Match`` names: None where it does not stand, an empty set for ``*`` (any)."""
    wanted = headers.get("if-match")
    if wanted is None:
        return None
    tags = _tags(wanted)
    if "*" in tags:
        return set()
    found = [_VERSION.fullmatch(tag) for tag in tags] or [None]
    return {int(match[1]) if match else _NO_VERSION for match in found}


def not_modified(headers: Mapping[str, str], tag: str) -> bool:
    """Tell whether ``If-None-Match`` says that the client has this version."""
    known = headers.get("if-none-match")
    return known is not None and ("*" in _tags(known) or tag.removeprefix("W/") in _tags(known))
