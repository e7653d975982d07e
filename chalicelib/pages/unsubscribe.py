"""The page that ends mail of job alerts. Opening it ends nothing: programs look at links before people do."""

from chalicelib.domain.noai import DEFAULT
from chalicelib.pages.document import Document
from chalicelib.pages.html import page
from chalicelib.pages.site import Site


def unsubscribe_page(site: Site, *, ended: bool) -> Document:
    """Return the page with its button, or, once mail is ended, the one that says so."""
    title = "Mail of job alerts is ended" if ended else "End mail of job alerts?"
    return page("unsubscribe.html", site, choice=DEFAULT, listed=False, form=True, title=title, ended=ended)
