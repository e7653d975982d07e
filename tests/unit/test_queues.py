"""Errands put into a queue, several in a call."""

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.settings import settings
from tests.unit.support import emulated_aws


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with emulated_aws():
        yield


def received() -> list[Errand]:
    """Take all messages out of the queue that can be taken by now."""
    client, url = boto3.client("sqs"), settings().errand_queue_url
    found = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [Errand.from_text(each["Body"]) for each in messages]
    return found


def recorded() -> Any:
    """Return a patch that counts calls and lets them pass."""
    client: Any = boto3.client("sqs").__class__.__mro__[1]
    return mock.patch.object(client, "_make_api_call", autospec=True, side_effect=client._make_api_call)


def test_all_are_there_ten_in_a_call() -> None:
    errands = [Errand("paint", str(number)) for number in range(23)]
    with recorded() as calls:
        composition.errand_queue().put_all(each for each in errands)
    sizes = [len(call.args[2]["Entries"]) for call in calls.mock_calls if call.args[1] == "SendMessageBatch"]
    assert sizes == [10, 10, 3]
    assert sorted(received(), key=lambda each: int(each.subject)) == errands


def test_nothing_asks_for_nothing() -> None:
    with recorded() as calls:
        composition.errand_queue().put_all([])
    assert not calls.mock_calls


def test_all_wait_as_long() -> None:
    with recorded() as calls:
        composition.errand_queue().put_all([Errand("paint", "a"), Errand("paint", "b")], 20)
    assert [each["DelaySeconds"] for each in calls.mock_calls[0].args[2]["Entries"]] == [20, 20]
    assert received() == []


def test_an_answer_that_tells_of_one_not_taken_is_an_error() -> None:
    failed = {"Id": "1", "SenderFault": False, "Code": "InternalError", "Message": json.dumps("x")}
    client: Any = boto3.client("sqs").__class__.__mro__[1]
    answers = [{"Successful": [], "Failed": [failed]}, {"Successful": []}]
    with (
        mock.patch.object(client, "_make_api_call", side_effect=answers) as calls,
        pytest.raises(TemporaryError, match="1 message"),
    ):
        composition.errand_queue().put_all(Errand("paint", str(number)) for number in range(11))
    assert calls.call_count == 2, "the others had their turn"
