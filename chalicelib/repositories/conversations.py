"""The messages table.

``c#{conversation}`` holds its ``head`` and its messages ``m#{id}``; ``a#{account}#{folder}`` lists an account's
conversations, a line ``l#{newest message}#{conversation}`` each; ``a#{account}`` keeps who may write to it, and
``with#{conversation}`` for each that it was ever in, listed or not. Lines are made of the head alone, and change in its
transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain.conversations import Conversation, Folder, Message, Side, WhoMayWrite
from chalicelib.domain.people import Person
from chalicelib.repositories.bounds import check_not_parted
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, transact, write
from chalicelib.repositories.people_cards import NamedCard, named_person, to_named_card
from chalicelib.settings import settings

_HEAD = "head"
_PREFERENCES = "preferences"
_WITH = "with#"

_AT_ONCE = 100

type _Side = tuple[NamedCard, Folder, str, str]


class _Item(BaseModel):
    class Meta:
        table_name = settings().messages_table

    partition = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    sides: JsonAttribute[tuple[_Side, _Side]] = JsonAttribute(tuple[_Side, _Side], null=True)
    last_by = UnicodeAttribute(null=True)
    last_id = UnicodeAttribute(null=True)
    excerpt = UnicodeAttribute(null=True)
    waiting = NumberAttribute(null=True)
    sizes: JsonAttribute[tuple[int, ...]] = JsonAttribute(tuple[int, ...], null=True)
    version = NumberAttribute(null=True)
    author_id = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)
    media: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    posts: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    person: JsonAttribute[NamedCard] = JsonAttribute(NamedCard, null=True)
    unread = BooleanAttribute(null=True)
    reported = BooleanAttribute(null=True)
    hidden = BooleanAttribute(null=True)
    who_may_write = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation as its list shows it to one of the two."""

    conversation_id: str
    person: Person
    last_id: str
    excerpt: str
    unread: bool


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines, newest first, and the position after them; None at the end."""

    lines: tuple[Line, ...]
    position: str | None


class ConversationRepository:
    """Conversations, their messages, and lists of them."""

    def get(self, conversation_id: str) -> Conversation | None:
        """Return a conversation, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _conversation(_Item.get(f"c#{conversation_id}", _HEAD, consistent_read=True))
            except _Item.DoesNotExist:
                return None

    def save(
        self,
        old: Conversation,
        new: Conversation,
        *,
        message: Message | None = None,
        removed: str | None = None,
        sender_id: str | None = None,
    ) -> None:
        """Store a changed conversation with its lines, and a new message or without one.

        Raises:
            LostRaceError: somebody changed it since ``old`` was read, or a block parts the sender from the other.
        """
        unchanged = _Item.version == old.version if old.version else _Item.version.does_not_exist()

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_head(new, old.version + 1), condition=unchanged)
            for before, after in zip(_lines(old), _lines(new), strict=True):
                if before is not None and (after is None or _key(before) != _key(after)):
                    transaction.delete(before)
                if after is not None and (before is None or before.attribute_values != after.attribute_values):
                    transaction.save(after)
            for side in () if old.version else new.sides:
                transaction.save(_Item(f"a#{side.person.account_id}", f"{_WITH}{new.conversation_id}"))
            if message is not None:
                transaction.save(_message_item(new.conversation_id, message))
            if removed is not None:
                transaction.delete(_Item(f"c#{new.conversation_id}", f"m#{removed}"))
            if sender_id is not None:
                check_not_parted(transaction, sender_id, new.other(sender_id).person.account_id)

        transact(writes)

    def message(self, conversation_id: str, message_id: str) -> Message | None:
        """Return a message, or None."""
        with dynamodb_errors():
            try:
                return _message(_Item.get(f"c#{conversation_id}", f"m#{message_id}"))
            except _Item.DoesNotExist:
                return None

    def messages(self, conversation_id: str, *, since: str, before: str, limit: int) -> list[Message]:
        """Return messages between two others, newest first; an empty ``before`` begins with the newest."""
        low, high = f"m#{since}~" if since else "m#", f"m#{before}" if before else "m#~"
        with dynamodb_errors():
            query = _Item.query(
                f"c#{conversation_id}",
                _Item.position.between(low, high),
                scan_index_forward=False,
                limit=limit + bool(before),
                page_size=limit + bool(before),
            )
            return [_message(item) for item in query if item.position != f"m#{before}"]

    def put_message(self, conversation_id: str, message: Message) -> None:
        """Store what is noted of a message.

        Raises:
            LostRaceError: it was deleted, or hidden, meanwhile.
        """
        there = _Item.position.exists() & _Item.hidden.does_not_exist()
        write(lambda: _message_item(conversation_id, message).save(there))

    def around(self, conversation_id: str, message_id: str, number: int) -> list[Message]:
        """Return a message with some before and some after it, oldest first."""
        place = f"m#{message_id}"
        with dynamodb_errors():
            after = _Item.query(
                f"c#{conversation_id}", _Item.position.between(place, "m#~"), limit=number + 1, page_size=number + 1
            )
            found = [_message(item) for item in after]
        before = self.messages(conversation_id, since="", before=message_id, limit=number)
        return [*reversed(before), *found]

    def lines(self, account_id: str, folder: Folder, *, limit: int, position: str | None) -> LinePage:
        """List an account's conversations in a folder, by their newest message."""
        before = _Item.position < position if position else None
        with dynamodb_errors():
            query = _Item.query(
                f"a#{account_id}#{folder}", before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
            )
            found = list(query)
        shown = found[:limit]
        return LinePage(tuple(_line(item) for item in shown), shown[-1].position if len(found) > limit else None)

    def of_account(self, account_id: str, limit: int) -> list[str]:
        """Return the ids of some conversations that an account was ever in."""
        with dynamodb_errors():
            query = _Item.query(f"a#{account_id}", _Item.position.startswith(_WITH), limit=limit, page_size=limit)
            return [item.position.removeprefix(_WITH) for item in query]

    def forget_messages(self, conversation_id: str, author_id: str | None, position: str | None) -> str | None:
        """Remove some messages of an author, of whomever for None, and return where to go on; None at the end."""
        low = f"m#{position}" if position else "m#"
        with dynamodb_errors():
            query = _Item.query(
                f"c#{conversation_id}", _Item.position.between(low, "m#~"), limit=_AT_ONCE, page_size=_AT_ONCE
            )
            found = list(query)
            with _Item.batch_write() as batch:
                for item in found:
                    if author_id is None or item.author_id == author_id:
                        batch.delete(item)
        return found[-1].position.removeprefix("m#") if len(found) == _AT_ONCE else None

    def forget(self, conversation: Conversation) -> None:
        """Remove a conversation in which nobody is any more, once its messages are gone, with its lines.

        Raises:
            LostRaceError: somebody changed it since it was read.
        """

        def writes(transaction: TransactWrite) -> None:
            unchanged = _Item.version == conversation.version
            transaction.delete(_Item(f"c#{conversation.conversation_id}", _HEAD), condition=unchanged)
            for line in _lines(conversation):
                if line is not None:
                    transaction.delete(line)

        transact(writes)

    def forget_for(self, account_id: str, conversation_id: str) -> None:
        """Forget that an account was in a conversation."""
        write(lambda: _Item(f"a#{account_id}", f"{_WITH}{conversation_id}").delete())

    def who_may_write(self, account_id: str) -> WhoMayWrite:
        """Return who may begin a conversation with an account."""
        with dynamodb_errors():
            try:
                found: WhoMayWrite = _Item.get(f"a#{account_id}", _PREFERENCES).who_may_write  # type: ignore[assignment]
            except _Item.DoesNotExist:
                return "everyone"
        return found

    def let_write(self, account_id: str, who: WhoMayWrite) -> None:
        """Note who may begin a conversation with an account."""
        write(lambda: _Item(f"a#{account_id}", _PREFERENCES, who_may_write=who).save())


def _key(item: _Item) -> tuple[str, str]:
    return item.partition, item.position


def _lines(conversation: Conversation) -> Iterator[_Item | None]:
    """Give the line of each of the two as the list shows it, None where it shows none."""
    for side, other in zip(conversation.sides, reversed(conversation.sides), strict=True):
        if not conversation.last_id or not side.listed:
            yield None
            continue
        yield _Item(
            f"a#{side.person.account_id}#{side.folder}",
            f"l#{conversation.last_id}#{conversation.conversation_id}",
            person=to_named_card(other.person),
            excerpt=conversation.excerpt,
            unread=conversation.unread_by(side),
        )


def _head(conversation: Conversation, version: int) -> _Item:
    one, two = conversation.sides
    return _Item(
        f"c#{conversation.conversation_id}",
        _HEAD,
        sides=(_packed(one), _packed(two)),
        last_id=conversation.last_id or None,
        last_by=conversation.last_by or None,
        excerpt=conversation.excerpt or None,
        waiting=conversation.waiting,
        sizes=conversation.sizes,
        version=version,
    )


def _packed(side: Side) -> _Side:
    return (to_named_card(side.person), side.folder, side.since, side.read)


def _unpacked(packed: _Side) -> Side:
    card, folder, since, read = packed
    return Side(named_person(card), folder, since, read)


def _conversation(item: _Item) -> Conversation:
    one, two = item.sides
    return Conversation(
        conversation_id=item.partition.partition("#")[2],
        sides=(_unpacked(one), _unpacked(two)),
        last_id=item.last_id or "",
        last_by=item.last_by or "",
        excerpt=item.excerpt or "",
        waiting=int(item.waiting or 0),
        sizes=item.sizes or (),
        version=int(item.version or 0),
    )


def _message_item(conversation_id: str, message: Message) -> _Item:
    return _Item(
        f"c#{conversation_id}",
        f"m#{message.message_id}",
        author_id=message.author_id,
        text=message.text,
        media=message.media or None,
        posts=message.posts or None,
        sizes=message.before or None,
        reported=message.reported or None,
        hidden=message.hidden or None,
    )


def _message(item: _Item) -> Message:
    return Message(
        message_id=item.position.partition("#")[2],
        author_id=str(item.author_id),
        text=item.text or "",
        media=item.media or (),
        posts=item.posts or (),
        before=item.sizes or (),
        reported=bool(item.reported),
        hidden=bool(item.hidden),
    )


def _line(item: _Item) -> Line:
    _, last_id, conversation_id = item.position.split("#")
    return Line(conversation_id, named_person(item.person), last_id, item.excerpt or "", bool(item.unread))
