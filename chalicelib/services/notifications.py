"""Notifications, as their readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.notifications import Notification, NotificationKind
from chalicelib.domain.relations import Bounds
from chalicelib.services.ports import BoundsStore, Clock, NotificationStore

MOST_LISTED = 20
"""A page holds so many at most, whatever was asked for: more would cost more than two read units."""


@dataclass(frozen=True, slots=True)
class NotificationList:
    """A page of notifications.

    Attributes:
        notifications: newest first; those that are unread say so.
        position: after them; None at the end.
        unread: how many of the newest twenty are unread; None on a later page.
        unread_more: whether all of them are, and there are more.
    """

    notifications: tuple[tuple[Notification, bool], ...]
    position: str | None
    unread: int | None
    unread_more: bool


@dataclass(frozen=True, slots=True)
class NotificationService:
    """Lists notifications, marks them read, and keeps what an account wants to be told."""

    notifications: NotificationStore
    relations: BoundsStore
    now: Clock = clock.now

    def page(self, account_id: str, *, limit: int, position: str | None) -> NotificationList:
        """List an account's notifications, newest first; the first page tells how many are unread."""
        limit = min(limit, MOST_LISTED)
        bounds = self.relations.bounds(account_id)
        read = MOST_LISTED if position is None else limit
        page = self.notifications.page(account_id, limit=read, position=position)
        state = page.state or self.notifications.state(account_id)
        seen = [(each, _seen(each, bounds)) for each in page.notifications]
        marked = [
            (raw, shown, shown is not None and not shown.read and shown.told_at > state.read_until)
            for raw, shown in seen
        ]
        unread = sum(new for _, _, new in marked)
        shown = tuple((each, new) for _, each, new in marked[:limit] if each is not None)
        after = page.position
        if len(page.notifications) > limit:
            last = page.notifications[limit - 1]
            after = f"{last.told_at}#{last.group_id}"
        full = bool(page.position) and unread == len(marked)
        return NotificationList(shown, after, unread if position is None else None, full and position is None)

    def read_until(self, account_id: str, moment: datetime) -> None:
        """Mark everything up to a moment read; what is told later is unread whatever moment is given."""
        self.notifications.read_until(account_id, clock.to_text(min(moment, self.now())))

    def read(self, account_id: str, group_ids: list[str]) -> None:
        """Mark some read; should more happen to one of them, it is unread again."""
        self.notifications.mark_read(account_id, group_ids)

    def preferences(self, account_id: str) -> Mapping[NotificationKind, bool]:
        """Return each kind, and whether the account is told of it."""
        return self.notifications.state(account_id).preferences

    def prefer(self, account_id: str, wanted: Mapping[NotificationKind, bool]) -> Mapping[NotificationKind, bool]:
        """Change some kinds, leave the others, and return all."""
        off = {kind for kind, on in (dict(self.preferences(account_id)) | dict(wanted)).items() if not on}
        self.notifications.switch_off(account_id, frozenset(off))
        return dict.fromkeys(self.preferences(account_id), True) | dict.fromkeys(off, False)


def _seen(notification: Notification, bounds: Bounds) -> Notification | None:
    """Return a notification without people whom the reader is not to see; None where nobody is left."""
    kept = tuple(each for each in notification.people if not bounds.hides(each.account_id))
    hidden = len(notification.people) - len(kept)
    if not hidden:
        return notification
    if notification.count <= hidden:
        return None
    return replace(notification, people=kept, count=notification.count - hidden)
