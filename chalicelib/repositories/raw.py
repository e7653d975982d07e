"""DynamoDB without a model: for hot lists, whose items are a key and a packed card.

pynamodb takes 7 ms of CPU for the items of a page of 50, the answer's own attribute values some 1 ms
(docs/adr/0032-home-feed.md).
"""

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Literal

from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from chalicelib.domain.errors import TemporaryError
from chalicelib.repositories.connection import dynamodb_errors, shared_connection

type Image = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB writes it: ``{"position": {"S": "…"}}``."""

type Order = Literal["newest", "oldest"]

_WRITES_AT_ONCE = 25
_READS_AT_ONCE = 100
_BATCH_TRIES = 6
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Span:
    """Items of one partition that lie between two sort keys, neither included; None: open at that end."""

    above: str | None = None
    below: str | None = None


EVERYTHING = Span()


def text(item: Image, name: str) -> str:
    """Return a text attribute, '' where it is missing."""
    return str(item[name]["S"]) if name in item else ""


def query(
    table: str, names: tuple[str, str], partition: str, span: Span, *, limit: int, order: Order = "newest"
) -> tuple[list[Image], bool]:
    """Read up to ``limit`` items of a partition in one request, eventually consistent.

    Args:
        table: its name.
        names: the attributes that are its hash and its range key.
        partition: the value of the hash key.
        span: which of its items.
        limit: how many at most.
        order: from which end.

    Returns:
        The items, and whether there may be more.
    """
    condition, values = ["#p = :p"], {":p": {"S": partition}}
    for sign, name, bound in ((">", ":a", span.above), ("<", ":b", span.below)):
        if bound is not None:
            values[name] = {"S": bound}
            condition.append(f"#s {sign} {name}")
    if len(condition) == 3:  # two conditions on the range key are one in DynamoDB's language, and include both ends
        condition[1:] = ["#s BETWEEN :a AND :b"]
    found = ask(
        "Query",
        TableName=table,
        KeyConditionExpression=" AND ".join(condition),
        ExpressionAttributeNames={"#p": names[0], **({"#s": names[1]} if len(condition) > 1 else {})},
        ExpressionAttributeValues=values,
        ScanIndexForward=order == "oldest",
        Limit=limit,
    )
    ends = {span.above, span.below}
    return [item for item in found["Items"] if item[names[1]]["S"] not in ends], "LastEvaluatedKey" in found


def put_all(table: str, items: Iterable[Image]) -> None:
    """Store some items, each as a whole. No two may have the same key."""
    _write_all(table, [{"PutRequest": {"Item": item}} for item in items])


def delete_all(table: str, keys: Iterable[Image]) -> None:
    """Remove some items by their keys; those that are not there are left alone. No two may be the same."""
    _write_all(table, [{"DeleteRequest": {"Key": key}} for key in keys])


def get_all(table: str, keys: Sequence[Image]) -> Iterator[Image]:
    """Give those of some items that exist, in no order, eventually consistent. No two keys may be the same."""
    for some in batched(keys, _READS_AT_ONCE, strict=False):
        for answer in _batches("BatchGetItem", {table: {"Keys": list(some)}}, "UnprocessedKeys"):
            yield from answer["Responses"].get(table, ())


def _write_all(table: str, requests: Sequence[Any]) -> None:
    for some in batched(requests, _WRITES_AT_ONCE, strict=False):
        for _ in _batches("BatchWriteItem", {table: list(some)}, "UnprocessedItems"):
            pass


def _batches(operation: str, wanted: dict[str, Any], left: str) -> Iterator[dict[str, Any]]:
    """Carry out a batch, and what DynamoDB leaves of it once more after a pause that is drawn at random."""
    for tries in range(_BATCH_TRIES):
        answer = ask(operation, RequestItems=wanted)
        yield answer
        wanted = answer.get(left) or {}
        if not wanted:
            return
        time.sleep(random.uniform(0, _PAUSE_SECONDS * 2**tries))  # noqa: S311  no secret hangs on it
    raise TemporaryError(f"DynamoDB: {operation} leaves some undone")


def ask(operation: str, **asked: Any) -> dict[str, Any]:
    """Have an operation carried out.

    Raises:
        LostRaceError: a condition did not hold.
        TemporaryError: DynamoDB did not answer.
    """
    with dynamodb_errors():
        try:
            answer: dict[str, Any] = shared_connection().dispatch(operation, asked)
        except BOTOCORE_EXCEPTIONS as error:
            kind = TransactWriteError if operation == "TransactWriteItems" else PynamoDBException
            raise kind(str(error), error) from error
        return answer
