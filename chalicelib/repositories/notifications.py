"""The notifications table.

Of an account: ``g#{group}`` remembers what belongs to a group, ``n#{time}#{group}`` is its line in the list, and
``state`` says what was read and what is not wanted. Group and line change in one transaction. The state sorts after
every line, so that one request reads it with the first page.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.notifications import KEPT_DAYS, Entry, Group, Notification, ReaderState
from chalicelib.domain.people import Person
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, transact, write
from chalicelib.repositories.packing import NOTICE_DICTIONARY, PackedAttribute
from chalicelib.repositories.people_cards import NamedCard, named_person, to_named_card
from chalicelib.settings import settings

_STATE = "state"

type _Said = tuple[tuple[NamedCard, ...], int, bool, str, str]
"""What a line says: people, how many there are, whether there are more than are counted, what to open, words."""


class _Item(BaseModel):
    class Meta:
        table_name = settings().notifications_table

    account_id = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    entries: JsonAttribute[tuple[tuple[str, str | None, str], ...]] = JsonAttribute(
        tuple[tuple[str, str | None, str], ...], null=True
    )
    version = NumberAttribute(null=True)
    told_at = UnicodeAttribute(null=True)
    line: PackedAttribute[_Said] = PackedAttribute(_Said, NOTICE_DICTIONARY, null=True)
    many = BooleanAttribute(null=True)
    target = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)
    read = BooleanAttribute(null=True)
    read_until = UnicodeAttribute(null=True)
    switched_off: JsonAttribute[frozenset[str]] = JsonAttribute(frozenset[str], null=True)
    expires_at = TTLAttribute(null=True)


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """Some notifications, newest first, and the position after them; None at the end.

    Attributes:
        state: of their account; None on a page that does not begin with the newest.
    """

    notifications: tuple[Notification, ...]
    position: str | None
    state: ReaderState | None


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Some groups in no order that matters, and the position after them; None at the end."""

    groups: tuple[Group, ...]
    position: str | None


class NotificationRepository:
    """Groups, the list of them, and what was read of it."""

    def group(self, account_id: str, group_id: str) -> Group | None:
        """Return a group, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _group(_Item.get(account_id, _group_key(group_id), consistent_read=True))
            except _Item.DoesNotExist:
                return None

    def save(self, old: Group, new: Group, people: tuple[Person, ...], moment: datetime) -> None:
        """Store a changed group and its line in the list; one without entries is removed.

        Raises:
            LostRaceError: somebody changed it since ``old`` was read.
        """
        version = _Item.version
        unchanged = version == old.version if old.version else version.does_not_exist()
        expires_at = moment.astimezone(UTC) + timedelta(days=KEPT_DAYS)

        def writes(transaction: TransactWrite) -> None:
            head = _Item(new.account_id, _group_key(new.group_id))
            moved = old.told_at != new.told_at
            if old.told_at and (moved or not new.entries):
                transaction.delete(_Item(new.account_id, _line_key(old)))
            if not new.entries:
                transaction.delete(head, condition=unchanged)
                return
            transaction.save(_head(new, old.version + 1, expires_at), condition=unchanged)
            if moved:
                transaction.save(_line(new, people, expires_at))
            else:  # whether it was read stays as it is
                transaction.update(
                    _Item(new.account_id, _line_key(new)), actions=_line_changes(new, people, expires_at)
                )

        transact(writes)

    def page(self, account_id: str, *, limit: int, position: str | None) -> NotificationPage:
        """List notifications, newest first; without a position from the newest, and the account's state with them."""
        first = position is None
        condition = _Item.position.between("n#", _STATE if first else f"n#{position}")
        with dynamodb_errors():
            # the state, or the line that the page before ended with, and the one that tells whether there are more
            query = _Item.query(account_id, condition, scan_index_forward=False, limit=limit + 2, page_size=limit + 2)
            items = list(query)
        lines = [item for item in items if item.position not in {_STATE, f"n#{position}"}]
        shown = tuple(_notification(item) for item in lines[:limit])
        after = lines[limit - 1].position.removeprefix("n#") if len(lines) > limit else None
        states = [_state(item) for item in items if item.position == _STATE]
        return NotificationPage(shown, after, (*states, ReaderState())[0] if first else None)

    def groups(self, account_id: str, *, subject: str | None, position: str | None, limit: int) -> GroupPage:
        """List an account's groups, all or those about a subject, for looking through them piece by piece."""
        first = f"g#{subject}#" if subject else "g#"
        after = max(first, position or "")
        with dynamodb_errors():
            query = _Item.query(account_id, _Item.position.between(after, f"{first}\uffff"), limit=limit + 1)
            found = [item for item in query if item.position != position][:limit]
        groups = tuple(_group(item) for item in found)
        return GroupPage(groups, found[-1].position if len(found) == limit else None)

    def state(self, account_id: str) -> ReaderState:
        """Return what an account has read and does not want: half a unit."""
        with dynamodb_errors():
            try:
                return _state(_Item.get(account_id, _STATE))
            except _Item.DoesNotExist:
                return ReaderState()

    def read_until(self, account_id: str, moment: str) -> None:
        """Note that everything up to a moment was read; an earlier moment changes nothing."""
        earlier = _Item.read_until.does_not_exist() | (_Item.read_until < moment)
        with suppress(LostRaceError):
            write(lambda: _Item(account_id, _STATE).update(actions=[_Item.read_until.set(moment)], condition=earlier))

    def switch_off(self, account_id: str, kinds: frozenset[str]) -> None:
        """Note the kinds that an account does not want to be told of."""
        write(lambda: _Item(account_id, _STATE).update(actions=[_Item.switched_off.set(kinds)]))

    def mark_read(self, account_id: str, group_ids: list[str]) -> None:
        """Mark notifications by their ids; those that are not there, or that change at this moment, are left alone."""
        with dynamodb_errors():
            heads = list(_Item.batch_get([(account_id, _group_key(each)) for each in dict.fromkeys(group_ids)]))
        for head in heads:
            line = _Item(account_id, _line_key(_group(head)))
            with suppress(LostRaceError):
                write(lambda line=line: line.update(actions=[_Item.read.set(True)], condition=_Item.line.exists()))  # type: ignore[misc]


def _group_key(group_id: str) -> str:
    """Return the key of a group: what it is about comes first, so that all about one thing are found together."""
    kind, subject, day = group_id.split(".")
    return f"g#{subject}#{kind}#{day}"


def _line_key(group: Group) -> str:
    return f"n#{group.told_at}#{group.group_id}"


def _head(group: Group, version: int, expires_at: datetime) -> _Item:
    return _Item(
        group.account_id,
        _group_key(group.group_id),
        entries=tuple((each.cause, each.actor_id, each.at) for each in group.entries),
        version=version,
        told_at=group.told_at,
        many=group.many,
        target=group.target,
        text=group.text,
        expires_at=expires_at,
    )


def _said(group: Group, people: tuple[Person, ...]) -> _Said:
    named = tuple(to_named_card(each, face=index == 0) for index, each in enumerate(people))
    return named, group.count, group.many, group.target, group.text


def _line(group: Group, people: tuple[Person, ...], expires_at: datetime) -> _Item:
    return _Item(group.account_id, _line_key(group), line=_said(group, people), expires_at=expires_at)


def _line_changes(group: Group, people: tuple[Person, ...], expires_at: datetime) -> list[Any]:
    return [_Item.line.set(_said(group, people)), _Item.expires_at.set(expires_at)]


def _group(item: _Item) -> Group:
    _, subject, kind, day = item.position.split("#")
    return Group(
        account_id=item.account_id,
        group_id=f"{kind}.{subject}.{day}",
        entries=tuple(Entry(*each) for each in item.entries or ()),
        many=bool(item.many),
        told_at=str(item.told_at),
        version=int(item.version or 0),
        target=item.target or "",
        text=item.text or "",
    )


def _state(item: _Item) -> ReaderState:
    return ReaderState(item.read_until or "", item.switched_off or frozenset())


def _notification(item: _Item) -> Notification:
    _, told_at, group_id = item.position.split("#")
    people, number, many, target, text = item.line
    return Notification(
        group_id=group_id,
        told_at=told_at,
        people=tuple(named_person(each) for each in people),
        count=number,
        many=many,
        target=target,
        text=text,
        read=bool(item.read),
    )
