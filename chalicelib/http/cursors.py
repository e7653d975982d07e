"""Opaque cursors.

A cursor holds a position within one list and a check sum over that list's name. It grants nothing: which list is read,
and whether the asker may, is decided anew by each request, so a cursor of one list is no use for another.
"""

import base64
import hashlib

from chalicelib.domain.errors import MalformedError

_SUM_BYTES = 6


def _sum(scope: str, position: bytes) -> bytes:
    return hashlib.blake2b(position, digest_size=_SUM_BYTES, key=hashlib.sha256(scope.encode()).digest()).digest()


def encode(scope: str, position: str | None) -> str | None:
    """Return the cursor of a position in the list named by ``scope``; None at the end."""
    if position is None:
        return None
    raw = position.encode()
    return base64.urlsafe_b64encode(_sum(scope, raw) + raw).decode().rstrip("=")


def decode(scope: str, cursor: str | None) -> str | None:
    """Return the position that a cursor holds.

    Raises:
        MalformedError: it is none of this list's.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        total, position = raw[:_SUM_BYTES], raw[_SUM_BYTES:]
        if total == _sum(scope, position):
            return position.decode()
    except ValueError:
        pass
    raise bad_cursor()


def bad_cursor() -> MalformedError:
    """Return what is said of a cursor that is none of a list's."""
    return MalformedError("The cursor is not one of this list. Begin again without it.", code="bad-cursor")
