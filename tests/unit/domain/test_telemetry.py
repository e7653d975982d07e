"""What is kept of a piece of work, and for how long."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chalicelib.domain import telemetry
from chalicelib.domain.telemetry import Metric


def test_outside_of_work_nothing_is_kept() -> None:
    telemetry.correlate("an id")
    telemetry.note(state="ready")
    telemetry.measure(Metric.REFUSED)
    with telemetry.part():
        telemetry.correlate("another id")
    assert (dict(telemetry.keys()), telemetry.correlation_id()) == ({}, None)


def test_work_begins_with_nothing_of_the_work_before() -> None:
    with telemetry.begin(request_id="first"):
        telemetry.correlate("of the first")
        telemetry.note(state="ready")
        telemetry.measure(Metric.REFUSED)
    assert dict(telemetry.keys()) == {}
    with telemetry.begin(request_id="second") as work:
        assert dict(telemetry.keys()) == {"request_id": "second"}
        assert (work.facts, work.measured) == ({}, {})


def test_work_that_fails_is_forgotten_as_well() -> None:
    with pytest.raises(KeyError), telemetry.begin(request_id="first"):
        raise KeyError
    assert dict(telemetry.keys()) == {}


def test_threads_know_nothing_of_each_other() -> None:
    both = Barrier(2)

    def work(name: str) -> tuple[str | None, list[float]]:
        with telemetry.begin(correlation_id=name) as begun:
            both.wait(10)
            telemetry.measure(Metric.READ_UNITS, len(name))
            both.wait(10)
            return telemetry.correlation_id(), begun.measured[Metric.READ_UNITS]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, ["a", "bb"])) == [("a", [1]), ("bb", [2])]


def test_id_of_a_part_holds_for_that_part() -> None:
    with telemetry.begin(request_id="r", correlation_id="whole"):
        with telemetry.part():
            telemetry.correlate("part")
            assert dict(telemetry.keys()) == {"request_id": "r", "correlation_id": "part"}
        assert telemetry.correlation_id() == "whole"
        with pytest.raises(KeyError):
            _fail_in_part()
        assert telemetry.correlation_id() == "whole"


@telemetry.part()
def _fail_in_part() -> None:
    telemetry.correlate("part")
    raise KeyError


def test_what_has_no_id_leaves_the_id_that_is_there() -> None:
    with telemetry.begin(correlation_id="whole"):
        telemetry.correlate(None)
        assert telemetry.correlation_id() == "whole"


def test_counts_add_up_and_times_stand_side_by_side() -> None:
    with telemetry.begin() as work:
        for value in (1, 2.5):
            telemetry.measure(Metric.WRITE_UNITS, value)
            telemetry.measure(Metric.UPLOAD_TO_PUBLISHED, value)
    assert work.measured == {Metric.WRITE_UNITS: [3.5], Metric.UPLOAD_TO_PUBLISHED: [1, 2.5]}
