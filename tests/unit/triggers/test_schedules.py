"""The schedule: how far back a sweep looks."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.services.sweep import SweepReport
from chalicelib.triggers import schedules
from tests.unit.loglines import written
from tools.localcloud.events import LambdaContext

EVENT = dict.fromkeys(
    ("version", "id", "account", "source", "time", "region", "resources", "detail", "detail-type"), ""
)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Sweep:
    """Notes since when it is asked to look, and reports failures as told."""

    def __init__(self) -> None:
        self.since: list[datetime] = []
        self.failed = 0
        self.rescued = 0

    def run(self, since: datetime) -> SweepReport:
        self.since.append(since)
        return SweepReport(2, 1, self.failed, self.rescued)


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> Sweep:
    found = Sweep()
    monkeypatch.setattr(composition, "sweep_service", lambda: found)
    monkeypatch.setattr(schedules, "_since", None)
    return found


def run_at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> object:
    monkeypatch.setattr(clock, "now", lambda: moment)
    return schedules.sweep(EVENT, None)


def test_new_process_looks_a_week_back(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_at(monkeypatch, NOON) == {"media": 2, "posts": 1, "failed": 0}
    assert sweep.since[0] <= NOON - timedelta(days=7)


def test_warm_process_looks_back_to_its_last_sweep_and_an_hour(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    run_at(monkeypatch, NOON)
    run_at(monkeypatch, NOON + timedelta(minutes=5))
    assert sweep.since[1] == NOON - timedelta(hours=1)


def test_what_could_not_be_done_is_looked_for_again(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    run_at(monkeypatch, NOON)
    sweep.failed = 1
    for minutes in (5, 10, 15):
        run_at(monkeypatch, NOON + timedelta(minutes=minutes))
    assert set(sweep.since[1:]) == {NOON - timedelta(hours=1)}
    sweep.failed = 0
    run_at(monkeypatch, NOON + timedelta(minutes=20))
    run_at(monkeypatch, NOON + timedelta(minutes=25))
    assert sweep.since[-1] == NOON + timedelta(minutes=20) - timedelta(hours=1)


def test_each_sweep_has_a_line(sweep: Sweep) -> None:
    sweep.failed, sweep.rescued = 1, 2
    context = LambdaContext("sweep", 60)
    with written() as lines:
        schedules.sweep(EVENT, context)
    line = lines.of_one("sweep")
    assert (line["request_id"], line["media"], line["posts"], line["failed"]) == (context.aws_request_id, 2, 1, 1)
    assert (line["SweepRescued"], line["SweepFailed"]) == (2, 1)


def test_sweep_that_found_nothing_says_so(sweep: Sweep) -> None:
    with written() as lines:
        schedules.sweep(EVENT, None)
    assert (lines.of_one("sweep")["SweepRescued"], lines.of_one("sweep")["SweepFailed"]) == (0, 0)
