"""Notifications, marks of what was read, and preferences."""

from chalicelib.composition import notification_service
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.notifications import (
    NotificationListAnswer,
    PreferencesAnswer,
    PreferencesBody,
    ReadBody,
    notification_list,
)
from chalicelib.settings import settings

routes = Routes(__name__)


@routes.operation(
    "GET",
    "/v1/notifications",
    summary="What concerns the account, newest first",
    auth="required",
    query=PageQuery,
    answer=NotificationListAnswer,
    errors=(400,),
)
def list_notifications(request: ApiRequest[None, PageQuery]) -> Answer:
    """Return a page of notifications, the first with the number of unread ones."""
    scope = f"notifications of {request.account}"
    position = cursors.decode(scope, request.query.cursor)
    page = notification_service().page(request.account, limit=request.query.limit, position=position)
    cursor = cursors.encode(scope, page.position)
    headers = {**PRIVATE, **next_link(request.path, request.query, cursor)}
    return Answer(notification_list(page, cursor, settings().media_base_url), headers=headers)


@routes.operation(
    "POST",
    "/v1/notifications/read",
    summary="Mark notifications read, up to a moment or by their ids",
    auth="required",
    body=ReadBody,
    status=(204,),
)
def mark_read(request: ApiRequest[ReadBody, Empty]) -> Answer:
    """Mark notifications read; unknown ids are left alone."""
    request.body.check()
    if request.body.until is not None:
        notification_service().read_until(request.account, request.body.until)
    else:
        notification_service().read(request.account, request.body.ids or [])
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/me/notification_preferences",
    summary="What the account is told of",
    auth="required",
    answer=PreferencesAnswer,
)
def get_preferences(request: ApiRequest[None, Empty]) -> Answer:
    """Return each kind, and whether the account is told of it."""
    return Answer(PreferencesAnswer(kinds=dict(notification_service().preferences(request.account))), headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/me/notification_preferences",
    summary="Change what the account is told of",
    auth="required",
    body=PreferencesBody,
    answer=PreferencesAnswer,
)
def put_preferences(request: ApiRequest[PreferencesBody, Empty]) -> Answer:
    """Switch kinds on or off; those that are left out stay as they are."""
    kinds = notification_service().prefer(request.account, request.body.kinds)
    return Answer(PreferencesAnswer(kinds=dict(kinds)), headers=PRIVATE)
