"""What a piece of work tells of itself: whose it is, what came of it, what was measured and what it cost.

Whoever begins a piece of work (a request, a message, a sweep) writes all of it down in the end. Those who do it add to
it from wherever they are, by the context they run in: each thread has its own. Outside of any work nothing is kept.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Metric(Enum):
    """What is measured: the name and unit that alarms and dashboards know it by; see docs/observability.md."""

    UPLOAD_TO_READY = ("UploadToReady", "Milliseconds")
    UPLOAD_TO_PUBLISHED = ("UploadToPublished", "Milliseconds")
    QUEUE_WAIT = ("QueueWait", "Milliseconds")
    PROTECTION_CPU = ("ProtectionCpu", "Seconds")
    PROTECTION_TIME = ("ProtectionTime", "Seconds")
    CLOAK_SECONDS = ("CloakSeconds", "Seconds")
    CLOAK_EFFECT = ("CloakEffect", "None")
    REFUSED = ("Refused", "Count")
    PROTECTION_FAILED = ("ProtectionFailed", "Count")
    PROTECTION_RETRIED = ("ProtectionRetried", "Count")
    READ_UNITS = ("ReadUnits", "Count")
    WRITE_UNITS = ("WriteUnits", "Count")
    AUTHORIZATION_FAILURES = ("AuthorizationFailures", "Count")
    SWEEP_RESCUED = ("SweepRescued", "Count")
    SWEEP_FAILED = ("SweepFailed", "Count")
    CACHEABLE_ANSWERS = ("CacheableAnswers", "Count")
    PERSONAL_ANSWERS = ("PersonalAnswers", "Count")

    def __init__(self, title: str, unit: str) -> None:
        """Take the name in CloudWatch and CloudWatch's name of the unit."""
        self.title = title
        self.unit = unit


type Fact = str | int | float | None


@dataclass(slots=True)
class Work:
    """One piece of work.

    Attributes:
        keys: stand in every line that is logged meanwhile.
        facts: stand in the line that tells of the whole.
        measured: values by metric; those that count are added up to one.
    """

    keys: Mapping[str, str]
    facts: dict[str, Fact] = field(default_factory=dict)
    measured: dict[Metric, list[float]] = field(default_factory=dict)

    def note(self, **facts: Fact) -> None:
        """Note facts; never what users wrote, nor who they are."""
        self.facts.update(facts)

    def measure(self, metric: Metric, value: float = 1, **facts: Fact) -> None:
        """Note a value in the metric's unit, and facts about it."""
        values = self.measured.setdefault(metric, [])
        if values and metric.unit == "Count":
            values[0] += value
        else:
            values.append(value)
        self.note(**facts)


_NO_KEYS: Mapping[str, str] = MappingProxyType({})
_CORRELATION_ID = "correlation_id"

_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def begin(**keys: str) -> Iterator[Work]:
    """Begin a piece of work whose lines carry these keys; with it, all that was kept of it is forgotten."""
    work = Work(keys)
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)


@contextmanager
def part() -> Iterator[None]:
    """Begin a part of the present work: the id that it is correlated by holds for that part alone."""
    work = _work.get()
    before = work.keys if work else _NO_KEYS
    try:
        yield
    finally:
        if work:
            work.keys = before


def keys() -> Mapping[str, str]:
    """Return what stands in every line of the present work."""
    work = _work.get()
    return work.keys if work else _NO_KEYS


def correlation_id() -> str | None:
    """Return the id by which the present work is found again."""
    return keys().get(_CORRELATION_ID)


def correlate(known: str | None) -> None:
    """Have the present work, or part of it, found by the id of the request that it goes back to, if that is known."""
    work = _work.get()
    if work and known:
        work.keys = {**work.keys, _CORRELATION_ID: known}


def note(**facts: Fact) -> None:
    """Note facts of the present work; see :meth:`Work.note`."""
    work = _work.get()
    if work:
        work.note(**facts)


def measure(metric: Metric, value: float = 1, **facts: Fact) -> None:
    """Note a value and facts of the present work; see :meth:`Work.measure`."""
    work = _work.get()
    if work:
        work.measure(metric, value, **facts)
