"""Has the emulated DynamoDB keep over a restart what its streams still have to tell, and say which stream is asked.

The emulator saves tables, and not the records of their streams: what nobody had read when it ended would never be told.
What was read is not saved: whoever asks for more has taken what came before. And it asks IAM about reading any stream
at all, not this one, so that only who may read all could read some.
"""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, dynamodb_streams

_STATE = "cara_streams"

type _Key = tuple[str, str, str]
"""Account, region and name of a table."""

_read: dict[_Key, int] = {}
"""Up to which position each stream was read."""


def _untold() -> Any:
    """Return what streams have still to tell, by table."""
    found = AccountRegionScopedDict()
    for (account, region, table), records in dynamodb._stream_records.all_items():
        first = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
        told = max(0, _read.get((account, region, table), 0) - first)
        found.set_scoped(account, region, table, {"position": first + told, "records": list(records[told:])})
    return found


def _restore(streams: Any) -> None:
    for (account, region, table), stream in streams.all_items():
        dynamodb._stream_records.set_scoped(account, region, table, list(stream["records"]))
        dynamodb._stream_trimmed.set_scoped(account, region, table, stream["position"])


def _stream_of(body: bytes) -> str | None:
    """Return the stream that a request to read one names, by itself or by an iterator."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return None
    if not isinstance(asked, dict):
        return None
    iterator = dynamodb_streams._decode_iterator(str(asked.get("ShardIterator") or "")) or {}
    stream = asked.get("StreamArn") or iterator.get("arn")
    return stream if isinstance(stream, str) else None


def install() -> None:
    """Bring it into the emulator of this process."""
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any, **more: Any) -> Any:
        bodies = [each for each in (*request, *more.values()) if isinstance(each, bytes)]
        found = _stream_of(bodies[0]) if service == "dynamodbstreams" and bodies else None
        return found or resource_of(service, *request, **more)

    iam_actions.extract_resource_arn = resource
    get_state, restore, get_records = dynamodb.get_state, dynamodb._restore_state, dynamodb_streams._get_records

    def with_streams() -> dict[str, Any]:
        return {**get_state(), _STATE: _untold()}

    def restored(data: dict[str, Any]) -> None:
        restore(data)
        if data and _STATE in data:
            _restore(data[_STATE])

    def noted(data: dict[str, Any]) -> Any:
        asked = dynamodb_streams._decode_iterator(data.get("ShardIterator") or "")
        if asked:
            key = (asked["a"], asked["r"], asked["t"])
            _read[key] = max(_read.get(key, 0), int(asked["p"]))
        return get_records(data)

    dynamodb.get_state, dynamodb._restore_state, dynamodb_streams._get_records = with_streams, restored, noted
