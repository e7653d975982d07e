"""The upload trigger: S3 says, through the protect queue, that a file has arrived."""

import json
from typing import Any
from urllib.parse import unquote_plus

from chalice.app import Blueprint

from chalicelib.domain.errors import TemporaryError
from chalicelib.observability import begin_request, logger
from chalicelib.services.protection import Arrival
from chalicelib.settings import settings

triggers = Blueprint(__name__)


@triggers.lambda_function()
def protect_image(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Protect each picture that the queue's messages announce.

    Takes the event of an SQS event source whose bodies are S3 event notifications, or S3's test event. Returns
    ``{"batchItemFailures": [{"itemIdentifier": …}]}``: the messages that the queue must bring again
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
    """
    begin_request(getattr(context, "aws_request_id", ""))
    failed = [record["messageId"] for record in event.get("Records", []) if not _protect(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _protect(record: dict[str, Any]) -> bool:
    """Handle one message and tell whether it is done with."""
    from chalicelib.composition import protection_service

    last_try = int(record["attributes"]["ApproximateReceiveCount"]) >= settings().protect_max_receives
    try:
        for arrival in arrivals(record["body"]):
            protection_service().handle(arrival, last_try=last_try)
    except TemporaryError as error:
        logger.warning("will be tried again", extra={"message_id": record["messageId"], "cause": str(error)})
        return False
    except Exception:  # noqa: BLE001  whatever it is, it goes to the dead letters and the other messages go on
        logger.exception("could not be handled", extra={"message_id": record["messageId"]})
        return False
    return True


def arrivals(body: str) -> list[Arrival]:
    """Return what arrived; nothing for S3's test event.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no notification at all.
    """
    records = json.loads(body).get("Records", [])
    created = [each["s3"]["object"] for each in records if each["eventName"].startswith("ObjectCreated")]
    # keys in notifications are URL-encoded, with + for a space
    return [Arrival(unquote_plus(each["key"]), each.get("versionId")) for each in created]
