"""Notifications."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.notifications import Notification, NotificationKind
from chalicelib.schemas.base import Moment, Schema
from chalicelib.schemas.people import PersonAnswer, person_answer
from chalicelib.services.notifications import NotificationList

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}\.[A-Za-z0-9-]{1,64}\.[0-9-]{10}$")]


class NotificationAnswer(Schema):
    """Something that concerns the account: everything of one kind about one thing on one day."""

    id: str
    kind: NotificationKind
    target: str | None = Field(description="What it is about, such as posts/01J…; null: the people themselves")
    text: str
    people: list[PersonAnswer] = Field(description="The newest, three at most")
    count: int = Field(description="How many people, or things where nobody did them")
    many: bool = Field(description="Whether it was more than count says")
    at: str
    read: bool


class NotificationListAnswer(Schema):
    """A page of notifications, newest first; at most 20 whatever was asked for. It may be short, and have a next."""

    items: list[NotificationAnswer]
    next_cursor: str | None
    unread: int | None = Field(description="How many of the newest 20 are unread; null on a later page")
    unread_more: bool = Field(description="Whether all of them are, and there are more")


class ReadBody(Schema):
    """What was read: everything up to a moment, or some notifications."""

    until: Moment | None = Field(None, strict=False)
    ids: Annotated[list[_Id], Field(min_length=1, max_length=50)] | None = None

    def check(self) -> None:
        """Have exactly one of the two.

        Raises:
            InvalidError: it is not so.
        """
        if (self.until is None) == (self.ids is None):
            raise InvalidError.of("until", "give either until or ids")


class PreferencesBody(Schema):
    """Kinds to be told of, or not; those that are left out stay as they are."""

    kinds: dict[NotificationKind, bool]


class PreferencesAnswer(Schema):
    """Each kind, and whether the account is told of it."""

    kinds: dict[NotificationKind, bool]


def notification_list(page: NotificationList, cursor: str | None, media_base_url: str) -> NotificationListAnswer:
    """Return a page as clients see it."""
    return NotificationListAnswer(
        items=[_answer(each, unread=unread, media_base_url=media_base_url) for each, unread in page.notifications],
        next_cursor=cursor,
        unread=page.unread,
        unread_more=page.unread_more,
    )


def _answer(notification: Notification, *, unread: bool, media_base_url: str) -> NotificationAnswer:
    return NotificationAnswer(
        id=notification.group_id,
        kind=notification.kind,
        target=notification.target or None,
        text=notification.text,
        people=[person_answer(each, media_base_url) for each in notification.people],
        count=notification.count,
        many=notification.many,
        at=notification.told_at,
        read=not unread,
    )
