"""Lists in the jobs table whose items are counted in the same transaction: of jobs, and of artists who look for work.

An item is written or removed on the condition that it is as it was read, so that it counts once however often.
"""

from typing import Any

from chalicelib.repositories.raw import Image
from chalicelib.settings import settings


def key_of(partition: str, position: str) -> Image:
    """Return the key of an item."""
    return {"partition": {"S": partition}, "position": {"S": position}}


def putting(key: Image, content: str, old: str | None, **more: Any) -> dict[str, Any]:
    """Return the action that writes an item over what it was, None where it was not there."""
    item = {**key, "content": {"S": content}, **more}
    return {"Put": {"TableName": settings().jobs_table, "Item": item, **_as_read(old)}}


def deleting(key: Image, old: str | None) -> dict[str, Any]:
    """Return the action that removes an item that is as it was."""
    return {"Delete": {"TableName": settings().jobs_table, "Key": key, **_as_read(old)}}


def _as_read(old: str | None) -> dict[str, Any]:
    if old is None:
        return {"ConditionExpression": "attribute_not_exists(#p)", "ExpressionAttributeNames": {"#p": "partition"}}
    return {
        "ConditionExpression": "#c = :old",
        "ExpressionAttributeNames": {"#c": "content"},
        "ExpressionAttributeValues": {":old": {"S": old}},
    }
