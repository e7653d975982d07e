import base64
from collections.abc import Iterator

import pytest

from chalicelib import composition
from chalicelib.domain.errors import MalformedError
from chalicelib.http import cursors
from tests.unit.support import emulated_aws, forget_clients

POSITION = "2026-11-22T12:00:00.000Z#01KB0000000000000000000000"
SCOPE = "posts of ada, portfolio False"


@pytest.fixture(autouse=True, scope="module")
def aws() -> Iterator[None]:
    with emulated_aws():
        yield


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


@pytest.mark.parametrize("position", ["a", POSITION])
def test_tells_nothing(position: str) -> None:
    cursor = cursor_of(position)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert position.encode() not in raw
    assert cursor == cursor_of(position), "the same page has the same address"


def test_every_process_reads_what_the_first_one_closed() -> None:
    cursor = cursor_of()
    forget_clients()
    assert cursors.decode(SCOPE, cursor) == POSITION


def test_another_stage_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = cursor_of()
    monkeypatch.setattr(composition, "cursor_key", lambda: b"k" * 64)
    assert refused(cursor)
