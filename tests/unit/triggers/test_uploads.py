"""The upload trigger: what the queue brings, and what it must bring again."""

import json
from typing import Any

import pytest

from chalicelib import composition
from chalicelib.domain.errors import TemporaryError
from chalicelib.services.protection import Arrival
from chalicelib.triggers.uploads import protect_image


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


def test_test_event_of_s3(protection: Protection) -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "originals"})
    assert failures(message("a", body=body)) == []
    assert protection.handled == []


def test_other_events_of_s3(protection: Protection) -> None:
    assert failures(message("a", created("k", event="ObjectRemoved:Delete"))) == []
    assert protection.handled == []


def test_nothing(protection: Protection) -> None:
    assert protect_image({}, None) == {"batchItemFailures": []}
