"""What all tables share: one connection, the base model, JSON attributes and the index of things that are due."""

import contextvars
import random
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from pydantic import TypeAdapter
from pynamodb.attributes import Attribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import STRING
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.telemetry import Metric

DUE_SHARDS = 4
"""Partitions of each hour of the index of due things: no partition takes more than a quarter of a surge."""


_CONFLICT_TRIES = 6
_CONFLICT_PAUSE_SECONDS = 0.03
_AT_ONCE = 8  # writes under way at the same time: a public picture has some forty, of 5 ms each


_READS = frozenset(("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"))


def measure_units(operation: str, answer: Mapping[str, Any]) -> None:
    """Measure what an operation consumed, as far as its answer tells; a write whose condition failed does not tell."""
    consumed = answer.get("ConsumedCapacity") or ()
    tables = [consumed] if isinstance(consumed, Mapping) else consumed
    units = sum(float(table.get("CapacityUnits", 0)) for table in tables)
    telemetry.measure(Metric.READ_UNITS if operation in _READS else Metric.WRITE_UNITS, units)


class _MeasuredConnection(Connection):
    """A connection that measures what is consumed: pynamodb has DynamoDB tell it with every answer."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        answer = super().dispatch(operation_name, operation_kwargs)
        measure_units(operation_name, answer)
        return answer


@cache
def shared_connection() -> Connection:
    """Return the connection of all models.

    One botocore client for each model costs a cold start about 75 ms of CPU a model; one for all costs it once.
    """
    return _MeasuredConnection(
        connect_timeout_seconds=2, read_timeout_seconds=10, max_retry_attempts=3, max_pool_connections=32
    )


class BaseModel(Model):
    """A pynamodb model on the shared connection."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        shared = shared_connection()
        if table.connection is not shared:
            with suppress(ValueError):  # another model of the same table came first
                shared.add_meta_table(table.get_meta_table())
            table.connection = shared
        return table


class JsonAttribute[T](Attribute[T]):
    """A value of the domain, kept as JSON text: one attribute to read where a map would be decoded leaf by leaf."""

    attr_type = STRING

    def __init__(self, kind: Any, **kwargs: Any) -> None:
        """Take the type of the value (a dataclass or anything pydantic reads)."""
        super().__init__(**kwargs)
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        """What reads and writes the value; made at first use, since a cold start that needs few pays for few."""
        return TypeAdapter(self._kind)

    def serialize(self, value: T) -> str:
        """Write the value as JSON."""
        return self._adapter.dump_json(value).decode()

    def deserialize(self, value: str) -> T:
        """Read the value back; raises pydantic's ValidationError for what was not written by this class."""
        return self._adapter.validate_json(value)


def due_bucket(due_at: str, key: str) -> str:
    """Return the partition, hour and shard, in which a thing that is due at a time is found again."""
    return f"{due_at[:13]}#{zlib.crc32(key.encode()) % DUE_SHARDS}"


def due_buckets(since: datetime, until: datetime) -> Iterator[str]:
    """Give every partition of the index of due things between two moments, oldest first."""
    hour = int(since.timestamp()) // 3600
    while hour * 3600 <= until.timestamp():
        text = clock.to_text(datetime.fromtimestamp(hour * 3600, tz=until.tzinfo))[:13]
        yield from (f"{text}#{shard}" for shard in range(DUE_SHARDS))
        hour += 1


class _ConflictError(TemporaryError):
    """Another transaction was under way on one of the items; it will be over in milliseconds."""


def transact(build: Callable[[TransactWrite], None]) -> None:
    """Carry out the writes that ``build`` adds to a transaction, all or none.

    DynamoDB refuses a transaction while another one holds an item, and botocore does not try such a one again: it is
    tried again here, after a pause that is drawn at random so that rivals part.

    Raises:
        LostRaceError: a condition did not hold.
        TemporaryError: it could not be carried out.
    """

    def action() -> None:
        with TransactWrite(connection=shared_connection()) as transaction:
            build(transaction)

    write(action)


def write(action: Callable[[], object]) -> None:
    """Carry out one write, again where a transaction of somebody else holds the item.

    Raises:
        LostRaceError: a condition did not hold.
        TemporaryError: it could not be carried out.
    """
    for tries in range(_CONFLICT_TRIES):
        try:
            with dynamodb_errors():
                action()
        except _ConflictError:
            if tries + 1 == _CONFLICT_TRIES:
                raise
            time.sleep(random.uniform(0, _CONFLICT_PAUSE_SECONDS * 2**tries))  # noqa: S311  no secret hangs on it
        else:
            return


def at_once[Item](work: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do some work for every item, some at the same time; raises the first error once all had their turn."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # in the context of the caller, so that its units are counted with what they belong to
        futures = [pool.submit(contextvars.copy_context().run, work, item) for item in items]
    for future in futures:
        future.result()


@contextmanager
def dynamodb_errors() -> Iterator[None]:
    """Turn DynamoDB's errors into the domain's.

    Raises:
        LostRaceError: a condition did not hold.
        TemporaryError: DynamoDB did not answer, throttled, or had a conflicting transaction under way.
    """
    try:
        yield
    except TransactWriteError as error:
        codes = {reason.code for reason in error.cancellation_reasons if reason}
        if "ConditionalCheckFailed" in codes:
            raise LostRaceError from error
        if "TransactionConflict" in codes:
            raise _ConflictError("another transaction had one of the items") from error
        raise TemporaryError(f"transaction not carried out: {sorted(codes) or _code(error) or error.msg}") from error
    except PynamoDBException as error:
        code = _code(error)
        if code == "ConditionalCheckFailedException":
            raise LostRaceError from error
        if code == "TransactionConflictException":
            raise _ConflictError("a transaction had the item") from error
        if code == "ValidationException":
            raise  # our own fault: trying again mends nothing
        raise TemporaryError(f"DynamoDB: {code or error.msg}") from error


def _code(error: PynamoDBException) -> str | None:
    """Return DynamoDB's code of an error; None where there was no answer: pynamodb's own way ends in an error then."""
    return error.cause_response_code if getattr(error.cause, "response", None) else None
