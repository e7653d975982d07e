"""One JSON line for each invocation: what came of it, how long it took, what it cost, with its metrics in it.

CloudWatch takes the metrics from the line by the embedded metric format
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
No token, e-mail address, text of users or value of a query stands in it.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalicelib.domain import clock, telemetry
from chalicelib.domain.telemetry import Metric, Work
from chalicelib.settings import settings

NAMESPACE = "Cara"
"""Of all metrics in CloudWatch."""

DIMENSIONS: dict[Metric, tuple[str, ...]] = {Metric.REFUSED: ("stage", "reason")}
"""What divides a metric, if not the stage alone: each value of a dimension is a metric of its own, and paid for."""

_BY_STAGE = ("stage",)
_MOST_VALUES = 100
"""How many values of one metric a line may hold."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


@contextmanager
def invocation(function: str, **keys: str) -> Iterator[Work]:
    """Do the work of one invocation, or of one message of it, and write its line in the end, however it ends.

    Args:
        function: whose invocation.
        keys: what every line carries meanwhile, such as ``request_id``.
    """
    begun = time.perf_counter()
    with telemetry.begin(**keys) as work:
        try:
            yield work
        except BaseException as error:
            work.facts.setdefault("outcome", type(error).__name__)
            raise
        finally:
            _write(work, {"function": function, "ms": round((time.perf_counter() - begun) * 1000, 1)})


def _write(work: Work, facts: Mapping[str, Any]) -> None:
    """Write past the logger: no log level takes the metrics away, and the authorizer needs no import of it."""
    said = {
        "level": "INFO",
        "message": "invocation",
        "timestamp": clock.to_text(clock.now()),
        "service": "cara",
        "stage": settings().stage,
        **facts,
        **work.keys,
        **work.facts,
    }
    for measured in _portions(work.measured):
        sys.stdout.write(_encode({**said, **_embedded(measured)}) + "\n")  # at once, so that threads keep lines whole
    sys.stdout.flush()


def _portions(measured: Mapping[Metric, list[float]]) -> Iterator[dict[Metric, list[float]]]:
    """Share out values so that no line holds more of one metric than it may; one line where nothing was measured."""
    longest = max(map(len, measured.values()), default=1)
    for begin in range(0, longest, _MOST_VALUES):
        portion = {metric: values[begin : begin + _MOST_VALUES] for metric, values in measured.items()}
        yield {metric: values for metric, values in portion.items() if values}


def _embedded(measured: Mapping[Metric, list[float]]) -> dict[str, Any]:
    """Return what metrics add to a line.

    A single value stands alone rather than in a list, so that queries of the logs find it by the metric's own name.
    """
    if not measured:
        return {}
    by_dimensions: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for metric in measured:
        definition = {"Name": metric.title, "Unit": metric.unit}
        by_dimensions.setdefault(DIMENSIONS.get(metric, _BY_STAGE), []).append(definition)
    directives = [
        {"Namespace": NAMESPACE, "Dimensions": [list(names)], "Metrics": definitions}
        for names, definitions in by_dimensions.items()
    ]
    rounded = {metric.title: [round(value, 6) for value in values] for metric, values in measured.items()}
    values = {title: each[0] if len(each) == 1 else each for title, each in rounded.items()}
    return {**values, "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}}
