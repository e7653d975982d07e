"""What the tables' streams bring: images of items, turned into what the domain knows."""

import base64
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.domain.changes import Change
from chalicelib.repositories import applications, comments, posts, profiles, reactions, relation_items

log = logging.getLogger(__name__)

type FromImage[Item] = Callable[[Mapping[str, Any]], Item | None]
"""Turns an image, DynamoDB's attribute values by name, into a domain object; None for an item that is none."""

READERS: dict[str, FromImage[Any]] = {
    "posts": posts.from_image,
    "profiles": profiles.from_image,
    "relations": relation_items.from_image,
    "reactions": reactions.from_image,
    "comments": comments.from_image,
    "applications": applications.from_image,
}
"""By table. Whoever owns a table whose stream is followed registers its ``from_image`` here."""


def read[Item](
    records: Iterable[Mapping[str, Any]], from_image: FromImage[Item]
) -> tuple[list[Change[Item]], list[Mapping[str, Any]]]:
    """Return the changes that a stream's records tell, and the records that cannot be read, as nothing would mend them.

    Changes of items that are no domain object are left out. The records are as DynamoDB Streams and Lambda's event have
    them (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html).
    """
    changes: list[Change[Item]] = []
    unreadable: list[Mapping[str, Any]] = []
    for record in records:
        try:
            old, new = (_image(record, name, from_image) for name in ("OldImage", "NewImage"))
        except Exception as error:  # noqa: BLE001  whatever is wrong with this one, those behind it must not wait
            # by its kind alone: what the error says may quote what somebody wrote
            log.warning("unreadable", extra={"event_id": record["eventID"], "why": type(error).__name__})
            unreadable.append(record)
        else:
            if old is not None or new is not None:
                changes.append(Change(record["eventID"], old, new))
    return changes, unreadable


def _image[Item](record: Mapping[str, Any], name: str, from_image: FromImage[Item]) -> Item | None:
    image = record["dynamodb"].get(name)
    return from_image({key: _decoded(value) for key, value in image.items()}) if image else None


def _decoded(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an attribute's value as the database's client has it: an event is JSON, where bytes are base64."""
    [(kind, held)] = value.items()
    if kind == "B":
        return {kind: base64.b64decode(held)}
    return {kind: [base64.b64decode(each) for each in held]} if kind == "BS" else value
