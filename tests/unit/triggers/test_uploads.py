"""The upload trigger: what the queue brings, and what it must bring again."""

import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import composition
from chalicelib.domain import telemetry
from chalicelib.domain.errors import TemporaryError
from chalicelib.services.protection import Arrival
from chalicelib.settings import settings
from chalicelib.triggers import uploads
from chalicelib.triggers.uploads import protect_image
from tests.support.fake_plumbing import Errands
from tests.unit.loglines import written
from tools.localcloud.events import LambdaContext


class Protection:
    """Notes what it is asked for; keys that begin with ``bad`` fail."""

    def __init__(self) -> None:
        self.handled: list[tuple[Arrival, bool]] = []

    def handle(self, arrival: Arrival, *, last_try: bool) -> None:
        if arrival.key.startswith("later"):
            raise TemporaryError(arrival.key)
        if arrival.key.startswith("broken"):
            raise KeyError(arrival.key)
        self.handled.append((arrival, last_try))


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> Errands:
    found = Errands()
    monkeypatch.setattr(composition, "protect_queue", lambda: found)
    return found


@pytest.fixture
def protection(monkeypatch: pytest.MonkeyPatch) -> Protection:
    found = Protection()
    monkeypatch.setattr(composition, "protection_service", lambda: found)
    return found


def created(key: str, version: str | None = None, event: str = "ObjectCreated:Post") -> dict[str, Any]:
    found: dict[str, Any] = {"key": key, "size": 4}
    if version:
        found["versionId"] = version
    return {"eventName": event, "s3": {"bucket": {"name": "originals"}, "object": found}}


def message(message_id: str, *records: dict[str, Any], body: str | None = None, receives: int = 1) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt of {message_id}",
        "body": json.dumps({"Records": list(records)}) if body is None else body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }


def failures(*messages: dict[str, Any]) -> list[str]:
    answer = protect_image({"Records": list(messages)}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_each_arrival_is_handled(protection: Protection) -> None:
    assert failures(message("a", created("originals/x/1", "v1"), created("originals/x/2")), message("b")) == []
    assert protection.handled == [(Arrival("originals/x/1", "v1"), False), (Arrival("originals/x/2"), False)]


def test_keys_are_decoded(protection: Protection) -> None:
    assert failures(message("a", created("originals/a+b/%C3%A4%2B"))) == []
    assert protection.handled[0][0].key == "originals/a b/ä+"


@pytest.mark.parametrize(("receives", "last"), [(1, False), (2, False), (3, True), (4, True)])
def test_last_try(protection: Protection, receives: int, last: bool) -> None:
    failures(message("a", created("k"), receives=receives))
    assert protection.handled == [(Arrival("k"), last)]


def test_only_what_failed_comes_again(protection: Protection) -> None:
    found = failures(message("a", created("one")), message("b", created("later")), message("c", created("two")))
    assert found == ["b"]
    assert [arrival.key for arrival, _ in protection.handled] == ["one", "two"]


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", '"text"', '{"Records": [{}]}', '{"Records": [{"eventName": 1}]}']
)
def test_messages_that_nobody_understands_become_dead_letters(protection: Protection, body: str) -> None:
    assert failures(message("a", body=body), message("b", created("one"))) == ["a"]
    assert len(protection.handled) == 1


def test_fault_that_nobody_foresaw_keeps_no_other_waiting(protection: Protection) -> None:
    assert failures(message("a", created("broken")), message("b", created("one"))) == ["a"]
    assert len(protection.handled) == 1


def test_what_fails_comes_again_ever_later_and_in_the_end_is_a_dead_letter_at_once(
    protection: Protection, queue: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "settings", lambda: replace(settings(), protect_max_receives=5))
    for key in ("later", "broken"):
        for receives in range(1, 6):
            assert failures(message("a", created(key), receives=receives)) == ["a"]
    failures(message("b", created("one")))
    assert queue.brought == [("receipt of a", seconds) for seconds in (20, 120, 720, 720, 0)] * 2


def test_where_the_queue_does_not_answer_it_comes_by_itself(protection: Protection, queue: Errands) -> None:
    queue.away = True
    assert failures(message("a", created("later")), message("b", created("one"))) == ["a"]
    assert len(protection.handled) == 1


def test_test_event_of_s3(protection: Protection) -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "originals"})
    assert failures(message("a", body=body)) == []
    assert protection.handled == []


def test_other_events_of_s3(protection: Protection) -> None:
    assert failures(message("a", created("k", event="ObjectRemoved:Delete"))) == []
    assert protection.handled == []


def test_without_its_models_the_function_starts_no_work_at_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # the settings of unit tests name a folder that is not there
    monkeypatch.setattr(composition, "protection_service", composition.protection_service.__wrapped__)
    with caplog.at_level(logging.ERROR):
        assert failures(message("a", created("originals/x/1"))) == ["a"]
    assert "no readable list of models" in caplog.text


def test_nothing(protection: Protection) -> None:
    assert protect_image({}, None) == {"batchItemFailures": []}


def timed(key: str, at: object) -> dict[str, Any]:
    return {**created(key), "eventTime": at}


def test_arrival_is_dated_by_its_event(protection: Protection) -> None:
    failures(message("a", timed("k", "2026-11-22T12:00:00.120Z")))
    assert protection.handled[0][0].at == datetime(2026, 11, 22, 12, 0, 0, 120_000, tzinfo=UTC)


@pytest.mark.parametrize("at", [None, "", "yesterday", 5, "2026-11-22T12:00:00"])
def test_arrival_whose_date_nobody_understands_is_handled_all_the_same(protection: Protection, at: object) -> None:
    assert failures(message("a", timed("k", at))) == []
    assert protection.handled == [(Arrival("k"), False)]


def test_each_message_has_a_line_with_its_outcome(protection: Protection) -> None:
    messages = [
        message("a", created("one")),
        message("b", created("later")),
        message("c", created("later"), receives=3),
        message("d", created("broken")),
        message("e", created("broken"), receives=3),
    ]
    context = LambdaContext("protect_image", 60)
    with written() as lines:
        protect_image({"Records": messages}, context)
    found = lines.of("protect_image")
    assert {line["request_id"] for line in lines.all} == {context.aws_request_id}
    assert [(line["message_id"], line["outcome"]) for line in found] == [
        ("a", "done"),
        ("b", "comes again"),
        ("c", "given up"),
        ("d", "comes again"),
        ("e", "given up"),
    ]
    assert [line.get("ProtectionRetried") for line in found] == [None, 1, None, 1, None]
    # of a picture that is given up the service tells; of what nobody understands there is no picture
    assert [line.get("ProtectionFailed") for line in found] == [None, None, None, None, 1]


def test_wait_in_the_queue_is_measured_once(protection: Protection) -> None:
    sent = {"SentTimestamp": str(int(time.time() * 1000) - 5000)}
    first, again, ahead = (message(each, created("k")) for each in "abc")
    first["attributes"].update(sent)
    again["attributes"].update(sent, ApproximateReceiveCount="2")
    ahead["attributes"].update(SentTimestamp=str(int(time.time() * 1000) + 60_000))
    with written() as lines:
        failures(first, again, ahead, message("d", created("k")))
    found = lines.of("protect_image")
    assert 5000 <= found[0]["QueueWait"] < 65_000
    assert [line.get("QueueWait") for line in found[1:]] == [None, 0, None]


def test_nothing_of_a_message_is_left_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    class Correlated:
        def handle(self, arrival: Arrival, *, last_try: bool) -> None:
            if arrival.key == "known":
                telemetry.correlate("of the first")
                telemetry.note(state="ready")
            logging.getLogger("chalicelib.services.protection").warning("handled")

    monkeypatch.setattr(composition, "protection_service", Correlated)
    with written() as lines:
        failures(message("a", created("known")), message("b", created("unknown")))
    for said in ("handled", "invocation"):
        first, second = lines.said(said)
        assert (first["message_id"], first["correlation_id"]) == ("a", "of the first")
        assert second["message_id"] == "b"
        assert "correlation_id" not in second
    assert "state" not in lines.of("protect_image")[1]
