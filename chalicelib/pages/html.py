"""Templates, and the headers that a page made of them needs."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.domain.noai import RESERVATIONS, DataMining
from chalicelib.pages.document import Document
from chalicelib.pages.pictures import Picture
from chalicelib.pages.site import NAME, Site

if TYPE_CHECKING:
    from jinja2 import Environment

CONTENT_TYPE = "text/html; charset=utf-8"

_FOLDER = Path(__file__).with_name("templates")


@cache
def environment() -> "Environment":
    """Return the templates: every value is escaped, and one that is missing is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _style() -> str:
    return (_FOLDER / "page.css").read_text("utf-8")


def page(
    template: str,
    site: Site,
    *,
    choice: DataMining,
    listed: bool = True,
    pictures: Iterable[Picture | None] = (),
    form: bool = False,
    **values: Any,
) -> Document:
    """Return a page.

    Args:
        template: name of its file.
        site: addresses.
        choice: what machines may do with what it shows; every form on the page follows from it.
        listed: whether search engines may list it.
        pictures: those that it shows, whose colours stand in the style sheet.
        form: whether it has a form, which may go to this origin alone.
        values: what the template names.
    """
    from markupsafe import Markup

    rules = sorted({rule for each in pictures if each is not None for rule in each.styles.items()})
    style = _style() + "".join(f".{name}{{{rule}}}\n" for name, rule in rules)
    said = RESERVATIONS[choice]
    text = (
        environment()
        .get_template(template)
        .render(
            site=site,
            site_name=NAME,
            said=said,
            robots=said.page_robots(listed=listed),
            # of our own alone: no value of people's is in it
            style=Markup(style),  # noqa: S704
            **values,
        )
    )
    headers = said.page_headers(site.base_url, listed=listed)
    return Document(text, CONTENT_TYPE, headers | {"Content-Security-Policy": _policy(style, site, form=form)})


def _policy(style: str, site: Site, *, form: bool) -> str:
    """Return what the page may load: pictures, and the style sheet that stands in it, known by its digest."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    here, media = ("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in (site.base_url, site.media_base_url))
    images = "'self'" if here == media else f"'self' {media}"
    return (
        f"default-src 'none'; img-src {images}; style-src 'sha256-{digest}'; base-uri 'none'; "
        f"form-action {"'self'" if form else "'none'"}; frame-ancestors 'none'"
    )
