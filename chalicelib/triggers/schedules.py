"""The schedule: looking after what should have moved on by itself."""

from datetime import datetime, timedelta

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.domain import clock
from chalicelib.observability import logger

triggers = Blueprint(__name__)

_FIRST = timedelta(days=7)
_OVERLAP = timedelta(hours=1)
_since: datetime | None = None


@triggers.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Look after all that became due since the last sweep that left nothing undone; a week back in a new process."""
    del event
    from chalicelib.composition import sweep_service

    global _since  # noqa: PLW0603  it spares a warm function reading a week of empty partitions each time
    begun = clock.now()
    report = sweep_service().run((_since or begun - _FIRST) - _OVERLAP)
    if not report.failed:
        _since = begun
    if report.media or report.posts:
        logger.info("swept", extra={"media": report.media, "posts": report.posts, "failed": report.failed})
    return {"media": report.media, "posts": report.posts, "failed": report.failed}
