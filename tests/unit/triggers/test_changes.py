"""The streams' trigger: who follows which table, what comes again, and what is set aside."""

from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain.changes import Change
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.posts import Post
from chalicelib.settings import settings
from chalicelib.triggers.changes import FOLLOWED, follow_changes, table_of
from tests.unit.http.api import Api
from tests.unit.http.tokens import open_url
from tests.unit.loglines import written
from tests.unit.support import emulated_aws

DONE: dict[str, list[Any]] = {"batchItemFailures": []}


class Consumer:
    """Notes what it takes, after raising what it was told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.taken: list[Sequence[Change[Any]]] = []

    def take(self, changes: Sequence[Change[Any]]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(changes)


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with emulated_aws(), mock.patch("urllib.request.OpenerDirector.open", open_url):
        yield


@pytest.fixture
def images() -> dict[str, dict[str, Any]]:
    """A post and a profile as their streams show them."""
    api = Api()
    ada = api.join()
    api.post(ada)
    scan = boto3.client("dynamodb").scan
    return {table: scan(TableName=name(table))["Items"][0] for table in ("posts", "profiles")}


def name(table: str) -> str:
    return str(getattr(settings(), f"{table}_table"))


def arn(table: str) -> str:
    return f"arn:aws:dynamodb:eu-central-1:123456789012:table/{name(table)}/stream/2026-11-26T00:00:00.000"


def event(table: str, *images: dict[str, Any]) -> dict[str, Any]:
    records = [
        {"eventID": f"e{at}", "eventSourceARN": arn(table), "dynamodb": {"SequenceNumber": str(100 + at), **each}}
        for at, each in enumerate(images)
    ]
    return {"Records": records}


def use(monkeypatch: pytest.MonkeyPatch, *consumers: Consumer, counting: Consumer | None = None) -> None:
    monkeypatch.setattr(composition, "change_consumers", lambda table: consumers)
    monkeypatch.setattr(composition, "counting", lambda table: counting)


def letters() -> list[str]:
    found = boto3.client("sqs").receive_message(QueueUrl=settings().changes_dead_queue_url, MaxNumberOfMessages=10)
    return [message["Body"] for message in found.get("Messages", [])]


def test_images_become_what_the_domain_knows(
    monkeypatch: pytest.MonkeyPatch, images: dict[str, dict[str, Any]]
) -> None:
    consumer = Consumer()
    use(monkeypatch, consumer)
    post = images["posts"]
    told = event("posts", {"NewImage": post}, {"OldImage": post, "NewImage": post}, {"OldImage": post})
    assert follow_changes(told, None) == DONE
    [[made, changed, removed]] = consumer.taken
    assert isinstance(made.new, Post)
    assert (made.old, made.new.post_id, made.event_id) == (None, post["post_id"]["S"], "e0")
    assert (changed.old, changed.new) == (made.new, made.new)
    assert (removed.old, removed.new) == (made.new, None)
    assert follow_changes(event("profiles", {"NewImage": images["profiles"]}), None) == DONE
    [made] = consumer.taken[1]
    assert made.new is not None
    assert made.new.account_id == images["profiles"]["account_id"]["S"]


@pytest.mark.parametrize("error", [TemporaryError("not now"), RuntimeError("a bug")])
def test_a_batch_comes_again_as_a_whole_and_is_counted_when_all_have_taken_it(
    monkeypatch: pytest.MonkeyPatch, images: dict[str, dict[str, Any]], error: Exception
) -> None:
    failing, other, counting = Consumer(error), Consumer(), Consumer()
    use(monkeypatch, failing, other, counting=counting)
    told = event("posts", {"NewImage": images["posts"]}, {"OldImage": images["posts"]})
    with written() as lines:
        assert follow_changes(told, None) == {"batchItemFailures": [{"itemIdentifier": "100"}]}
    assert (len(other.taken), counting.taken) == (1, [])
    line = next(each for each in lines.of("follow_changes") if each["message"] == "invocation")
    assert (line["outcome"], line["table"], line["first"], line["last"]) == ("comes again", "posts", "100", "101")
    assert follow_changes(told, None) == DONE
    assert [len(each.taken) for each in (failing, other, counting)] == [1, 2, 1]


def test_what_cannot_be_read_is_set_aside_and_holds_up_nothing(
    monkeypatch: pytest.MonkeyPatch, images: dict[str, dict[str, Any]]
) -> None:
    consumer = Consumer()
    use(monkeypatch, consumer)
    told = event("posts", {"NewImage": {"post_id": {"S": "broken"}}}, {"NewImage": images["posts"]})
    assert follow_changes(told, None) == DONE
    assert [change.event_id for [change] in consumer.taken] == ["e1"]
    [letter] = letters()
    assert '"startSequenceNumber": "100"' in letter
    assert arn("posts") in letter


def test_every_followed_table_has_consumers_and_something_that_counts() -> None:
    for table in FOLLOWED:
        assert table_of(arn(table)) == table
        assert isinstance(composition.change_consumers(table), tuple)
    counted = {table for table in FOLLOWED if hasattr(composition.counting(table), "take")}
    assert counted == set(FOLLOWED) - {"applications"}, "these are counted as they are written"


def test_a_stream_that_nobody_follows_is_refused() -> None:
    with pytest.raises(ValueError, match="cara-local-media"):
        table_of(arn("media"))
    assert follow_changes({"Records": []}, None) == DONE
