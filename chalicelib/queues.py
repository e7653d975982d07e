"""SQS: having pictures protected anew, by the message that S3 sends of an upload, and errands done."""

import json
from contextlib import contextmanager
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Any

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_sqs import SQSClient

_MESSAGES_A_CALL = 10
"""What ``SendMessageBatch`` takes."""


@cache
def _client() -> "SQSClient":
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 3, "mode": "standard"})
    return boto3.client("sqs", config=config)


@contextmanager
def _errors() -> "Iterator[None]":
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise TemporaryError(f"SQS: {type(error).__name__}") from error


class _WorkQueue:
    """A queue whose messages a function takes."""

    def __init__(self, url: str) -> None:
        """Take its address."""
        self._url = url

    def again(self, receipt: str, seconds: int) -> None:
        """Have a message that was received come again after a while, sooner than it would by itself.

        Raises:
            TemporaryError: the queue did not answer; then it comes when it would.
        """
        with _errors():
            _client().change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)


class ProtectQueue(_WorkQueue):
    """The queue of the protection function."""

    def announce(self, key: str, version: str | None) -> None:
        """Have the original at a key protected; announcing it twice changes nothing.

        Raises:
            TemporaryError: the queue did not take it this time.
        """
        original: dict[str, Any] = {"key": key} | ({"versionId": version} if version else {})
        record = {
            "eventName": "ObjectCreated:Again",
            "eventTime": clock.to_text(clock.now()),
            "s3": {"object": original},
        }
        with _errors():
            _client().send_message(QueueUrl=self._url, MessageBody=json.dumps({"Records": [record]}))


class ErrandQueue(_WorkQueue):
    """The queue of errands."""

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        """Have a piece of work done, not before a while has passed (900 s at most); it may be done more than once.

        Raises:
            TemporaryError: the queue did not take it this time.
        """
        with _errors():
            _client().send_message(QueueUrl=self._url, MessageBody=errand.to_text(), DelaySeconds=delay_seconds)

    def put_all(self, errands: "Iterable[Errand]", delay_seconds: int = 0) -> None:
        """Put several errands as :meth:`put` does each, ten in a call; whose answer may tell that some were not taken.

        Raises:
            TemporaryError: the queue did not take all of them this time: then all are to be put once more.
        """
        failed = 0
        for group in batched(errands, _MESSAGES_A_CALL, strict=False):
            entries: Any = [
                {"Id": str(number), "MessageBody": errand.to_text(), "DelaySeconds": delay_seconds}
                for number, errand in enumerate(group)
            ]
            with _errors():
                failed += len(_client().send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed", []))
        if failed:
            raise TemporaryError(f"SQS did not take {failed} messages")


class DeadQueue:
    """A queue of what was given up, for people to look at."""

    def __init__(self, url: str) -> None:
        """Take its address."""
        self._url = url

    def put(self, letter: "Mapping[str, Any]") -> None:
        """Keep a letter.

        Raises:
            TemporaryError: the queue did not take it this time.
        """
        with _errors():
            _client().send_message(QueueUrl=self._url, MessageBody=json.dumps(letter))
