"""What a person sees who opens an address that has nothing to show."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.noai import DEFAULT
from chalicelib.pages.document import Document
from chalicelib.pages.html import page
from chalicelib.pages.site import Site


def error_page(site: Site, problem: Mapping[str, Any]) -> Document:
    """Return the page for a problem (RFC 9457)."""
    return page("error.html", site, choice=DEFAULT, listed=False, problem=problem)
