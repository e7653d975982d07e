"""Opaque cursors.

A cursor holds a position within one list, closed with a key that nobody but the platform has (AES-SIV, RFC 5297): a
position names a post or a person, and may be one that the asker is not shown. The list's name is part of what is
closed: a cursor of one list, or of another person's, is no use for another. It grants nothing either: which list is
read, and whether the asker may, is decided anew by each request.

The same position of the same list gives the same cursor, so that a page that nothing changed keeps its ETag.
"""

import base64
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.domain.errors import MalformedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV


@cache
def _closing(key: bytes) -> "AESSIV":
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(key)


def _box() -> "AESSIV":
    from chalicelib.composition import cursor_key

    return _closing(cursor_key())


def encode(scope: str, position: str | None) -> str | None:
    """Return the cursor of a position in the list named by ``scope``; None at the end.

    Raises:
        TemporaryError: the key could not be read this time.
    """
    if position is None:
        return None
    closed = _box().encrypt(position.encode(), [scope.encode()])
    return base64.urlsafe_b64encode(closed).decode().rstrip("=")


def decode(scope: str, cursor: str | None) -> str | None:
    """Return the position that a cursor holds.

    Raises:
        MalformedError: it is none of this list's.
        TemporaryError: the key could not be read this time.
    """
    if cursor is None:
        return None
    from cryptography.exceptions import InvalidTag

    try:
        closed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return _box().decrypt(closed, [scope.encode()]).decode()
    except (ValueError, InvalidTag):
        raise bad_cursor() from None


def bad_cursor() -> MalformedError:
    """Return what is said of a cursor that is none of a list's."""
    return MalformedError("The cursor is not one of this list. Begin again without it.", code="bad-cursor")
