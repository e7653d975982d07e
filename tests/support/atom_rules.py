"""What RFC 4287 asks of a feed, by its sections; what the W3C's validator asks as well, where that is more."""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

import html5lib

_ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"(https?://[^\s<>\"{}|\\^`]+|tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9/._-]+)")
_ONCE = {"id", "title", "updated", "subtitle", "generator", "rights", "published", "summary", "content"}


def faults(text: str) -> list[str]:
    """Return what is wrong with a feed; nothing where it is valid."""
    root = ET.fromstring(text)
    if root.tag != f"{_ATOM}feed":
        return ["4.1.1: the document's element is no feed"]
    found = [*_common(root, "feed"), *_people(root)]
    if not _links(root, "self"):
        found.append("4.1.1: a feed should have a link to itself")
    ids = []
    for entry in root.findall(f"{_ATOM}entry"):
        found += _common(entry, "entry")
        ids.append((entry.findtext(f"{_ATOM}id"), entry.findtext(f"{_ATOM}updated")))
        found += _entry(entry)
    if len(set(ids)) != len(ids):
        found.append("4.1.1: two entries with the same id and time")
    return found


def _common(element: ET.Element, name: str) -> list[str]:
    found = [f"4.1: {name} has several {child}" for child in _ONCE if len(element.findall(f"{_ATOM}{child}")) > 1]
    needed = ("id", "title", "updated")
    found += [
        f"4.1: {name} has no {child}" for child in needed if not (element.findtext(f"{_ATOM}{child}") or "").strip()
    ]
    if not _IRI.fullmatch(element.findtext(f"{_ATOM}id") or ""):
        found.append(f"4.2.6: the id of {name} is no absolute IRI")
    for child in ("updated", "published"):
        value = element.findtext(f"{_ATOM}{child}")
        if value is not None and not _is_date(value):
            found.append(f"3.3: {child} of {name} is no date")
    addresses = [link.get("href") or "" for link in element.findall(f"{_ATOM}link")]
    found += [f"4.2.7.1: a link of {name} has no address" for address in addresses if not _IRI.fullmatch(address)]
    alternates = [(each.get("type"), each.get("hreflang")) for each in _links(element, "alternate")]
    if len(set(alternates)) != len(alternates):
        found.append(f"4.1: {name} has two alternates of one type")
    return found


def _entry(entry: ET.Element) -> list[str]:
    found = []
    content = entry.find(f"{_ATOM}content")
    if content is None and not _links(entry, "alternate"):
        found.append("4.1.2: an entry has neither content nor an alternate")
    if content is not None:
        if content.get("type") != "html" or len(content):
            found.append("4.1.3.3: content must be text of the type html")
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        fragment = parser.parseFragment(content.text or "")
        found += [
            f"W3C: {each.tag} in content" for each in fragment.iter() if each.tag in {"script", "style", "iframe"}
        ]
        for each in fragment.iter():
            for name in ("href", "src"):
                if not (each.get(name) or "https://").startswith(("https://", "http://")):
                    found.append(f"W3C: {name} in content is relative")
    if any(not each.get("term") for each in entry.findall(f"{_ATOM}category")):
        found.append("4.2.2: a category has no term")
    return found


def _people(root: ET.Element) -> list[str]:
    authors = root.findall(f"{_ATOM}author")
    if not authors:
        return ["4.1.1: neither the feed nor each entry has an author"]
    names = [each.findtext(f"{_ATOM}name") for each in authors]
    uris = [each.findtext(f"{_ATOM}uri") or "" for each in authors]
    return [] if all(names) and all(map(_IRI.fullmatch, uris)) else ["3.2: a person needs a name, and a uri is an IRI"]


def _links(element: ET.Element, relation: str) -> list[ET.Element]:
    return [each for each in element.findall(f"{_ATOM}link") if each.get("rel", "alternate") == relation]


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
