"""What an account is told of: grouped by what it is about and the day, so that a hundred likes are one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from chalicelib.domain.people import Person

NotificationKind = Literal[
    "follow",
    "follow_request",
    "request_accepted",
    "like",
    "repost",
    "quote",
    "comment",
    "answer",
    "mention",
    "media",
    "moderation",
    "job_alert",
    "application",
    "application_status",
]

KINDS: tuple[NotificationKind, ...] = get_args(NotificationKind)

KEPT_DAYS = 180
NAMED = 3
"""How many people a notification names: the newest."""

MOST_ENTRIES = 60
"""Causes that one group remembers, so that the same told twice counts once; beyond them it says 'many'."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that an account may be told.

    Attributes:
        account_id: who is told.
        kind: see the module; each can be switched off.
        subject: what groups: id of a post, a comment, a media, a case; empty for what is about the account itself.
        cause: what names this one within the group: told twice, it counts once, and it can be withdrawn by it.
        actor_id: who did it; None for the platform.
        at: RFC 3339 text of when it happened: the day belongs to the group.
        target: what to open, such as ``posts/01J…``; empty for the people themselves.
        text: up to 120 characters that the reader may see whatever happens to the subject.
    """

    account_id: str
    kind: NotificationKind
    subject: str
    cause: str
    actor_id: str | None
    at: str
    target: str = ""
    text: str = ""

    @property
    def group_id(self) -> str:
        """What the notification that it belongs to is called."""
        return f"{self.kind}.{self.subject or '-'}.{self.at[:10]}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One cause in a group."""

    cause: str
    actor_id: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to one notification.

    Attributes:
        account_id: who is told.
        group_id: see :attr:`Note.group_id`.
        entries: its causes, oldest first.
        many: whether there were more than it remembers.
        told_at: when the newest was told; the notification's place in the list.
        version: grows by one with each change; 0 for one that is not stored.
        target, text: as in :class:`Note`.
    """

    account_id: str
    group_id: str
    entries: tuple[Entry, ...] = ()
    many: bool = False
    told_at: str = ""
    version: int = 0
    target: str = ""
    text: str = ""

    @property
    def kind(self) -> NotificationKind:
        """Its kind."""
        return self.group_id.partition(".")[0]  # type: ignore[return-value]  # only kinds are ever written

    @property
    def actors(self) -> tuple[str, ...]:
        """Who is in it, each once, newest first."""
        return tuple(dict.fromkeys(each.actor_id for each in reversed(self.entries) if each.actor_id))

    @property
    def count(self) -> int:
        """How many people, or things where nobody did them."""
        return len(self.actors) or len(self.entries)

    def told(self, notes: Iterable[Note], moment: str) -> "Group":
        """Return the group with some notes; itself where it has them all, or had them before it forgot the oldest."""
        known = {each.cause for each in self.entries}
        floor = self.entries[0].at if self.many and self.entries else ""
        new = {note.cause: note for note in notes if note.cause not in known and note.at > floor}
        if not new:
            return self
        added = [Entry(note.cause, note.actor_id, note.at) for note in new.values()]
        entries = sorted([*self.entries, *added], key=lambda each: each.at)
        last = max(new.values(), key=lambda note: note.at)
        return replace(
            self,
            entries=tuple(entries[-MOST_ENTRIES:]),
            many=self.many or len(entries) > MOST_ENTRIES,
            told_at=moment,
            target=last.target,
            text=last.text,
        )

    def without(self, *, causes: frozenset[str] = frozenset(), actor_id: str | None = None) -> "Group":
        """Return the group without some causes, or without all of somebody's."""
        kept = tuple(
            each
            for each in self.entries
            if each.cause not in causes and (actor_id is None or each.actor_id != actor_id)
        )
        return self if len(kept) == len(self.entries) else replace(self, entries=kept)


@dataclass(frozen=True, slots=True)
class Notification:
    """A group as the list shows it.

    Attributes:
        people: the newest, three at most; none for what nobody did.
        read: whether it was marked by itself.
    """

    group_id: str
    told_at: str
    people: tuple[Person, ...]
    count: int
    many: bool
    target: str
    text: str
    read: bool = False

    @property
    def kind(self) -> NotificationKind:
        """Its kind."""
        return self.group_id.partition(".")[0]  # type: ignore[return-value]  # only kinds are ever written


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What an account has read, and what it does not want to be told."""

    read_until: str = ""
    switched_off: frozenset[str] = field(default_factory=frozenset)

    @property
    def preferences(self) -> Mapping[NotificationKind, bool]:
        """Each kind, and whether the account is told of it."""
        return {kind: kind not in self.switched_off for kind in KINDS}
