"""What Lambda's event source mapping does with a stream: read, call the function, go on behind what succeeded."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools.localcloud.events import Event, stream_event
from tools.localcloud.positions import Position, Positions
from tools.localcloud.queue_source import Handler, Invoke

if TYPE_CHECKING:
    from datetime import datetime

_log = logging.getLogger(__name__)

BATCH = 100
_LONGEST_PAUSE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.1
_LOST = {"TrimmedDataAccessException", "ExpiredIteratorException"}

Record = dict[str, Any]
GiveUp = Callable[[str], None]


@dataclass(slots=True)
class _Batch:
    """A batch that is to come again as it was."""

    records: list[Record]
    pause: float = _FIRST_PAUSE_SECONDS
    due: float = 0.0


class StreamSource:
    """Feeds one stream to one handler, batch by batch.

    A batch that fails comes again as it was, after ever longer pauses, and holds up those behind it, until its oldest
    record is too old: then `give_up` gets its place in the stream. A restart forms a batch that was begun as it was.
    """

    def __init__(
        self,
        client: Any,
        stream: str,
        positions: Positions,
        *,
        invoke: Invoke,
        give_up: GiveUp,
        retry_seconds: float = 3600,
    ) -> None:
        """Take the client of the polling identity, the stream's ARN, and how a handler is called."""
        self._client = client
        self._stream = stream
        self._positions = positions
        self._invoke = invoke
        self._give_up = give_up
        self._retry_seconds = retry_seconds
        self._iterator = ""
        self._failed: _Batch | None = None

    @property
    def held_up(self) -> bool:
        """Whether a batch is to come again."""
        return self._failed is not None

    def poll(self, handler: Handler) -> int:
        """Hand the next batch to `handler`, and return how many records it had; 0 while one is to come again later.

        Raises what the client raises when the stream cannot be read; what the handler raises is logged.
        """
        if self._failed and time.monotonic() < self._failed.due:
            return 0
        batch = self._failed or _Batch(self._next())
        if not batch.records:
            return 0
        self._positions.put(self._stream, Position(self._positions.get(self._stream).after, _number(batch.records[-1])))
        if not self._succeeds(handler, batch.records):
            if not self._too_old(batch.records):
                self._failed = batch
                batch.due, batch.pause = time.monotonic() + batch.pause, min(2 * batch.pause, _LONGEST_PAUSE_SECONDS)
                return 0
            self._give_up(json.dumps({"DDBStreamBatchInfo": self._place(batch.records)}))
        self._failed = None
        self._positions.put(self._stream, Position(_number(batch.records[-1])))
        return len(batch.records)

    def _next(self) -> list[Record]:
        """Read what comes next, as far as the batch went that was begun before a restart."""
        position = self._positions.get(self._stream)
        if not self._iterator:
            self._iterator = self._find(position.after)
        try:
            found = self._client.get_records(ShardIterator=self._iterator, Limit=BATCH)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                self._iterator = ""
            raise
        records = [each for each in found["Records"] if _number(each) > (position.after or "")]
        begun = [each for each in records if _number(each) <= (position.until or "")]
        # what was read but is not of this batch is read again
        self._iterator = "" if begun and len(begun) < len(records) else found["NextShardIterator"]
        return begun or records

    def _find(self, after: str | None) -> str:
        """Return the iterator behind a record; from the beginning if that is not there any more."""
        shards = self._client.describe_stream(StreamArn=self._stream)["StreamDescription"]["Shards"]
        place: Any = {"StreamArn": self._stream, "ShardId": shards[0]["ShardId"]}
        if after:
            try:
                kind: Any = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
                return str(self._client.get_shard_iterator(**place, **kind)["ShardIterator"])
            except ClientError as error:
                if error.response["Error"]["Code"] not in _LOST:
                    raise
        return str(self._client.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"])

    def _succeeds(self, handler: Handler, records: list[Record]) -> bool:
        event: Event = stream_event(records, self._stream)
        try:
            result = self._invoke(handler, event)
            return not (result or {}).get("batchItemFailures")
        except Exception:  # noqa: BLE001 - whatever a function raises is its failure, not the stream's
            _log.exception("the function failed; %d record(s) will come again", len(records))
            return False

    def _too_old(self, records: list[Record]) -> bool:
        created: datetime = records[0]["dynamodb"]["ApproximateCreationDateTime"]
        return time.time() - created.timestamp() > self._retry_seconds

    def _place(self, records: list[Record]) -> dict[str, Any]:
        """Return where a batch stands, as Lambda says it to the destination of what it gives up."""
        numbers = {"startSequenceNumber": _number(records[0]), "endSequenceNumber": _number(records[-1])}
        return {"streamArn": self._stream, "batchSize": len(records), **numbers}


def _number(record: Record) -> str:
    """Return a record's sequence number; the emulator's sort as texts."""
    return str(record["dynamodb"]["SequenceNumber"])
