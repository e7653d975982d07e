"""SQS: having pictures protected anew, by the message that S3 sends of an upload."""

import json
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain import clock
from chalicelib.domain.errors import TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient


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


class ProtectQueue:
    """The queue of the protection function."""

    def __init__(self, url: str) -> None:
        """Take its address."""
        self._url = url

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
