"""The errands' trigger: what is done, what follows, and what the queue must bring again, and when."""

from typing import Any

import pytest

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.services.errands import ErrandService
from chalicelib.triggers.errands import run_errands
from tests.support.fake_plumbing import Errands
from tests.unit.loglines import written

VISIBILITY_SECONDS = 720


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Errands:
    found = Errands()
    monkeypatch.setattr(composition, "errand_queue", lambda: found)
    return found


def use(monkeypatch: pytest.MonkeyPatch, queue: Errands, worker: Any) -> None:
    monkeypatch.setattr(composition, "errand_service", lambda: ErrandService({"paint": worker}, queue))


def message(body: str, receives: int = 1) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(receives)}
    return {"messageId": f"m-{body}", "receiptHandle": "receipt", "body": body, "attributes": attributes}


def failures(*messages: dict[str, Any]) -> list[str]:
    answer = run_errands({"Records": list(messages)}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_each_piece_puts_the_next(queue: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Errand] = []

    def worker(errand: Errand) -> Errand | None:
        done.append(errand)
        return None if errand.cursor else Errand(errand.kind, errand.subject, "half", errand.arguments)

    use(monkeypatch, queue, worker)
    first = Errand("paint", "the sea", None, {"colour": "blue"})
    assert failures(message(first.to_text())) == []
    assert queue.put_in == [(Errand("paint", "the sea", "half", {"colour": "blue"}), 0)]
    assert failures(message(queue.put_in[0][0].to_text())) == []
    assert len(queue.put_in) == 1
    assert done == [first, queue.put_in[0][0]]


@pytest.mark.parametrize("error", [TemporaryError("not now"), LostRaceError(), RuntimeError("a bug")])
def test_what_fails_comes_again_ever_later(queue: Errands, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def worker(errand: Errand) -> Errand | None:
        raise error

    use(monkeypatch, queue, worker)
    body = Errand("paint", "the sea").to_text()
    for receives in range(1, 8):
        assert failures(message(body, receives)) == [f"m-{body}"]
    assert [seconds for _, seconds in queue.brought] == [2, 8, 32, 128, 512, VISIBILITY_SECONDS, VISIBILITY_SECONDS]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"kind": "paint"}',
        '{"kind": "paint", "subject": "x", "cursor": 1, "arguments": {}}',
        '{"kind": "paint", "subject": "x", "cursor": null, "arguments": {"n": 1}}',
        Errand("dance", "nobody knows how").to_text(),
    ],
)
def test_what_nobody_understands_is_soon_a_dead_letter(
    queue: Errands, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    use(monkeypatch, queue, lambda errand: None)
    assert failures(message(body)) == [f"m-{body}"]
    assert queue.brought == [("receipt", 0)]


def test_one_failure_keeps_no_other_from_being_done(queue: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def worker(errand: Errand) -> Errand | None:
        if errand.subject == "bad":
            raise TemporaryError("not now")
        done.append(errand.subject)
        return None

    use(monkeypatch, queue, worker)
    bodies = [Errand("paint", subject).to_text() for subject in ("a", "bad", "b")]
    queue.away = True  # then it comes when it would by itself
    with written() as lines:
        assert failures(*map(message, bodies)) == [f"m-{bodies[1]}"]
    assert done == ["a", "b"]
    outcomes = [line["outcome"] for line in lines.of("run_errands") if line["message"] == "invocation"]
    assert outcomes == ["done", "comes again", "done"]


def test_errand_is_the_same_on_the_other_side_of_a_queue() -> None:
    errand = Errand("paint", "ünï", "cursor", {"a": "b"})
    assert Errand.from_text(errand.to_text()) == errand
