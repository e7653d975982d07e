"""Conflicting transactions, which the emulated cloud never has: they are injected where botocore would answer."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.repositories import connection, raw


class Rivals:
    """Answers of DynamoDB to one transaction after the other: None for done, else the reasons it was cancelled for."""

    def __init__(self, *answers: tuple[str, ...] | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert operation == "TransactWriteItems"
        self.asked += 1
        codes = self.answers.pop(0)
        if codes is None:
            return {}
        response: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code, "Message": code} for code in codes],
        }
        raise ClientError(response, operation)


def answered_by(monkeypatch: pytest.MonkeyPatch, rivals: Rivals) -> None:
    def make_api_call(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        return rivals(operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    monkeypatch.setattr(connection, "_CONFLICT_PAUSE_SECONDS", 0)


def writes(transaction: TransactWrite) -> None:
    from chalicelib.repositories.profiles import count_post

    count_post(transaction, "an account", 1)


def test_a_conflict_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rivals = Rivals(("None", "TransactionConflict"), ("TransactionConflict", "None"), None)
    answered_by(monkeypatch, rivals)
    connection.transact(writes)
    assert rivals.asked == 3


def test_conflicts_without_end_are_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    rivals = Rivals(*[("TransactionConflict",)] * 20)
    answered_by(monkeypatch, rivals)
    with pytest.raises(TemporaryError):
        connection.transact(writes)
    assert 1 < rivals.asked < 20


def test_a_condition_that_does_not_hold_is_a_lost_race_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rivals = Rivals(("TransactionConflict", "ConditionalCheckFailed"), None)
    answered_by(monkeypatch, rivals)
    with pytest.raises(LostRaceError):
        connection.transact(writes)
    assert rivals.asked == 1


def test_throttling_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    answered_by(monkeypatch, Rivals(("ThrottlingError",)))
    with pytest.raises(TemporaryError):
        connection.transact(writes)


@pytest.mark.parametrize(
    "work",
    [
        lambda: raw.ask("GetItem", TableName="t", Key={"k": {"S": "x"}}),
        lambda: raw.ask("TransactWriteItems", TransactItems=[]),
        lambda: connection.transact(writes),
    ],
    ids=["a read", "a transaction", "a transaction of models"],
)
@pytest.mark.parametrize(
    "error", [ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError, ConnectionClosedError]
)
def test_no_answer_is_an_error_that_passes(
    monkeypatch: pytest.MonkeyPatch, error: type[HTTPClientError], work: Callable[[], object]
) -> None:
    def make_api_call(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        raise error(endpoint_url="https://dynamodb.example", error="timed out")

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    with pytest.raises(TemporaryError):
        work()
