"""From a stream to a function: in order, again as it was when it fails, and on from there after a restart."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.support.artist import Artist
from tests.support.clients import admin_client
from tests.support.cloud import Cloud, running_platform
from tests.support.processes import PlatformProcess, until
from tools.localcloud.events import Event, LambdaContext
from tools.localcloud.invocation import invoke
from tools.localcloud.positions import Positions
from tools.localcloud.stream_source import StreamSource


@dataclass
class Table:
    """A table of one's own with a stream."""

    dynamodb: Any
    streams: Any
    positions: Path
    name: str = field(default_factory=lambda: f"test-{uuid4().hex}")
    letters: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make it."""
        made = self.dynamodb.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.stream = made["TableDescription"]["LatestStreamArn"]

    def put(self, *ids: str) -> None:
        for each in ids:
            self.dynamodb.put_item(TableName=self.name, Item={"id": {"S": each}, "raw": {"B": b"\x00"}})

    def source(self, retry_seconds: float = 3600) -> StreamSource:
        """Return what polls it, as a process that has just started would."""
        return StreamSource(
            self.streams,
            self.stream,
            Positions(self.positions),
            invoke=lambda handler, event: invoke("follow_changes", 60, handler, event),
            give_up=self.letters.append,
            retry_seconds=retry_seconds,
        )


@pytest.fixture
def table(cloud: Cloud, tmp_path: Path) -> Table:
    dynamodb = cloud.admin.client("dynamodb", endpoint_url=cloud.endpoint)
    streams: Any = cloud.admin.client("dynamodbstreams", endpoint_url=cloud.endpoint)
    return Table(dynamodb, streams, tmp_path / "positions.json")


Call = Callable[[Event, LambdaContext], Any]


def noting(taken: list[list[str]]) -> Call:
    def handler(event: Event, context: LambdaContext) -> Any:
        taken.append([record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]])

    return handler


def failing(tries: list[list[str]]) -> Call:
    note = noting(tries)

    def handler(event: Event, context: LambdaContext) -> Any:
        note(event, context)
        first = event["Records"][0]["dynamodb"]["SequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": first}]}

    return handler


def test_changes_come_in_order_and_as_lambda_has_them(table: Table) -> None:
    events: list[Event] = []
    table.put("a", "b")
    source = table.source()
    assert source.poll(lambda event, context: events.append(event)) == 2
    assert source.poll(lambda event, context: events.append(event)) == 0
    first, second = events[0]["Records"]
    assert [first["dynamodb"]["Keys"]["id"]["S"], second["dynamodb"]["Keys"]["id"]["S"]] == ["a", "b"]
    assert first["eventSourceARN"] == table.stream
    assert first["dynamodb"]["NewImage"]["raw"] == {"B": "AA=="}
    assert isinstance(first["dynamodb"]["ApproximateCreationDateTime"], float)


def test_a_batch_that_fails_comes_again_as_it_was(table: Table) -> None:
    tries: list[list[str]] = []
    taken: list[list[str]] = []
    table.put("a", "b")
    source = table.source()
    assert source.poll(failing(tries)) == 0
    assert source.held_up
    table.put("c")
    until(lambda: source.poll(noting(taken)), what="the next try")
    assert source.poll(noting(taken)) == 1
    assert (tries, taken) == ([["a", "b"]], [["a", "b"], ["c"]])
    assert table.letters == []


def test_a_restart_goes_on_with_the_batch_that_was_begun(table: Table) -> None:
    tries: list[list[str]] = []
    taken: list[list[str]] = []
    table.put("a")
    table.source().poll(noting(taken))
    table.put("b", "c")
    table.source().poll(failing(tries))
    table.put("d")
    again = table.source()
    while again.poll(noting(taken)):
        pass
    assert (tries, taken) == ([["b", "c"]], [["a"], ["b", "c"], ["d"]])
    assert table.source().poll(noting(taken)) == 0


def test_what_fails_for_too_long_is_given_up_with_its_place(table: Table) -> None:
    tries: list[list[str]] = []
    table.put("a", "b")
    source = table.source(retry_seconds=-60)
    assert source.poll(failing(tries)) == 2
    [letter] = table.letters
    assert table.stream in letter
    assert '"batchSize": 2' in letter
    table.put("c")
    assert source.poll(noting(tries)) == 1
    assert tries == [["a", "b"], ["c"]]


def test_the_poller_may_follow_what_is_followed(cloud: Cloud) -> None:
    streams: Any = cloud.session("poller").client("dynamodbstreams", endpoint_url=cloud.endpoint)
    arn = cloud.outputs["PostsStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")
    with pytest.raises(ClientError, match="AccessDenied"):
        streams.describe_stream(StreamArn=cloud.outputs["MediaStreamArn"])


# ---------------------------------------------------------------- within the platform


def publish(artist: Artist) -> str:
    """Publish a post without a picture and return its id."""
    answer = artist.client.post("/v1/posts", json={"title": "x"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def counter(platform: PlatformProcess, post_id: str) -> Any:
    run = platform.run
    table, key = run.env["CARA_COUNTERS_TABLE"], {"key": {"S": f"post#{post_id}"}}
    return admin_client("dynamodb", run.endpoint).get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def test_the_platform_follows_and_a_restart_loses_nothing(tmp_path: Path) -> None:
    with running_platform(tmp_path) as platform:
        ada = Artist(platform)
        first = publish(ada)
        until(lambda: counter(platform, first), what="the counter of a post")
        # perhaps it is not followed before the end
        second = publish(ada)
        platform.stop()
    with running_platform(tmp_path) as platform:
        until(lambda: counter(platform, second), what="the counter of the post that was made last")
        # what cannot be read holds up nothing
        run = platform.run
        dynamodb = admin_client("dynamodb", run.endpoint)
        dynamodb.put_item(TableName=run.env["CARA_POSTS_TABLE"], Item={"post_id": {"S": "unreadable"}})
        third = publish(Artist(platform, ada.name))
        until(lambda: counter(platform, third), what="the counter of the post behind it")
        sqs = admin_client("sqs", run.endpoint)
        dead = run.env["CARA_CHANGES_DEAD_QUEUE_URL"]
        letters = until(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"), what="its letter")
        assert "unreadable" in letters[0]["Body"]


def test_errands_are_done_by_their_own_identity_and_what_nobody_knows_is_a_dead_letter(tmp_path: Path) -> None:
    with running_platform(tmp_path) as platform:
        run = platform.run
        sqs = admin_client("sqs", run.endpoint)
        body = '{"kind":"nobody","subject":"x","cursor":null,"arguments":{}}'
        sqs.send_message(QueueUrl=run.env["CARA_ERRAND_QUEUE_URL"], MessageBody=body)
        dead = run.env["CARA_ERRAND_DEAD_QUEUE_URL"]
        letters = until(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"), what="a dead letter")
        assert letters[0]["Body"] == body
