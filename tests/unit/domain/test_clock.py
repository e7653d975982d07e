from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.domain import clock
from chalicelib.domain.ids import is_id, new_id

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_form() -> None:
    assert clock.to_text(NOON) == "2026-11-22T12:00:00.000Z"
    assert clock.to_text(NOON.replace(microsecond=123999)) == "2026-11-22T12:00:00.123Z"
    assert clock.to_text(NOON.astimezone(timezone(timedelta(hours=-7)))) == "2026-11-22T12:00:00.000Z"


@pytest.mark.parametrize("seconds", [0, 0.001, 0.999, 59.5, 86400, 1e9])
def test_round_trip(seconds: float) -> None:
    moment = NOON + timedelta(seconds=seconds)
    assert clock.from_text(clock.to_text(moment)) == moment
    assert clock.from_text(clock.to_text(moment)).tzinfo is not None
    assert clock.later(NOON, seconds) == clock.to_text(moment)


def test_texts_sort_as_times_do() -> None:
    moments = [NOON + timedelta(milliseconds=step) for step in (-(10**12), -1, 0, 1, 999, 1000, 10**6, 10**9, 10**12)]
    texts = [clock.to_text(moment) for moment in moments]
    assert texts == sorted(texts)
    assert len({len(text) for text in texts}) == 1


def test_now_is_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00.000Z"])
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        clock.from_text(text)


def test_ids() -> None:
    assert is_id(new_id())
    assert new_id() != new_id()
    for text in ("", "x", new_id()[:-1], new_id() + "0", new_id().lower(), "8" + new_id()[1:], new_id()[:-1] + "U"):
        assert not is_id(text)
    assert not is_id(new_id() + "\n")
