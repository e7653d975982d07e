"""The streams' trigger: DynamoDB tells what changed in tables whose streams are followed."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.telemetry import Work
from chalicelib.invocations import invocation
from chalicelib.observability import logger
from chalicelib.settings import settings

triggers = Blueprint(__name__)

FOLLOWED = ("posts", "profiles", "relations", "reactions", "comments", "applications")
"""The tables whose streams are followed."""


@triggers.lambda_function()
def follow_changes(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have a batch of changes of one table taken by all that follow it.

    Takes the event of a DynamoDB stream. Returns ``{"batchItemFailures": []}``, or the first record where the batch is
    to come again, as a whole and as it is: counting knows a batch again by its events
    (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
    """
    records = event.get("Records", [])
    if not records:
        return {"batchItemFailures": []}
    first = records[0]["dynamodb"]["SequenceNumber"]
    with invocation("follow_changes", request_id=getattr(context, "aws_request_id", "")) as work:
        table = table_of(records[0]["eventSourceARN"])
        work.note(table=table, first=first, last=records[-1]["dynamodb"]["SequenceNumber"], records=len(records))
        done = _follow(table, records, work)
        work.note(outcome="done" if done else "comes again")
    return {"batchItemFailures": [] if done else [{"itemIdentifier": first}]}


def _follow(table: str, records: list[dict[str, Any]], work: Work) -> bool:
    from chalicelib.composition import change_consumers, changes_dead_queue, counting, read_changes
    from chalicelib.services.changes import follow

    try:
        changes, unreadable = read_changes(table, records)
        work.note(changes=len(changes), unreadable=len(unreadable))
        for record in unreadable:
            changes_dead_queue().put(_place(record))
        if changes:
            follow(changes, change_consumers(table), counting(table))
    except TemporaryError as error:
        logger.warning("not this time", extra={"why": str(error)})
        return False
    except Exception:  # noqa: BLE001  it comes again until it is too old; then Lambda makes its place a dead letter
        logger.exception("could not be followed")
        return False
    return True


def _place(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a record stands in its stream, as Lambda itself says it of a batch that it gave up."""
    number = record["dynamodb"]["SequenceNumber"]
    batch = {"streamArn": record["eventSourceARN"], "startSequenceNumber": number, "endSequenceNumber": number}
    return {"DDBStreamBatchInfo": {**batch, "batchSize": 1}, "unreadable": record["eventID"]}


def table_of(stream: str) -> str:
    """Return the table of a stream's ARN, as settings call it.

    Raises:
        ValueError: it is none that is followed.
    """
    name = stream.partition(":table/")[2].partition("/")[0]
    known = {str(getattr(settings(), f"{each}_table")): each for each in FOLLOWED}
    if name not in known:
        raise ValueError(f"the changes of {name} are followed by nobody")
    return known[name]
