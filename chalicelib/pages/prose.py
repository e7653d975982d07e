"""Texts of people as HTML: escaped, with addresses, mentions and tags as links."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from chalicelib.domain.handles import canonical, is_handle
from chalicelib.domain.taxonomy import slug
from chalicelib.pages.site import Site

_FOUND = re.compile(
    r"""(?P<url>\bhttps?://[^\s<>"'`{}|\\^\x00-\x20]+)"""
    r"|(?<![\w@/.#])@(?P<mention>[A-Za-z0-9_]{3,30})(?![\w@])"
    r"|(?<![\w&/#])\#(?P<tag>\w[\w-]{0,49})"
)
_CLOSING = {")": "(", "]": "["}
_ENDS = ".,;:!?*~…"


def html_of(text: str, site: Site) -> str:
    """Return a text as HTML: paragraphs at blank lines, line breaks within them, nothing of it as markup.

    What people link to is no recommendation of ours, and is not told where its readers come from
    (``nofollow ugc noopener``).
    """
    from markupsafe import Markup

    parts = [part.strip("\n") for part in re.split(r"\n[^\S\n]*\n", text)]
    paragraphs = (Markup("").join(_inline(part, site)) for part in parts if part.strip())
    return Markup("\n").join(Markup("<p>{}</p>").format(paragraph) for paragraph in paragraphs)


def excerpt(text: str, longest: int = 200) -> str:
    """Return the beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    head = line[: longest - 1]
    return (head.rpartition(" ")[0] or head) + "…"


def _inline(text: str, site: Site) -> Iterator[str]:
    place = 0
    for found in _FOUND.finditer(text):
        written, target, relation = _link(found, site)
        if target is None:
            continue
        yield from _lines(text[place : found.start()])
        yield _anchor(target, written, relation)
        place = found.start() + len(written)
    yield from _lines(text[place:])


def _link(found: re.Match[str], site: Site) -> tuple[str, str | None, str]:
    """Return what of a text is a link, its address, and its relation; None as the address of what is none."""
    if found["url"]:
        url = _trimmed(found["url"])
        return url, url if _is_address(url) else None, "nofollow ugc noopener"
    if found["mention"]:
        handle = canonical(found["mention"])
        return found[0], site.profile(handle) if is_handle(handle) else None, ""
    word = slug(found["tag"])
    return found[0], site.tag(word) if word else None, "tag"


def _trimmed(url: str) -> str:
    """Leave to the sentence what ends it: ``(see https://example.com/a_(b).)``."""
    while url:
        last = url[-1]
        unopened = last in _CLOSING and url.count(last) > url.count(_CLOSING[last])
        if last not in _ENDS and not unopened:
            break
        url = url[:-1]
    return url


def _is_address(url: str) -> bool:
    """Tell whether it shows the host that it leads to: no user name before it."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def _anchor(target: str, text: str, relation: str) -> str:
    from markupsafe import Markup

    if relation:
        return Markup('<a href="{}" rel="{}">{}</a>').format(target, relation, text)
    return Markup('<a href="{}">{}</a>').format(target, text)


def _lines(text: str) -> Iterator[str]:
    from markupsafe import Markup, escape

    yield Markup("<br>\n").join(escape(line) for line in text.split("\n"))
