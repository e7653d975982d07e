"""Pages of a list: where one begins, and the link to the next (RFC 8288)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from chalicelib.http import cursors
from chalicelib.http.routing import Answer, ApiRequest
from chalicelib.schemas.base import PageQuery
from chalicelib.schemas.directory import FoundQuery

PLACE_OF_CHANGE = r"change#\d{8}"
"""The form of positions among what was changed of a job, or of an application."""


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


@dataclass(frozen=True, slots=True)
class Paging[Query: PageQuery]:
    """A page that a request asks for, of the list that is named ``scope``: its cursors are no use for another.

    Attributes:
        form: which form positions of the list have, where whoever reads it must know.
    """

    request: ApiRequest[None, Query]
    scope: str
    form: str | None = None

    @property
    def position(self) -> str | None:
        """Where the page begins; None for the first.

        Raises:
            MalformedError: the cursor is none of this list's.
        """
        cursor = self.request.query.cursor
        return position_in(self.scope, cursor, self.form) if self.form else cursors.decode(self.scope, cursor)

    def answer(
        self,
        kind: type[BaseModel],
        items: Sequence[BaseModel],
        position: str | None,
        headers: Mapping[str, str],
        **more: Any,
    ) -> Answer:
        """Return the page as an answer with ``items`` and ``next_cursor``; what follows is at ``position``."""
        cursor = cursors.encode(self.scope, position)
        link = next_link(self.request.path, self.request.query, cursor)
        return Answer(kind(items=items, next_cursor=cursor, **more), headers={**headers, **link})
