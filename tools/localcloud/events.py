"""Events and contexts in the shapes that Lambda hands to functions."""

import base64
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tools.localcloud.config import REGION

ACCOUNT = "000000000000"

Event = dict[str, Any]


@dataclass(slots=True)
class LambdaContext:
    """What a function is told about its own invocation.

    Attributes:
        function_name: the function.
        timeout_seconds: how long it may take.
    """

    function_name: str
    timeout_seconds: float
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 2048
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    _started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The name of the function as AWS spells it."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """Where its log would go."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds are left before the function is ended by force."""
        return max(0, int((self._started + self.timeout_seconds - time.monotonic()) * 1000))


def sqs_event(messages: Iterable[Mapping[str, Any]], queue_arn: str) -> Event:
    """Return the event of an SQS event source for `messages`, which are as ReceiveMessage gives them."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": dict(message.get("Attributes", {})),
                "messageAttributes": {
                    name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
                },
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def _attribute(value: Mapping[str, Any]) -> Event:
    return {
        "stringValue": value.get("StringValue"),
        "binaryValue": value.get("BinaryValue"),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.get("DataType", "String"),
    }


def stream_event(records: Iterable[Mapping[str, Any]], stream_arn: str) -> Event:
    """Return the event of a DynamoDB stream for `records`, which are as GetRecords gives them."""
    return {"Records": [{**_plain(record), "eventSourceARN": stream_arn} for record in records]}


def _plain(value: Any) -> Any:
    """Return a value as JSON would bring it: times in seconds, bytes in base64."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, datetime) else value


def scheduled_event(rule: str) -> Event:
    """Return the event that EventBridge sends for the schedule `rule`, now."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }
