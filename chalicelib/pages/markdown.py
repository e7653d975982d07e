"""Markdown of people as HTML that is safe to show: a reader of CommonMark without HTML, and an allow list."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TAGS = frozenset("p br hr strong em code pre blockquote ul ol li h3 h4 h5 h6 a".split())
"""No pictures: each would tell its host who looks. No first and second headings: those are the page's."""

_SCHEMES = frozenset({"https", "http", "mailto"})

_SHIFTED = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # html: what looks like a tag is text. Pictures and raw entities of links are turned off with it
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])


def _href(tag: str, name: str, value: str) -> str | None:
    """Keep where a link leads to if that is elsewhere by its full address: a relative one would be within our pages."""
    del tag
    return value if name != "href" or value.partition(":")[0].lower() in _SCHEMES else None


def html_of(text: str) -> str:
    """Return Markdown as HTML.

    HTML in it is shown as text. Links lead to https, http and mailto alone, and are no recommendation of ours
    (``nofollow ugc noopener noreferrer``).
    """
    import nh3

    tokens = _reader().parse(text)
    for token in tokens:
        token.tag = _SHIFTED.get(token.tag, token.tag)
    made = _reader().renderer.render(tokens, _reader().options, {})
    return nh3.clean(
        made,
        tags=set(_TAGS),
        attributes={"*": set(), "a": {"href"}},
        attribute_filter=_href,
        url_schemes=set(_SCHEMES),
        link_rel="nofollow ugc noopener noreferrer",
    ).strip()
