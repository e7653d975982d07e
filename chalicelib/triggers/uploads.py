"""The upload trigger: S3 says, through the protect queue, that a file has arrived."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from chalice.app import Blueprint

from chalicelib.domain import clock
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.telemetry import Metric, Work
from chalicelib.invocations import invocation
from chalicelib.observability import logger
from chalicelib.services.protection import Arrival
from chalicelib.settings import settings

triggers = Blueprint(__name__)

_FIRST_PAUSE_SECONDS = 20
_PAUSE_FACTOR = 6
"""A fault of a moment costs less than a minute; five tries take 26 minutes, longer than most of AWS's own faults."""


@triggers.lambda_function()
def protect_image(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Protect each picture that the queue's messages announce.

    Takes the event of an SQS event source whose bodies are S3 event notifications, or S3's test event. Returns
    ``{"batchItemFailures": [{"itemIdentifier": …}]}``: the messages that the queue must bring again
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html). They come soon at first, then
    ever later, up to the time for which the queue hides what it gives out, and are dead letters right after the last.
    """
    request_id = getattr(context, "aws_request_id", "")
    failed = [record["messageId"] for record in event.get("Records", []) if not _protect(record, request_id)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _protect(record: dict[str, Any], request_id: str) -> bool:
    """Handle one message and tell whether it is done with."""
    with invocation("protect_image", request_id=request_id, message_id=record["messageId"]) as work:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        if receives == 1 and "SentTimestamp" in record["attributes"]:
            waited = clock.now().timestamp() * 1000 - int(record["attributes"]["SentTimestamp"])
            work.measure(Metric.QUEUE_WAIT, max(0.0, waited))
        last_try = receives >= settings().protect_max_receives
        done = _handle(record["body"], work, last_try=last_try)
        if not done and not last_try:
            work.measure(Metric.PROTECTION_RETRIED)
        work.note(outcome="done" if done else "given up" if last_try else "comes again")
        if not done:
            _bring_again(record["receiptHandle"], 0 if last_try else _pause(receives))
        return done


def _bring_again(receipt: str, seconds: int) -> None:
    from chalicelib.composition import protect_queue

    with suppress(TemporaryError):  # then it comes when it would by itself
        protect_queue().again(receipt, seconds)


def _pause(receives: int) -> int:
    pause: int = _FIRST_PAUSE_SECONDS * _PAUSE_FACTOR ** (receives - 1)
    return min(settings().protect_visibility_seconds, pause)


def _handle(body: str, work: Work, *, last_try: bool) -> bool:
    from chalicelib.composition import protection_service

    try:
        for arrival in arrivals(body):
            protection_service().handle(arrival, last_try=last_try)
    except TemporaryError as error:
        logger.warning("not this time", extra={"why": str(error)})
        return False
    except Exception:  # noqa: BLE001  whatever it is, it goes to the dead letters and the other messages go on
        logger.exception("could not be handled")
        if last_try:
            work.measure(Metric.PROTECTION_FAILED, reason="not-understood")
        return False
    return True


def arrivals(body: str) -> list[Arrival]:
    """Return what arrived; nothing for S3's test event.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no notification at all.
    """
    records = json.loads(body).get("Records", [])
    created = [each for each in records if each["eventName"].startswith("ObjectCreated")]
    # keys in notifications are URL-encoded, with + for a space
    return [
        Arrival(unquote_plus(each["s3"]["object"]["key"]), each["s3"]["object"].get("versionId"), _moment(each))
        for each in created
    ]


def _moment(record: dict[str, Any]) -> datetime | None:
    """Return when a file arrived; None where the notification does not tell: it is but measured by it."""
    try:
        found = clock.from_text(record["eventTime"])
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.tzinfo else None
