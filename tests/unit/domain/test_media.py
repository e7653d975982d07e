from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import clock
from chalicelib.domain.media import (
    ARRIVAL_GRACE_SECONDS,
    EXHAUSTED_REASON,
    EXPIRED_REASON,
    FINAL_STATES,
    Media,
    MediaState,
    UploadRequest,
    media_id_of,
    original_key,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MEDIA = Media(
    media_id="01J",
    owner_id="artist",
    request=UploadRequest("a.png", "image/png", 4),
    state="awaiting_upload",
    version=1,
    created_at=clock.to_text(NOON),
    updated_at=clock.to_text(NOON),
    expires_at=clock.later(NOON, 900),
)


def test_keys_of_uploads() -> None:
    assert MEDIA.original_key == original_key("artist", "01J") == "originals/artist/01J"
    assert media_id_of(MEDIA.original_key) == "01J"


@pytest.mark.parametrize("key", ["", "01J", "originals/01J", "other/artist/01J", "originals/a/b/c", "/originals/a/b"])
def test_keys_of_something_else(key: str) -> None:
    assert media_id_of(key) is None


@pytest.mark.parametrize(
    ("media", "seconds"),
    [
        (MEDIA, 900 + ARRIVAL_GRACE_SECONDS),
        (replace(MEDIA, state="queued"), 24 * 3600),
        (replace(MEDIA, state="processing", lease_until=clock.later(NOON, 130)), 130 + 900),
        (replace(MEDIA, state="processing"), 900),
        (replace(MEDIA, state="ready", exposure="changing"), 60),
        (replace(MEDIA, state="ready"), None),
        (replace(MEDIA, state="ready", exposure="public"), None),
        (replace(MEDIA, state="refused"), None),
        (replace(MEDIA, state="failed"), None),
    ],
)
def test_when_somebody_must_look_after_it(media: Media, seconds: int | None) -> None:
    assert media.due_at(NOON) == (None if seconds is None else clock.later(NOON, seconds))
    assert not media.overdue(NOON)
    if seconds is None:
        assert not media.overdue(NOON + timedelta(days=1000))
    else:
        assert not media.overdue(NOON + timedelta(seconds=seconds - 1))
        assert media.overdue(NOON + timedelta(seconds=seconds))


def test_an_upload_form_does_not_last_longer_because_somebody_looked() -> None:
    assert MEDIA.due_at(NOON + timedelta(minutes=10)) == MEDIA.due_at(NOON)


@pytest.mark.parametrize("state", ["awaiting_upload", "queued", "processing", "ready", "refused", "failed"])
def test_ends(state: MediaState) -> None:
    media = replace(MEDIA, state=state)
    assert media.final == (state in FINAL_STATES) == (state in {"ready", "refused", "failed"})
    assert not media.retryable


def test_only_what_was_our_fault_is_tried_again() -> None:
    exhausted = replace(MEDIA, state="failed", reason=EXHAUSTED_REASON)
    assert exhausted.retryable
    expired = replace(MEDIA, state="failed", reason=EXPIRED_REASON)
    assert not expired.retryable
    queued = replace(MEDIA, state="queued", reason=EXHAUSTED_REASON)
    assert not queued.retryable
