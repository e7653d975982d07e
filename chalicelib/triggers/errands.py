"""The errands' trigger: pieces of long work that a queue brings."""

from contextlib import suppress
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.telemetry import Work
from chalicelib.invocations import invocation
from chalicelib.observability import logger
from chalicelib.services.errands import UnknownErrandError
from chalicelib.settings import settings

triggers = Blueprint(__name__)

_FIRST_PAUSE_SECONDS = 2
_PAUSE_FACTOR = 4


@triggers.lambda_function()
def run_errands(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do each errand that the queue's messages bring.

    Takes the event of an SQS event source. Returns ``{"batchItemFailures": [{"itemIdentifier": …}]}``: the messages
    that the queue must bring again. They come soon at first and then ever later, up to the time for which the queue
    hides what it gives out; what nobody understands comes at once, until it is a dead letter.

    Takes messages of SNS as well, of what became of mail, and puts an errand for each: where the queue does not take
    one, the call fails, and Lambda makes it again.
    """
    request_id = getattr(context, "aws_request_id", "")
    if (event.get("Records") or [{}])[0].get("EventSource") == "aws:sns":
        _note_returned_mail(event, request_id)
        return {"batchItemFailures": []}
    failed = [record["messageId"] for record in event.get("Records", []) if not _run(record, request_id)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _note_returned_mail(event: dict[str, Any], request_id: str) -> None:
    from chalicelib.composition import errand_queue
    from chalicelib.services.returned_mail import errands_of

    with invocation("run_errands", request_id=request_id) as work:
        found = list(errands_of(each["Sns"]["Message"] for each in event["Records"]))
        work.note(returned=len(found))
        for errand in found:
            errand_queue().put(errand)


def _run(record: dict[str, Any], request_id: str) -> bool:
    from chalicelib.composition import errand_queue

    with invocation("run_errands", request_id=request_id, message_id=record["messageId"]) as work:
        pause = _try(record, work)
        work.note(outcome="done" if pause is None else "comes again")
        if pause is not None:
            with suppress(TemporaryError):  # then it comes when it would by itself
                errand_queue().again(record["receiptHandle"], pause)
        return pause is None


def _try(record: dict[str, Any], work: Work) -> int | None:
    """Do one errand; return None, or after how many seconds it is to come again."""
    from chalicelib.composition import errand_service

    receives: int = int(record["attributes"]["ApproximateReceiveCount"])
    pause: int = _FIRST_PAUSE_SECONDS * _PAUSE_FACTOR ** (receives - 1)
    later = min(settings().protect_visibility_seconds, pause)
    try:
        errand = Errand.from_text(record["body"])
    except ValueError:
        logger.exception("not understood")
        return 0
    work.note(errand=errand.kind)
    try:
        errand_service().run(errand)
    except (LostRaceError, TemporaryError) as error:
        logger.warning("not this time", extra={"why": str(error)})
        return later
    except Exception as error:  # noqa: BLE001  whatever it is, the other messages go on
        logger.exception("could not be done")
        return 0 if isinstance(error, UnknownErrandError) else later
    return None
