"""``/jobs/feed.atom``: the newest open jobs, for feed readers."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from chalicelib.domain.jobs import JobCard
from chalicelib.domain.noai import DEFAULT, LICENSE_PATH, RESERVATIONS
from chalicelib.pages.atom import finished, new_feed, put_link, put_text, tag_uri
from chalicelib.pages.document import Document
from chalicelib.pages.job import card_facts
from chalicelib.pages.site import NAME, Site
from chalicelib.pages.xml import clean

_BEGAN = "2026-01-01T00:00:00.000Z"
"""When a feed without jobs was changed last."""


def job_feed(site: Site, cards: Sequence[JobCard]) -> Document:
    """Return the feed of some open jobs, newest first: what lists say of them, who reads more opens the page."""
    root = new_feed(site, "jobs")
    put_text(root, "title", f"New jobs for artists on {NAME}")
    put_text(root, "updated", max([_BEGAN, *(str(card.published_at) for card in cards)]))
    put_link(root, "self", site.jobs_feed, "application/atom+xml")
    put_link(root, "alternate", f"{site.base_url}/", "text/html")
    put_link(root, "license", site.base_url + LICENSE_PATH, "application/rsl+xml")
    person = ET.SubElement(root, "author")
    put_text(person, "name", NAME)
    put_text(person, "uri", site.base_url)
    put_text(root, "generator", NAME)
    put_text(root, "rights", RESERVATIONS[DEFAULT].sentence)
    for card in cards:
        _entry(root, site, card)
    return finished(root, site)


def _entry(root: ET.Element, site: Site, card: JobCard) -> None:
    entry = ET.SubElement(root, "entry")
    put_text(entry, "id", tag_uri(site, f"jobs/{card.job_id}"))
    put_text(entry, "title", f"{card.title} at {card.studio_name}")
    put_text(entry, "published", str(card.published_at))
    put_text(entry, "updated", str(card.published_at))
    put_link(entry, "alternate", site.job(card.job_id), "text/html")
    author = ET.SubElement(entry, "author")
    put_text(author, "name", card.studio_name)
    put_text(author, "uri", site.studio(card.slug))
    for word in (*card.mediums, *card.software):
        ET.SubElement(entry, "category", {"term": clean(word)})
    put_text(entry, "summary", card_facts(card))
