"""Requests that were answered before, by their ``Idempotency-Key``: a thin layer over powertools' idempotency."""

import base64
import json
import zlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import ConflictError, InvalidError, TemporaryError
from chalicelib.repositories.connection import measure_units
from chalicelib.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer


@cache
def _store(remembered_seconds: int) -> "DynamoDBPersistenceLayer":
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    del remembered_seconds  # a store takes its settings from the first request: one for each
    store = DynamoDBPersistenceLayer(table_name=settings().idempotency_table)
    events = store.client.meta.events
    events.register("provide-client-params.dynamodb", _ask_for_units)
    events.register("after-call.dynamodb", _measure_units)
    return store


def _ask_for_units(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


def _measure_units(parsed: dict[str, Any], model: Any, **_: Any) -> None:
    measure_units(model.name, parsed)


def run_once(
    key: str, fingerprint: str, work: Callable[[], dict[str, Any]], lambda_context: Any, seconds: int
) -> dict[str, Any]:
    """Do some work unless it was done before under the same key; return what it returned then.

    Work that raises is not remembered and may be tried again.

    Args:
        key: names the account, the operation and the client's key.
        fingerprint: digest of the request.
        work: returns what JSON can hold.
        seconds: how long the answer is kept.
        lambda_context: tells how long the function may still run, after which a try that never ended is forgotten.

    Raises:
        InvalidError: the key was used for another request.
        ConflictError: the first request is still being worked on.
    """
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, exceptions, idempotent_function

    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="fingerprint",
        expires_after_seconds=seconds,
        hash_function="sha256",
        lambda_context=lambda_context,
    )

    def answer(*, request: dict[str, str]) -> dict[str, Any]:
        del request
        return {"packed": _pack(work())}

    once = idempotent_function(
        answer, data_keyword_argument="request", persistence_store=_store(seconds), config=config
    )
    try:
        result: dict[str, Any] = once(request={"key": key, "fingerprint": fingerprint})
    except exceptions.IdempotencyValidationError as error:
        raise InvalidError(
            "This Idempotency-Key was used for another request.", code="idempotency-key-reused"
        ) from error
    except exceptions.IdempotencyAlreadyInProgressError as error:
        raise ConflictError("The first request with this Idempotency-Key is still being worked on.") from error
    except exceptions.IdempotencyPersistenceLayerError as error:
        raise TemporaryError("idempotency store") from error
    return _unpack(result["packed"])


def _pack(answer: dict[str, Any]) -> str:
    """Write an answer small and in ASCII: the store escapes each emoji with twelve bytes, and an item has 400 KB."""
    return base64.b64encode(zlib.compress(json.dumps(answer, ensure_ascii=False).encode())).decode()


def _unpack(packed: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return answer
