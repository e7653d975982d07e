"""All that tables hold of one account, as it is stored: for its own export, and to see that nothing is left of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.holdings import HoldingName, HoldingPage
from chalicelib.repositories.connection import measure_units, shared_connection
from chalicelib.repositories.packing import COMMENT_DICTIONARY, NOTICE_DICTIONARY, unpack
from chalicelib.repositories.relation_items import BOUNDS
from chalicelib.settings import settings

_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Place:
    """Where items of an account are.

    Attributes:
        table: the table, as settings call it.
        partition: the attribute that names the partition, and ``value`` what it is for the account.
        key: the names of the table's key, where an index does not hold the whole item.
        texts: attributes that are JSON, which become what they say.
        packed: attributes that are packed, and what with.
        hidden: attributes that say nothing to people: copies by which lists are made, positions, versions.
    """

    table: str
    partition: str
    value: str = "{}"
    index: str = ""
    key: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    packed: Mapping[str, bytes] = field(default_factory=dict)


_LISTED = ("order_key", "public_author", "portfolio_author", "due_bucket", "due_at", "card", "version", "unsettled")
_BLOCKS = ("blocked_by", "times_blocked")
_RELATED = ("subject_kind", "object_kind", "account_card", "other_card", "account_version", "other_version")

_COMMENT, _NOTICE = {"body": COMMENT_DICTIONARY}, {"line": NOTICE_DICTIONARY}
_LINES = ("partition", "unread")
_ALERTS = ("partition", "list", "rank", "due_bucket", "due_at", "arrivals", "secret")
_HEADS = ("partition", "sides", "sizes", "version", "last_by", "last_id", "waiting", "excerpt")

_JOBS = ("card", "list", "rank", "due_bucket", "due_at", "actor")
_CASES = ("decision", "decision_id", "queue_shard", "kind_shard", "open_target", "position", "excerpt")
"""Who decided is nobody's business; what was decided is told where it was."""

PLACES: Mapping[HoldingName, _Place] = {
    "profile": _Place("profiles", "account_id", texts=("fields",), hidden=("version",)),
    "posts": _Place("posts", "author_id", "{}", "by_author", ("post_id",), ("fields", "reason"), _LISTED),
    "comments": _Place(
        "comments", "author_id", "{}", "by_author", ("comment_id",), packed={"body": COMMENT_DICTIONARY}
    ),
    "reactions": _Place("reactions", "account_id", hidden=("account_kind", "post_shard", "card", "post_version")),
    "relations": _Place("relations", "account_id", texts=("tags", "words"), hidden=(*_RELATED, *_BLOCKS)),
    "followers": _Place("relations", "object_kind", "{}#follow", "by_object", hidden=_RELATED),
    "matches": _Place("matches", "account_id"),
    "notifications": _Place("notifications", "account_id", packed=_NOTICE),
    "conversations": _Place("messages", "partition", "a#{}#inbox", texts=("person",), hidden=_LINES),
    "conversation_requests": _Place("messages", "partition", "a#{}#requests", texts=("person",), hidden=_LINES),
    "messaging": _Place("messages", "partition", "a#{}", hidden=("partition",)),
    "messages": _Place("messages", "partition", "c#{}", texts=("media", "posts"), hidden=_HEADS),
    "job_alerts": _Place("jobs", "partition", "alerts#{}", texts=("card",), hidden=_ALERTS),
    "job_alerts_told": _Place("jobs", "partition", "told#{}"),
    "job_alerts_waiting": _Place("jobs", "partition", "waiting#{}"),
    "saved_jobs": _Place("jobs", "list", "saved#{}", "by_list", texts=("card",), hidden=("partition", "list")),
    "studios": _Place("studios", "account_id", "{}", "by_account"),
    "studio_jobs": _Place("jobs", "actor", "{}", "by_actor", ("partition", "position"), ("job", "change"), _JOBS),
    "cases": _Place("cases", "opened_by", "{}", "by_opener", ("case_id",), ("evidence", "pictures"), _CASES),
    "handles": _Place("handles", "account_id", "{}", "by_account"),
    "applications": _Place("applications", "partition", "account#{}", texts=("line", "posts"), hidden=("partition",)),
}
"""Every place but media, which are found by their originals, and lists that are made of others. Messages are found by
their conversation."""


class HoldingRepository:
    """Pages of what is held of an account."""

    def page(self, name: HoldingName, account_id: str, position: str | None) -> HoldingPage:
        """Return some items as JSON can hold them; the position is that of the page before."""
        place = PLACES[name]
        asked: dict[str, Any] = {
            "TableName": getattr(settings(), f"{place.table}_table"),
            "KeyConditionExpression": "#partition = :value",
            "ExpressionAttributeNames": {"#partition": place.partition},
            "ExpressionAttributeValues": {":value": {"S": place.value.format(account_id)}},
            "Limit": _PAGE,
            "ReturnConsumedCapacity": "TOTAL",
        }
        asked |= {"IndexName": place.index} if place.index else {"ConsistentRead": True}
        asked |= {"ExclusiveStartKey": json.loads(position)} if position else {}
        answer = _call("Query", asked)
        items = _whole(place, answer["Items"]) if place.key else answer["Items"]
        last = answer.get("LastEvaluatedKey")
        said = (_said(place, item) for item in items)
        return HoldingPage([each for each in said if not _is_empty(each)], json.dumps(last) if last else None)


def _whole(place: _Place, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read items of which an index held a part."""
    if not items:
        return []
    table = getattr(settings(), f"{place.table}_table")
    wanted: dict[str, Any] = {table: {"Keys": [{name: item[name] for name in place.key} for item in items]}}
    found: list[dict[str, Any]] = []
    while wanted:
        answer = _call("BatchGetItem", {"RequestItems": wanted, "ReturnConsumedCapacity": "TOTAL"})
        found += answer["Responses"].get(table, [])
        wanted = answer.get("UnprocessedKeys") or {}
    return sorted(found, key=lambda item: str(item[place.key[0]]))


def _call(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    client: Any = shared_connection().client
    try:
        method = {"Query": client.query, "BatchGetItem": client.batch_get_item}[operation]
        answer: dict[str, Any] = method(**asked)
    except (ClientError, BotoCoreError, PynamoDBException) as error:
        raise TemporaryError(f"DynamoDB: {type(error).__name__}") from error
    measure_units(operation, answer)
    return answer


@cache
def _reader() -> Any:
    from boto3.dynamodb.types import TypeDeserializer

    return TypeDeserializer()


def _said(place: _Place, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an item says, in plain values."""
    shown = {name: each for name, each in item.items() if name not in place.hidden}
    packed = {name: shown.pop(name)["B"] for name in place.packed if name in shown}
    unpacked = {name: json.loads(unpack(each, place.packed[name])) for name, each in packed.items()}
    values = {name: _plain(_reader().deserialize(each)) for name, each in shown.items()} | unpacked
    return {name: json.loads(value) if name in place.texts and value else value for name, value in values.items()}


def _is_empty(said: Mapping[str, Any]) -> bool:
    """Tell whether bounds say nothing of their account: that there are any would tell that somebody blocked it."""
    bounds = str(said.get("relation", "")).partition("#")[0] == BOUNDS
    return bounds and not any(value for name, value in said.items() if name not in {"account_id", "relation"})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | bool | int | None) else None
