import base64

import pytest

from chalicelib.domain.errors import MalformedError
from chalicelib.http import cursors

POSITION = "2026-11-22T12:00:00.000Z#01KB0000000000000000000000"
SCOPE = "posts of ada, portfolio False"


def refused(cursor: str, scope: str = SCOPE) -> bool:
    with pytest.raises(MalformedError) as caught:
        cursors.decode(scope, cursor)
    return caught.value.code == "bad-cursor"


def cursor_of(position: str = POSITION) -> str:
    cursor = cursors.encode(SCOPE, position)
    assert cursor is not None
    return cursor


@pytest.mark.parametrize("position", ["", "a", "ab", "abc", POSITION, "日本", "x" * 300])
def test_round_trip(position: str) -> None:
    cursor = cursor_of(position)
    assert cursors.decode(SCOPE, cursor) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_ends() -> None:
    assert cursors.encode(SCOPE, None) is None
    assert cursors.decode(SCOPE, None) is None


@pytest.mark.parametrize("scope", ["", "posts of ada, portfolio True", "posts of bob, portfolio False", SCOPE + " "])
def test_cursor_of_another_list(scope: str) -> None:
    assert refused(cursor_of(), scope)


@pytest.mark.parametrize("position", ["a", "ab", "abc", POSITION])
def test_tampered_at_every_byte(position: str) -> None:
    cursor = cursor_of(position)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for index in range(len(raw)):
        for flipped in (1, 0x80):
            changed = bytearray(raw)
            changed[index] ^= flipped
            assert refused(base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("="))
        assert refused(base64.urlsafe_b64encode(raw[:index]).decode().rstrip("="))


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", "AAAA", "ä", "A" * 499, "\n", " ", "=", "\x00", POSITION])
def test_garbage(cursor: str) -> None:
    assert refused(cursor)
