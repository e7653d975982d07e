"""``/@handle/feed.atom``: an artist's newest posts, for feed readers.

Sources: RFC 4287 (Atom), RFC 4151 (tag URIs), RFC 4946 (licences of feeds).
"""

import hashlib
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from chalicelib.domain.noai import DEFAULT, LICENSE_PATH, RESERVATIONS, strictest
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.pages.document import Document
from chalicelib.pages.html import environment
from chalicelib.pages.linked_data import terms
from chalicelib.pages.pictures import of_cover
from chalicelib.pages.post import AI_LABELS, Shown
from chalicelib.pages.prose import excerpt, html_of
from chalicelib.pages.site import NAME, Site
from chalicelib.pages.xml import clean

CONTENT_TYPE = "application/atom+xml; charset=utf-8"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_MINTED = "2026"
"""Year in which names of feeds and entries are rooted (RFC 4151, 2.1): for good, or readers see everything anew."""


def feed(site: Site, author: Profile, posts: Sequence[tuple[Post, Card]]) -> Document:
    """Return the feed of some posts, newest first; the cards bring their covers."""
    fields = author.fields
    root = new_feed(site, f"artists/{_digest(author.account_id)}")
    put_text(root, "title", f"{fields.display_name} (@{fields.handle})")
    if fields.bio:
        put_text(root, "subtitle", excerpt(fields.bio))
    put_text(root, "updated", max([author.created_at, *(post.updated_at for post, _ in posts)]))
    put_link(root, "self", site.feed(fields.handle), "application/atom+xml")
    put_link(root, "alternate", site.profile(fields.handle), "text/html")
    put_link(root, "license", site.base_url + LICENSE_PATH, "application/rsl+xml")
    _author(root, author, site)
    put_text(root, "generator", NAME)
    put_text(root, "rights", f"{terms(author, site).notice} {RESERVATIONS[DEFAULT].sentence}")
    for post, card in posts:
        _entry(root, site, author, post, card)
    return finished(root, site)


def new_feed(site: Site, specific: str) -> ET.Element:
    """Return an empty feed that is named for good."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE})
    put_text(root, "id", tag_uri(site, specific))
    return root


def finished(root: ET.Element, site: Site) -> Document:
    """Return a feed as it is served."""
    body = ET.tostring(root, encoding="unicode", short_empty_elements=True)
    said = RESERVATIONS[DEFAULT].page_headers(site.base_url, listed=True)
    return Document(f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n', CONTENT_TYPE, said)


def _entry(root: ET.Element, site: Site, author: Profile, post: Post, card: Card) -> None:
    shown = Shown(post, author, {})
    choice = strictest([card.cover.data_mining] if card.cover else [])
    entry = ET.SubElement(root, "entry")
    put_text(entry, "id", tag_uri(site, f"posts/{post.post_id}"))
    put_text(entry, "title", shown.title)
    put_text(entry, "published", post.published_at or post.created_at)
    put_text(entry, "updated", post.updated_at)
    put_link(entry, "alternate", site.post(post.post_id), "text/html")
    for tag in post.fields.tags:
        ET.SubElement(entry, "category", {"term": clean(tag)})
    put_text(entry, "rights", f"{terms(author, site).notice} {RESERVATIONS[choice].sentence}")
    warned = bool(post.content_warnings)
    content = (
        environment()
        .get_template("entry.html")
        .render(
            url=site.post(post.post_id),
            warning=shown.description if warned else None,
            cover=None if warned else of_cover(site, card.cover),
            more=card.media_count - 1,
            text=html_of(shown.open_text, site),
            ai_label=AI_LABELS.get(post.ai_disclosure or ""),
        )
    )
    put_text(entry, "content", content, type="html")


def _author(parent: ET.Element, author: Profile, site: Site) -> None:
    person = ET.SubElement(parent, "author")
    put_text(person, "name", author.fields.display_name)
    put_text(person, "uri", site.profile(author.fields.handle))


def tag_uri(site: Site, specific: str) -> str:
    """Return a name that stays, whatever its address becomes (RFC 4151)."""
    return f"tag:{urlsplit(site.base_url).hostname},{_MINTED}:{specific}"


def _digest(account_id: str) -> str:
    """Return what names an artist for good, whatever their handle, and does not tell the account."""
    return hashlib.blake2b(account_id.encode(), digest_size=16, person=b"cara-feed").hexdigest()


def put_text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """Add an element that holds a text."""
    ET.SubElement(parent, name, attributes).text = clean(text)


def put_link(parent: ET.Element, relation: str, url: str, media_type: str) -> None:
    """Add a link."""
    ET.SubElement(parent, "link", {"rel": relation, "type": media_type, "href": clean(url)})


def listed(posts: Iterable[Post], cards: Sequence[Card]) -> list[tuple[Post, Card]]:
    """Return posts with their cards, in the cards' order; what is no longer public is left out."""
    known = {post.post_id: post for post in posts if post.listed}
    return [(known[card.post_id], card) for card in cards if card.post_id in known]
