"""Identifiers: ULIDs, which sort by time of making, and digests."""

import re
from datetime import datetime

from ulid import ULID

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """Return a new ULID, 26 characters of Crockford's base 32 (https://github.com/ulid/spec)."""
    return str(ULID())


def id_bytes(text: str) -> bytes:
    """Return the 16 bytes of an id."""
    return ULID.from_str(text).bytes


def id_of(data: bytes) -> str:
    """Return the id that 16 bytes are of."""
    return str(ULID.from_bytes(data))


def made_at(text: str) -> datetime:
    """Return when an id was made, to the millisecond."""
    return ULID.from_str(text).datetime


def next_id(last: str) -> str:
    """Return a new id that sorts behind another one, should both be made in a millisecond or clocks differ."""
    made = new_id()
    return made if made > last else str(ULID.from_int(int(ULID.from_str(last)) + 1))


def is_id(text: str) -> bool:
    """Tell whether a text has the form of an id made by :func:`new_id`."""
    return _ULID.fullmatch(text) is not None
