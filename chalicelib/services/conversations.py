"""Conversations of two people. Whom a block parts finds no conversation any more, as if there were none."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.domain.conversations import (
    EXCERPT,
    MAX_WAITING,
    Conversation,
    Message,
    Side,
    WhoMayWrite,
    conversation_id,
    fitting,
    new_conversation,
)
from chalicelib.domain.deletion import GONE
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    LostRaceError,
    MalformedError,
    NotFoundError,
    TemporaryError,
)
from chalicelib.domain.handles import is_handle
from chalicelib.domain.ids import is_id, next_id
from chalicelib.domain.media import Media
from chalicelib.domain.people import Person
from chalicelib.services.people import People
from chalicelib.services.ports import BoundsStore, ConversationLine, ConversationStore, MediaStore, ProfileStore
from chalicelib.services.sight import Sight

_ATTEMPTS = 8
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages, newest first, with their pictures by id, and the position after them; None at the end."""

    messages: tuple[Message, ...]
    media: Mapping[str, Media]
    position: str | None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some conversations, by their newest message, and the position after them; None at the end."""

    lines: tuple[ConversationLine, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class ConversationService:
    """Begins, lists, accepts and leaves conversations, and keeps their messages."""

    conversations: ConversationStore
    relations: BoundsStore
    profiles: ProfileStore
    people: People
    media: MediaStore
    sight: Sight

    def start(self, account_id: str, handle: str) -> tuple[Conversation, bool]:
        """Return the conversation with somebody, begun where there was none; they notice nothing before a message.

        Returns:
            The conversation, and whether it was begun.

        Raises:
            ConflictError: it is oneself (``self-relation``), or the account has no profile yet (``profile-needed``).
            ForbiddenError: they let nobody, or not everyone, write to them (``messages-closed``).
            NotFoundError: there is no such artist.
        """
        profile = self.profiles.get_by_handle(handle) if is_handle(handle) else None
        if profile is None:
            raise NotFoundError(f"There is no artist @{handle}.")
        if profile.account_id == account_id:
            raise ConflictError("That is you.", code="self-relation", title="Nobody does this to themselves")
        for _ in range(_ATTEMPTS):
            if self.relations.bounds(account_id).parted_from(profile.account_id):
                raise NotFoundError(f"There is no artist @{handle}.")
            me = self._me(account_id)
            found = self.conversations.get(conversation_id(account_id, profile.account_id))
            old = found or new_conversation(me, self.people.person(profile))
            side = _side(old, account_id)
            if side.folder == "inbox":
                return old, False
            if old.other(account_id).folder in {"none", "left"}:
                self._check_welcome(account_id, profile.account_id)
            with suppress(LostRaceError):
                new = old.with_side(replace(side, folder="inbox"))
                self.conversations.save(old, new, sender_id=account_id)
                return replace(new, version=old.version + 1), found is None
        raise TemporaryError("the conversation is being changed by others")

    def introduce(self, account_id: str, other_id: str) -> Conversation:
        """Return the conversation of two who have business with each other: in both inboxes, whoever may write to them.

        Who left it, or refused the other, is not brought back by this.

        Raises:
            ConflictError: the account has no profile yet (``profile-needed``).
            NotFoundError: the other has none any more, or a block parts the two.
        """
        me = self._me(account_id)
        for _ in range(_ATTEMPTS):
            other = self.people.find(other_id)
            if other is None or self.relations.bounds(account_id).parted_from(other_id):
                raise NotFoundError("There is nobody to write to.")
            old = self.conversations.get(conversation_id(account_id, other_id)) or new_conversation(me, other)
            new = old.with_side(replace(_side(old, account_id), folder="inbox"))
            if old.other(account_id).folder in {"none", "requests"}:
                new = new.with_side(replace(new.other(account_id), folder="inbox"))
            if new == old:
                return old
            with suppress(LostRaceError):
                self.conversations.save(old, new, sender_id=account_id)
                return replace(new, version=old.version + 1)
        raise TemporaryError("the conversation is being changed by others")

    def get(self, account_id: str, conversation: str) -> Conversation:
        """Return a conversation of the account.

        Raises:
            NotFoundError: there is none, or none any more for whom a block parts.
        """
        found = self.conversations.get(conversation)
        side = found.side(account_id) if found else None
        if found is None or side is None or side.folder == "none":
            raise NotFoundError("There is no such conversation.")
        if self.relations.bounds(account_id).parted_from(found.other(account_id).person.account_id):
            raise NotFoundError("There is no such conversation.")
        return found

    def send(self, account_id: str, conversation: str, message: Message) -> MessagePage:
        """Write a message; whoever answers a request accepts it.

        Args:
            account_id: who writes.
            conversation: where.
            message: what; its id is given here.

        Raises:
            ConflictError: as many messages wait for a stranger's answer as may (``waiting-for-answer``).
            ForbiddenError: they let nobody, or not everyone, begin to write to them (``messages-closed``).
            InvalidError: a picture is not the account's own or not ready, or a post is none that it can see.
            NotFoundError: there is no such conversation.
        """
        me = self._me(account_id)
        media = self._attached(account_id, message)
        for _ in range(_ATTEMPTS):
            old = self.get(account_id, conversation)
            sent = replace(message, message_id=next_id(old.last_id), before=old.sizes)
            new = self._with(old, me, sent)
            with suppress(LostRaceError):
                self.conversations.save(old, new, message=sent, sender_id=account_id)
                return MessagePage((sent,), media, None)
        raise TemporaryError("the conversation is being changed by others")

    def delete(self, account_id: str, conversation: str, message_id: str) -> None:
        """Delete an own message, for both; one that is not there any more is deleted.

        One that was reported is hidden from both, and kept until moderators have decided.
        """
        for _ in range(_ATTEMPTS):
            old = self.get(account_id, conversation)
            found = self.conversations.message(conversation, message_id) if is_id(message_id) else None
            if found is None or found.hidden:
                return
            if found.author_id != account_id:
                raise NotFoundError("There is no such message of yours.")
            new = replace(old, excerpt="" if old.last_id == message_id else old.excerpt)
            with suppress(LostRaceError):
                if found.reported:
                    self.conversations.save(old, new, message=replace(found, hidden=True))
                else:
                    self.conversations.save(old, new, removed=message_id)
                return
        raise TemporaryError("the conversation is being changed by others")

    def accept(self, account_id: str, conversation: str) -> None:
        """Take a request into the inbox."""
        self._move(account_id, conversation, lambda _, side: replace(side, folder="inbox"))

    def leave(self, account_id: str, conversation: str) -> None:
        """Refuse a request, or leave a conversation: all up to now is hidden, and a new message brings it back."""

        def left(old: Conversation, side: Side) -> Side:
            if side.folder in {"requests", "refused"}:
                return replace(side, folder="refused")
            return replace(side, folder="left", since=old.last_id)

        self._move(account_id, conversation, left)

    def read(self, account_id: str, conversation: str, message_id: str) -> None:
        """Note up to which message the account has read; the other is not told."""
        self._move(
            account_id,
            conversation,
            lambda old, side: replace(side, read=max(side.read, min(message_id, old.last_id))),
        )

    def page(self, account_id: str, conversation: str, *, limit: int, position: str | None) -> MessagePage:
        """List messages, newest first; a page may be shorter than asked for where messages are long."""
        found = self.get(account_id, conversation)
        side = _side(found, account_id)
        before, fit = _place(position) if position else ("", fitting(found.sizes, MOST_LISTED))
        number = min(fit, limit, MOST_LISTED)
        messages = self.conversations.messages(conversation, since=side.since, before=before, limit=number + 1)
        shown = tuple(messages[:number])
        after = fitting(shown[-1].before, MOST_LISTED) if shown else 0
        visible = tuple(message for message in shown if not message.hidden)
        pictures = sorted({each for message in visible for each in message.media})
        media = self.media.get_many(pictures) if pictures else {}
        return MessagePage(visible, media, f"{shown[-1].message_id}|{after}" if len(messages) > number else None)

    def listed(
        self, account_id: str, folder: Literal["inbox", "requests"], *, limit: int, position: str | None
    ) -> ConversationPage:
        """List the account's conversations by their newest message, without those that a block ends."""
        bounds = self.relations.bounds(account_id)
        page = self.conversations.lines(account_id, folder, limit=min(limit, MOST_LISTED), position=position)
        kept = tuple(each for each in page.lines if not bounds.parted_from(each.person.account_id))
        return ConversationPage(kept, page.position)

    def _with(self, old: Conversation, me: Person, sent: Message) -> Conversation:
        """Return a conversation with a message, where each of the two has it by then."""
        mine, other = _side(old, me.account_id), old.other(me.account_id)
        if other.folder in {"none", "left"}:
            self._check_welcome(me.account_id, other.person.account_id)
            known = self.relations.follows(other.person.account_id, me.account_id)
            other = replace(other, folder="inbox" if known else "requests")
        stranger = other.folder in {"requests", "refused"}
        if stranger and old.waiting >= MAX_WAITING:
            raise ConflictError(
                f"You have written {MAX_WAITING} messages. Wait until they answer.", code="waiting-for-answer"
            )
        mine = replace(mine, person=me, folder="inbox", read=sent.message_id)
        return replace(
            old.with_side(mine).with_side(other),
            last_id=sent.message_id,
            last_by=me.account_id,
            excerpt=sent.text[:EXCERPT],
            waiting=old.waiting + 1 if stranger else 0,
            sizes=sent.sizes,
        )

    def _attached(self, account_id: str, message: Message) -> Mapping[str, Media]:
        ids = [each for each in message.media if is_id(each)]
        found = self.media.get_many(ids) if ids else {}
        wrong = []
        for index, media_id in enumerate(message.media):
            media = found.get(media_id)
            if media is None or media.owner_id != account_id:
                wrong.append(FieldError(f"media[{index}]", "is no media of yours"))
            elif media.state != "ready":
                wrong.append(FieldError(f"media[{index}]", "is not ready"))
        for index, post_id in enumerate(message.posts):
            try:
                self.sight.published(account_id, post_id)
            except NotFoundError:
                wrong.append(FieldError(f"posts[{index}]", "is no published post that you can see"))
        if wrong:
            raise InvalidError("Please correct what is attached.", errors=tuple(wrong))
        return found

    def _check_welcome(self, account_id: str, other_id: str) -> None:
        who = "nobody" if other_id == GONE else self.conversations.who_may_write(other_id)
        if who == "nobody" or (who == "following" and not self.relations.follows(other_id, account_id)):
            raise ForbiddenError("They do not take messages from you.", code="messages-closed")

    def _move(self, account_id: str, conversation: str, change: Callable[[Conversation, Side], Side]) -> None:
        for _ in range(_ATTEMPTS):
            old = self.get(account_id, conversation)
            side = _side(old, account_id)
            moved = change(old, side)
            if moved == side:
                return
            with suppress(LostRaceError):
                self.conversations.save(old, old.with_side(moved))
                return
        raise TemporaryError("the conversation is being changed by others")

    def _me(self, account_id: str) -> Person:
        me = self.people.find(account_id)
        if me is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        return me


@dataclass(frozen=True, slots=True)
class MessagePreferences:
    """Who may begin a conversation with an account."""

    conversations: ConversationStore

    def get(self, account_id: str) -> WhoMayWrite:
        """Return who may."""
        return self.conversations.who_may_write(account_id)

    def put(self, account_id: str, who: WhoMayWrite) -> None:
        """Change who may; conversations that were accepted go on."""
        self.conversations.let_write(account_id, who)


def _place(position: str) -> tuple[str, int]:
    """Return the message that a page begins behind, and how many fit into it."""
    message_id, _, fit = position.partition("|")
    if not is_id(message_id) or not fit.isdecimal() or not 1 <= int(fit[:3]) <= MOST_LISTED:
        raise MalformedError("The cursor is not one of this list. Begin again without it.", code="bad-cursor")
    return message_id, int(fit[:3])


def _side(conversation: Conversation, account_id: str) -> Side:
    side = conversation.side(account_id)
    if side is None:
        raise NotFoundError("There is no such conversation.")
    return side
