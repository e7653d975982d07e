"""From a queue to a function and, when it keeps failing, to the dead letters: on the queues of the emulated AWS."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.support.cloud import MAX_RECEIVES, Cloud
from tests.support.processes import until
from tools.localcloud.dispatcher import run
from tools.localcloud.events import Event, LambdaContext
from tools.localcloud.invocation import invoke
from tools.localcloud.queue_source import QueueSource

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass
class Queue:
    client: "SQSClient"
    url: str
    dead_url: str
    source: QueueSource

    def send(self, body: str) -> str:
        return self.client.send_message(QueueUrl=self.url, MessageBody=body)["MessageId"]

    def left(self) -> int:
        """How many messages the queue holds, hidden ones included."""
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def dead(self) -> list[str]:
        found = self.client.receive_message(QueueUrl=self.dead_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def queue(cloud: Cloud) -> Queue:
    """A queue of one's own, as the upload queue is: hidden for a second, dead after some tries."""
    client = cloud.admin.client("sqs", endpoint_url=cloud.endpoint)
    name = f"test-{uuid4().hex}"
    dead_url = client.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    dead = client.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": MAX_RECEIVES})
    attributes = {"VisibilityTimeout": "1", "RedrivePolicy": redrive}
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]  # plain dict
    source = QueueSource(
        client, url, invoke=lambda handler, event: invoke("protect_image", 60, handler, event), wait_seconds=1
    )
    return Queue(client, url, dead_url, source)


def received(events: list[Event]) -> list[str]:
    return [record["body"] for event in events for record in event["Records"]]


def test_a_message_that_succeeds_is_gone(queue: Queue) -> None:
    contexts: list[LambdaContext] = []
    events: list[Event] = []

    def handler(event: Event, context: LambdaContext) -> None:
        events.append(event)
        contexts.append(context)

    sent = queue.send('{"n": 1}')
    assert queue.source.poll(handler) == 1
    assert queue.left() == 0
    (record,) = events[0]["Records"]
    assert record["messageId"] == sent
    assert record["body"] == '{"n": 1}'
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"].isdigit()
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(queue.url.rpartition("/")[2])
    assert set(record) == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert contexts[0].function_name == "protect_image"
    assert 0 < contexts[0].get_remaining_time_in_millis() <= 60_000


def test_messages_come_one_at_a_time(queue: Queue) -> None:
    events: list[Event] = []
    for number in range(3):
        queue.send(str(number))
    while queue.source.poll(lambda event, context: events.append(event)):
        pass
    assert sorted(received(events)) == ["0", "1", "2"]
    assert len(events) == 3


def raise_error(event: Event, context: LambdaContext) -> None:
    raise ValueError("broken")


def report_failure(event: Event, context: LambdaContext) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}


def report_nonsense(event: Event, context: LambdaContext) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": "another"}]}


def answer_nonsense(event: Event, context: LambdaContext) -> Any:
    return "done"


@pytest.mark.parametrize("fail", [raise_error, report_failure, report_nonsense, answer_nonsense])
def test_a_message_that_fails_comes_again(queue: Queue, fail: Callable[[Event, LambdaContext], Any]) -> None:
    queue.send("again")
    assert queue.source.poll(fail) == 1
    assert queue.left() == 1
    events: list[Event] = []
    until(lambda: queue.source.poll(lambda event, context: events.append(event)), what="the second try")
    assert events[0]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    assert queue.left() == 0


def test_a_message_that_keeps_failing_becomes_a_dead_letter(queue: Queue) -> None:
    tries: list[Event] = []

    def handler(event: Event, context: LambdaContext) -> Any:
        tries.append(event)
        return report_failure(event, context)

    queue.send("hopeless")

    def poll() -> list[str]:
        queue.source.poll(handler)
        return queue.dead()

    assert until(poll, what="a dead letter") == ["hopeless"]
    assert len(tries) == MAX_RECEIVES
    assert queue.left() == 0


def test_the_loop_outlives_failures_and_a_cloud_that_is_away(queue: Queue) -> None:
    ending = threading.Event()
    polls = 0

    class Flaky(QueueSource):
        def poll(self, handler: Any) -> int:
            nonlocal polls
            polls += 1
            if polls == 2:
                raise ClientError({"Error": {"Code": "InternalFailure", "Message": "away"}}, "ReceiveMessage")
            return super().poll(handler)

    def handler(event: Event, context: LambdaContext) -> None:
        if event["Records"][0]["body"] == "broken":
            raise ValueError("broken")
        ending.set()

    queue.send("broken")
    source = Flaky(queue.client, queue.url, invoke=lambda run, event: invoke("f", 60, run, event), wait_seconds=0)
    queue_is_sent = threading.Timer(0.5, queue.send, ("fine",))
    queue_is_sent.start()
    run(source, handler, ending)
    queue_is_sent.join()
    assert polls > 2


def test_the_poller_may_poll_and_nothing_else(cloud: Cloud) -> None:
    client = cloud.session("poller").client("sqs", endpoint_url=cloud.endpoint)
    url = cloud.outputs["ProtectQueueUrl"]
    client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    with pytest.raises(ClientError, match="AccessDenied"):
        client.send_message(QueueUrl=url, MessageBody="x")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.receive_message(QueueUrl=cloud.outputs["ProtectDeadQueueUrl"])
