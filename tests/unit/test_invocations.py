"""The line of an invocation, and the metrics that CloudWatch takes from it."""

import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from chalicelib.domain import telemetry
from chalicelib.domain.telemetry import Metric
from chalicelib.invocations import invocation
from chalicelib.observability import logger
from tests.architecture.imports import ROOT
from tests.support.unit_env import subprocess_environment
from tests.unit.loglines import written

DOCUMENTATION = ROOT / "docs" / "observability.md"

_NAME = {"type": "string", "minLength": 1, "maxLength": 250}
EMBEDDED_METRICS = Draft202012Validator(
    {
        "type": "object",
        "required": ["_aws"],
        "properties": {
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "properties": {
                    "Timestamp": {"type": "integer"},
                    "CloudWatchMetrics": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["Namespace", "Dimensions", "Metrics"],
                            "properties": {
                                "Namespace": _NAME,
                                "Dimensions": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {"type": "array", "maxItems": 30, "items": _NAME},
                                },
                                "Metrics": {
                                    "type": "array",
                                    "maxItems": 100,
                                    "items": {
                                        "type": "object",
                                        "required": ["Name"],
                                        "properties": {
                                            "Name": _NAME,
                                            "Unit": {"enum": ["Seconds", "Milliseconds", "Count", "None"]},
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            }
        },
    }
)
"""The schema of the specification, as far as it concerns us."""


def test_every_metric_is_written_as_the_specification_says() -> None:
    with written() as lines, invocation("f"):
        for metric in Metric:
            telemetry.measure(metric, 1.5, reason="too-large")
    line = lines.of_one("f")
    EMBEDDED_METRICS.validate(line)
    assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 60_000
    defined = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "Cara"
        for definition in directive["Metrics"]:
            defined[definition["Name"]] = (definition["Unit"], directive["Dimensions"])
            assert line[definition["Name"]] == 1.5
        assert all(isinstance(line[name], str) for names in directive["Dimensions"] for name in names)
    divided = {"Refused": [["stage", "reason"]]}
    assert defined == {each.title: (each.unit, divided.get(each.title, [["stage"]])) for each in Metric}
    assert line["stage"] == "local"


def test_line_says_whose_it_is_what_came_of_it_and_how_long_it_took() -> None:
    with written() as lines, invocation("f", request_id="r") as work:
        work.note(outcome="done", attempts=2)
    line = lines.of_one("f")
    assert (line["request_id"], line["outcome"], line["attempts"], line["level"]) == ("r", "done", 2, "INFO")
    assert 0 <= line["ms"] < 60_000
    assert "_aws" not in line


def test_line_of_what_failed() -> None:
    @invocation("f")
    def fail() -> None:
        telemetry.measure(Metric.READ_UNITS, 3)
        raise KeyError("a secret")

    with written() as lines, pytest.raises(KeyError):
        fail()
    assert (lines.of_one("f")["outcome"], lines.of_one("f")["ReadUnits"]) == ("KeyError", 3)
    assert "secret" not in lines.text


def test_no_line_holds_more_values_of_a_metric_than_it_may() -> None:
    with written() as lines, invocation("f") as work:
        work.measure(Metric.SWEEP_RESCUED, 250)
        for value in range(250):
            work.measure(Metric.UPLOAD_TO_PUBLISHED, value)
    found = lines.of("f")
    assert [len(line["UploadToPublished"]) for line in found] == [100, 100, 50]
    assert [value for line in found for value in line["UploadToPublished"]] == list(range(250))
    assert [line.get("SweepRescued") for line in found] == [250, None, None]
    for line in found:
        EMBEDDED_METRICS.validate(line)
        for definition in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            assert definition["Name"] in line


@pytest.fixture
def quiet() -> Iterator[None]:
    """Nothing but errors is logged."""
    loggers = {each: each.level for each in map(logging.getLogger, ("cara", "chalicelib"))}
    for each in loggers:
        each.setLevel(logging.ERROR)
    yield
    for each, level in loggers.items():
        each.setLevel(level)


@pytest.mark.usefixtures("quiet")
def test_metrics_do_not_depend_on_the_log_level() -> None:
    with written() as lines, invocation("f") as work:
        logger.warning("nobody wants to know")
        work.measure(Metric.REFUSED, reason="too-large")
    assert [line["message"] for line in lines.all] == ["invocation"]
    assert lines.of_one("f")["Refused"] == 1


def test_lines_of_many_threads_stay_whole() -> None:
    def work(number: int) -> None:
        with invocation("f", request_id=str(number)):
            telemetry.measure(Metric.READ_UNITS, number)

    with written() as lines, ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert {(line["request_id"], line["ReadUnits"]) for line in lines.of("f")} == {(str(n), n) for n in range(200)}


def test_what_a_line_says_itself_comes_before_the_keys_of_its_work() -> None:
    with written() as lines, invocation("f", request_id="r", correlation_id="whole"):
        logging.getLogger("chalicelib.services.x").warning("one", extra={"correlation_id": "own"})
        logging.getLogger("chalicelib.services.x").warning("two", extra={"correlation_id": None})
    assert [(line["request_id"], line["correlation_id"]) for line in lines.all] == [
        ("r", "own"),
        ("r", "whole"),
        ("r", "whole"),
    ]


@pytest.mark.parametrize("module", ["app", "chalicelib.triggers.uploads", "chalicelib.triggers.schedules"])
def test_every_function_that_calls_services_writes_their_lines_and_its_own(module: str) -> None:
    script = (
        f"import {module}, logging\n"
        "from chalicelib.invocations import invocation\n"
        "with invocation('f', request_id='r'):\n"
        "    logging.getLogger('chalicelib.services.sweep').info('from a service')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=subprocess_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["message"], line["request_id"]) for line in found] == [("from a service", "r"), ("invocation", "r")]
    assert done.stderr == ""


def test_documentation_lists_every_metric_and_no_other() -> None:
    rows = [line.split("|") for line in DOCUMENTATION.read_text(encoding="utf-8").splitlines()]
    listed = {row[1].strip(" `"): row[2].strip() for row in rows if len(row) == 6 and row[1].startswith(" `")}
    assert listed == {metric.title: metric.unit for metric in Metric}
