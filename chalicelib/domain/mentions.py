"""People named in texts, as @handles."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import InvalidError

MAX_MENTIONS = 20

_HANDLE = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_]{3,30})(?![\w@])", re.ASCII)
"""A handle after a sign that is no part of an e-mail address or of a path."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is named, by a handle that was theirs when the text was written.

    Whose it was, the handle tells for as long as anybody is told of it: it stays reserved for them. No text keeps their
    account, so that nothing of it is left there once it is deleted.

    Attributes:
        handle: canonical, as it stands in the text.
    """

    handle: str


def handles_in(text: str) -> tuple[str, ...]:
    """Return the handles that a text names, canonical, in order, each once."""
    return tuple(dict.fromkeys(found.lower() for found in _HANDLE.findall(text)))


def wanted_handles(field: str, text: str) -> tuple[str, ...]:
    """Return the handles that the text of a field names.

    Raises:
        InvalidError: they are more than :data:`MAX_MENTIONS`.
    """
    handles = handles_in(text)
    if len(handles) > MAX_MENTIONS:
        raise InvalidError.of(field, f"names more than {MAX_MENTIONS} people")
    return handles


def mentions(handles: Iterable[str], holders: Mapping[str, str]) -> tuple[Mention, ...]:
    """Return who is named, those left out whose handle nobody has."""
    return tuple(Mention(handle) for handle in handles if handle in holders)
