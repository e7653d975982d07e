"""What tables hold of one account under its own keys: removed as it is, when the account is deleted.

What others hold of it, and what counts or is listed elsewhere, needs more: :mod:`chalicelib.services.deletion_places`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.remains import RemainsName
from chalicelib.repositories import raw
from chalicelib.settings import settings

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Place:
    """Where items of an account are.

    Attributes:
        table: the table, as settings call it.
        key: the names of its key.
        partition: the attribute that names the partition, of an index too, and ``value`` what it is for the account.
        index: where they are found, if not in the table itself.
        below: how the positions begin of those that are meant, where not all are.
    """

    table: str
    key: tuple[str, ...]
    partition: str
    value: str = "{}"
    index: str = ""
    below: str = ""


PLACES: Mapping[RemainsName, _Place] = {
    "reactions": _Place("reactions", ("account_id", "reaction"), "account_id"),
    "bounds": _Place("relations", ("account_id", "relation"), "account_id", below="bounds"),
    "message_preferences": _Place("messages", ("partition", "position"), "partition", "a#{}"),
    "inbox": _Place("messages", ("partition", "position"), "partition", "a#{}#inbox"),
    "message_requests": _Place("messages", ("partition", "position"), "partition", "a#{}#requests"),
    "notifications": _Place("notifications", ("account_id", "position"), "account_id"),
    "feed": _Place("feeds", ("account_id", "position"), "account_id"),
    "tasks": _Place("errands", ("errand_id",), "account_id", index="by_account"),
    "saved_jobs": _Place("jobs", ("partition", "position"), "list", "saved#{}", "by_list"),
    "job_alerts": _Place("jobs", ("partition", "position"), "partition", "alerts#{}"),
    "job_alerts_told": _Place("jobs", ("partition", "position"), "partition", "told#{}"),
    "job_alerts_waiting": _Place("jobs", ("partition", "position"), "partition", "waiting#{}"),
    "talent": _Place("jobs", ("partition", "position"), "partition", "talent#{}"),
    "applications": _Place("applications", ("partition", "position"), "partition", "account#{}"),
}
"""Places whose items are the account's alone: one line for each."""


class RemainsRepository:
    """What is left of an account."""

    def remove(self, name: RemainsName, account_id: str) -> bool:
        """Remove some items of a place, and tell whether there may be more."""
        place = PLACES[name]
        table = str(getattr(settings(), f"{place.table}_table"))
        condition, values = "#p = :p", {":p": {"S": place.value.format(account_id)}}
        names = {"#p": place.partition} | {f"#{number}": each for number, each in enumerate(place.key)}
        if place.below:
            condition, values = f"{condition} AND begins_with(#1, :b)", values | {":b": {"S": place.below}}
        asked: dict[str, Any] = {"IndexName": place.index} if place.index else {"ConsistentRead": True}
        found = raw.ask(
            "Query",
            TableName=table,
            KeyConditionExpression=condition,
            ProjectionExpression=", ".join(f"#{number}" for number, _ in enumerate(place.key)),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            Limit=_AT_ONCE,
            **asked,
        )
        raw.delete_all(table, [{name: item[name] for name in place.key} for item in found["Items"]])
        return "LastEvaluatedKey" in found
