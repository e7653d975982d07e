"""``/sitemap.xml``: the pages of artists and posts, for search engines; ``/jobs/sitemap.xml``: those of open jobs.

Source: https://www.sitemaps.org/protocol.html.
"""

from collections.abc import Iterable
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from chalicelib.domain.sitemap import SitemapEntry, SitemapPart
from chalicelib.pages.document import Document
from chalicelib.pages.site import Site

SITEMAP_PATH = "/sitemap.xml"
JOBS_SITEMAP_PATH = "/jobs/sitemap.xml"

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def index(site: Site, parts: Iterable[SitemapPart], path: str = SITEMAP_PATH) -> Document:
    """Return the index of all parts of the sitemap at a path."""
    root = ET.Element("sitemapindex", {"xmlns": _NAMESPACE})
    for part in parts:
        query = urlencode({"day": part.day, "shard": part.shard})
        _add(root, "sitemap", {"loc": f"{site.base_url}{path}?{query}"})
    return _document(root)


def urls(site: Site, entries: Iterable[SitemapEntry]) -> Document:
    """Return one part."""
    root = ET.Element("urlset", {"xmlns": _NAMESPACE})
    for entry in entries:
        address = {"artist": site.profile, "post": site.post, "job": site.job}[entry.kind](entry.name)
        _add(root, "url", {"loc": address, "lastmod": entry.changed_at})
    return _document(root)


def _add(root: ET.Element, name: str, values: dict[str, str]) -> None:
    element = ET.SubElement(root, name)
    for each, value in values.items():
        ET.SubElement(element, each).text = value


def _document(root: ET.Element) -> Document:
    text = ET.tostring(root, encoding="unicode")
    return Document(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', "application/xml; charset=utf-8")
