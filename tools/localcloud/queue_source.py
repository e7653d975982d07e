"""What Lambda's event source mapping does with a queue: receive, call the function, delete what succeeded."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.localcloud.events import Event, LambdaContext, sqs_event

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_log = logging.getLogger(__name__)

Handler = Callable[[Event, LambdaContext], Any]
Invoke = Callable[[Handler, Event], Any]


class QueueSource:
    """Feeds one queue to one handler, message by message.

    A failed message is left to its visibility timeout, and in the end to the queue's own redrive policy, exactly as on
    AWS: nothing is counted here.
    """

    def __init__(self, client: "SQSClient", queue_url: str, *, invoke: Invoke, wait_seconds: int = 10) -> None:
        """Take the client of the polling identity, the queue, and how a handler is called.

        `wait_seconds` is how long one poll waits for a message.
        """
        self._client = client
        self._queue_url = queue_url
        self._invoke = invoke
        self._wait_seconds = wait_seconds
        self._arn = ""

    def poll(self, handler: Handler) -> int:
        """Receive at most one message, hand it to `handler`, and return how many were received.

        Raises what the client raises when the queue cannot be reached; what the handler raises is logged.
        """
        if not self._arn:
            found = self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
            self._arn = found["Attributes"]["QueueArn"]
        received = self._client.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=self._wait_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = received.get("Messages", [])
        if not messages:
            return 0
        failed = self._failures(handler, sqs_event(messages, self._arn))
        for message in messages:
            if message["MessageId"] not in failed:
                self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _failures(self, handler: Handler, event: Event) -> set[str]:
        """Call the function and return the ids of the messages that are to come again."""
        everything = {record["messageId"] for record in event["Records"]}
        try:
            result = self._invoke(handler, event)
            reported = (result or {}).get("batchItemFailures") or []
            failed = {failure["itemIdentifier"] for failure in reported}
        except Exception:  # noqa: BLE001 - whatever a function raises is its failure, not the queue's
            _log.exception("the function failed; %d message(s) will come again", len(everything))
            return everything
        # A report that names no message of the batch is not understood, and all of it comes again.
        return failed if failed <= everything else everything
