"""The items of the relations table, and how they become what the domain knows."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from chalicelib.domain.people import Person
from chalicelib.domain.relations import Relation, RelationKind, Side
from chalicelib.repositories.connection import BaseModel, JsonAttribute
from chalicelib.repositories.people_cards import Card, to_card, to_person
from chalicelib.settings import settings

BOUNDS = "bounds"


class BySubject(GlobalSecondaryIndex["RelationItem"]):
    """Whom an account follows, and so on, by time."""

    class Meta:  # noqa: D106  where pynamodb wants it
        index_name = "by_subject"
        projection = IncludeProjection(["other_card"])

    subject_kind = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class ByObject(GlobalSecondaryIndex["RelationItem"]):
    """Who follows an account, and so on, by time."""

    class Meta:  # noqa: D106  where pynamodb wants it
        index_name = "by_object"
        projection = IncludeProjection(["account_card"])

    object_kind = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class RelationItem(BaseModel):
    """One relation, its key ``{kind}#{other}``; or an account's bounds, see :mod:`chalicelib.repositories.bounds`.

    pynamodb takes one model for each table: what either has not is null.
    """

    class Meta:  # noqa: D106  where pynamodb wants it
        table_name = settings().relations_table

    by_subject = BySubject()
    by_object = ByObject()

    account_id = UnicodeAttribute(hash_key=True)
    relation = UnicodeAttribute(range_key=True)
    subject_kind = UnicodeAttribute(null=True)
    object_kind = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True)
    account_card: JsonAttribute[Card] = JsonAttribute(Card, null=True)
    other_card: JsonAttribute[Card] = JsonAttribute(Card, null=True)
    account_version = NumberAttribute(null=True)
    other_version = NumberAttribute(null=True)
    accepted = BooleanAttribute(null=True)

    blocked = UnicodeSetAttribute(null=True)
    blocked_by = UnicodeSetAttribute(null=True)
    muted = UnicodeSetAttribute(null=True)
    tags: JsonAttribute[dict[str, str | None]] = JsonAttribute(dict[str, str | None], null=True)
    words: JsonAttribute[dict[str, str | None]] = JsonAttribute(dict[str, str | None], null=True)
    texts_version = NumberAttribute(null=True)
    follows = NumberAttribute(null=True)
    times_blocked = NumberAttribute(null=True)


def key(kind: RelationKind, other_id: str) -> str:
    """Return the range key of a relation."""
    return f"{kind}#{other_id}"


def position(account_id: str, other_id: str, made_at: str) -> str:
    """Return a relation's place in lists: its time, and a digest that makes it unique."""
    return f"{made_at}#{hashlib.blake2b(f'{account_id}#{other_id}'.encode(), digest_size=6).hexdigest()}"


def to_item(
    kind: RelationKind, account: Person | str, other: Person, made_at: str, *, accepted: bool = False
) -> RelationItem:
    """Return the item of a relation; its account's card is left out where no list shows it."""
    account_id = account if isinstance(account, str) else account.account_id
    return RelationItem(
        account_id,
        key(kind, other.account_id),
        subject_kind=f"{account_id}#{kind}",
        object_kind=f"{other.account_id}#{kind}",
        position=position(account_id, other.account_id, made_at),
        account_card=None if isinstance(account, str) else to_card(account),
        account_version=None if isinstance(account, str) else account.version,
        other_card=to_card(other),
        other_version=other.version,
        accepted=accepted or None,
    )


def card_changes(side: Side, person: Person) -> list[Any]:
    """Return the actions that bring one side's card up to date."""
    if side == "account":
        return [RelationItem.account_card.set(to_card(person)), RelationItem.account_version.set(person.version)]
    return [RelationItem.other_card.set(to_card(person)), RelationItem.other_version.set(person.version)]


def to_domain(item: RelationItem) -> Relation:
    """Return the relation of an item, of an index too; it names those alone whose cards are at hand."""
    kind, _, other_id = item.relation.partition("#")
    return Relation(
        kind=cast("RelationKind", kind),
        account_id=item.account_id,
        other_id=other_id,
        made_at=str(item.position).partition("#")[0],
        account=to_person(item.account_id, item.account_card) if item.account_card else None,
        other=to_person(other_id, item.other_card) if item.other_card else None,
        accepted=bool(item.accepted),
    )


def from_image(image: Mapping[str, Any]) -> Relation | None:
    """Return the relation of a stream's image, as DynamoDB writes it (``{"account_id": {"S": …}}``).

    None for what is no relation: an account's bounds.
    """
    if image["relation"]["S"].partition("#")[0] == BOUNDS:
        return None
    return to_domain(RelationItem.from_raw_data(dict(image)))
