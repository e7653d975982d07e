"""Time as the platform writes it: RFC 3339, UTC, whole milliseconds, so that texts sort as times do."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """Write a moment as ``2026-11-22T13:31:53.120Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read what :func:`to_text` wrote.

    Raises:
        ValueError: the text is no such time.
    """
    return datetime.fromisoformat(text)


def milliseconds(since: str, moment: datetime) -> float:
    """Return how long ago, at some moment, a time was; not less than nothing, as clocks differ."""
    return max(0.0, (moment - from_text(since)).total_seconds() * 1000)


def later(moment: datetime, seconds: float) -> str:
    """Write the moment that many seconds after another."""
    return to_text(moment + timedelta(seconds=seconds))


def from_unix(seconds: int) -> datetime:
    """Return the moment of a Unix time."""
    return datetime.fromtimestamp(seconds, tz=UTC)
