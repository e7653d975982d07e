"""Handles: the names in addresses, unique whatever the case."""

import re

from chalicelib.domain.errors import InvalidError

_HANDLE = re.compile(r"(?=.*[a-z0-9])[a-z0-9_]{3,30}")

CHANGE_DAYS = 30
"""A handle may be changed once in so many days, so that links and mentions hold."""

RESERVED_DAYS = 365
"""An old handle stays reserved for its former owner so long, so that nobody can pose as them right away."""

_RESERVED = frozenset(
    "about abuse account admin administrator api app billing cara contact deleted discover dmca docs everyone feed "
    "help home jobs latest legal login logout me media messages mod moderation moderator moderators news notifications "
    "null official policies post posts privacy profile profiles root search security settings signin signup staff "
    "status studio studios support system team terms undefined users".split()
)


def canonical(text: str) -> str:
    """Return the form under which a handle is stored, looked up and compared."""
    return text.strip().removeprefix("@").lower()


def is_handle(text: str) -> bool:
    """Tell whether a text has the form of a canonical handle."""
    return _HANDLE.fullmatch(text) is not None


def is_reserved(name: str) -> bool:
    """Tell whether a name is kept for the platform."""
    return name in _RESERVED


def new_handle(text: str) -> str:
    """Return the canonical form of a handle that somebody wants to take.

    Raises:
        InvalidError: it has another form than 3 to 30 of ``a-z 0-9 _``, or is reserved for the platform.
    """
    handle = canonical(text)
    if not is_handle(handle):
        raise InvalidError.of("handle", "must be 3 to 30 letters a-z, digits or underscores, not underscores alone")
    if is_reserved(handle):
        raise InvalidError.of("handle", "is reserved for the platform")
    return handle
