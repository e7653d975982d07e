"""The schedule: looking after what should have moved on by itself."""

from datetime import datetime, timedelta

from chalice.app import Blueprint, CloudWatchEvent, Rate

import chalicelib.observability  # noqa: F401  services log by what it sets up
from chalicelib.domain import clock
from chalicelib.domain.telemetry import Metric
from chalicelib.invocations import invocation

triggers = Blueprint(__name__)

_FIRST = timedelta(days=7)
_OVERLAP = timedelta(hours=1)
_since: datetime | None = None


@triggers.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Look after all that became due since the last sweep that left nothing undone; a week back in a new process."""
    from chalicelib.composition import sweep_service

    global _since  # noqa: PLW0603  it spares a warm function reading a week of empty partitions each time
    with invocation("sweep", request_id=getattr(event.context, "aws_request_id", "")) as work:
        begun = clock.now()
        report = sweep_service().run((_since or begun - _FIRST) - _OVERLAP)
        if not report.failed:
            _since = begun
        swept = {"media": report.media, "posts": report.posts, "failed": report.failed}
        work.note(outcome="swept", **swept)
        work.measure(Metric.SWEEP_RESCUED, report.rescued)
        work.measure(Metric.SWEEP_FAILED, report.failed)
        return swept
