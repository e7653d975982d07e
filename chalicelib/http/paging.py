"""Links from one page of a list to the next (RFC 8288)."""

import re
from urllib.parse import urlencode

from chalicelib.http import cursors
from chalicelib.schemas.base import PageQuery
from chalicelib.schemas.directory import FoundQuery


def next_link(path: str, query: PageQuery, cursor: str | None) -> dict[str, str]:
    """Return the ``Link`` header to the next page, or none at the end of the list."""
    if cursor is None:
        return {}
    parameters = query.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {"cursor": cursor}
    return {"Link": f'<{path}?{urlencode(parameters)}>; rel="next"'}


def scope_of(account_id: str | None, query: FoundQuery, listed: str) -> str:
    """Name a list as its cursors are bound to it: whose it is, and what is left out of it."""
    return f"{listed} for {account_id}, AI {query.ai}, warnings {query.content_warnings}"


def position_in(scope: str, cursor: str | None, form: str) -> str | None:
    """Return the position that a cursor holds, if it has the form of the list's positions.

    Raises:
        MalformedError: it is no cursor of this list, or made up.
    """
    position = cursors.decode(scope, cursor)
    if position is not None and not re.fullmatch(form, position, re.ASCII):
        raise cursors.bad_cursor()
    return position
