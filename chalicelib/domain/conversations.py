"""Conversations of two people: who has it where, and what was said last."""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.domain.people import Person

Folder = Literal["none", "inbox", "requests", "refused", "left"]
"""Where somebody has it. ``none``: nothing was written to them yet; ``refused`` and ``left`` are shown no more."""

WhoMayWrite = Literal["everyone", "following", "nobody"]
"""Who may begin a conversation with an account: ``following`` are those whom it follows."""

MAX_TEXT = 4000
MAX_ATTACHED = 4
MAX_WAITING = 3
"""How many messages a stranger may send before they are answered."""

EXCERPT = 100

_PAGE_BYTES = 15_000
_OVERHEAD = 330
_SIZES = 20


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.

    Attributes:
        person: as they were called when something was last written.
        folder: where they have the conversation.
        since: the message up to which all is hidden from them, as they left then.
        read: the last message that they read.
    """

    person: Person
    folder: Folder = "none"
    since: str = ""
    read: str = ""

    @property
    def listed(self) -> bool:
        """Whether it stands in a list of theirs, once something was written."""
        return self.folder in {"inbox", "requests"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation.

    Attributes:
        conversation_id: see :func:`conversation_id`.
        sides: the two, by account.
        last_id, last_by, excerpt: the newest message, who wrote it, and how it begins.
        waiting: how many messages wait for a stranger's answer.
        sizes: about how many bytes the newest messages take, newest first.
        version: grows by one with each change; 0 for one that is not stored.
    """

    conversation_id: str
    sides: tuple[Side, Side]
    last_id: str = ""
    last_by: str = ""
    excerpt: str = ""
    waiting: int = 0
    sizes: tuple[int, ...] = ()
    version: int = 0

    def side(self, account_id: str) -> Side | None:
        """Return an account's side, None where it is none of the two."""
        return next((each for each in self.sides if each.person.account_id == account_id), None)

    def other(self, account_id: str) -> Side:
        """Return the side of the other."""
        return next(each for each in self.sides if each.person.account_id != account_id)

    def with_side(self, side: Side) -> "Conversation":
        """Return it with one side changed."""
        one, two = (side if each.person.account_id == side.person.account_id else each for each in self.sides)
        return replace(self, sides=(one, two))

    def unread_by(self, side: Side) -> bool:
        """Tell whether somebody has not read the newest message."""
        return self.last_by != side.person.account_id and self.last_id > max(side.read, side.since)


@dataclass(frozen=True, slots=True)
class Message:
    """A message.

    Attributes:
        message_id: ULID.
        author_id: who wrote it.
        text: up to 4,000 characters.
        media: own ready pictures of its author.
        posts: posts that its author could see; who reads it sees those alone that they may.
        before: about how many bytes each of the messages before it takes, newest first: pages are cut by them.
        reported: whether moderators are asked about it.
        hidden: whether its author deleted it since; moderators alone see it until they have decided.
    """

    message_id: str
    author_id: str
    text: str
    media: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    before: tuple[int, ...] = ()
    reported: bool = False
    hidden: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its own size, and those before it."""
        attached = 30 * (len(self.media) + len(self.posts))
        return (_OVERHEAD + len(self.text.encode()) + attached, *self.before)[:_SIZES]


def conversation_id(one: str, two: str) -> str:
    """Return the id of the conversation of two accounts: always the same, whoever begins it."""
    return hashlib.blake2b("#".join(sorted((one, two))).encode(), digest_size=13, person=b"conversation").hexdigest()


def new_conversation(one: Person, two: Person) -> Conversation:
    """Return a conversation in which nothing was written yet."""
    first, second = sorted((one, two), key=lambda each: each.account_id)
    return Conversation(conversation_id(one.account_id, two.account_id), (Side(first), Side(second)))


def fitting(sizes: tuple[int, ...], limit: int) -> int:
    """Return how many of the next messages, one at least, can be read for two units."""
    total, number = 0, 0
    for size in sizes[:limit]:
        total += size
        if total > _PAGE_BYTES and number:
            break
        number += 1
    return max(1, number)
