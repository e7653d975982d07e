"""Links from one page of a list to the next (RFC 8288)."""

from urllib.parse import urlencode

from chalicelib.schemas.base import PageQuery


def next_link(path: str, query: PageQuery, cursor: str | None) -> dict[str, str]:
    """Return the ``Link`` header to the next page, or none at the end of the list."""
    if cursor is None:
        return {}
    parameters = query.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {"cursor": cursor}
    return {"Link": f'<{path}?{urlencode(parameters)}>; rel="next"'}
