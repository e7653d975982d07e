"""``/oembed``: what other sites may show for the address of a page (https://oembed.com)."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from chalicelib.domain.media import Media
from chalicelib.domain.profiles import Profile
from chalicelib.pages.document import Document
from chalicelib.pages.pictures import Picture, of_media
from chalicelib.pages.post import Shown
from chalicelib.pages.site import NAME, Site
from chalicelib.pages.xml import clean

TYPES = {"json": "application/json", "xml": "text/xml; charset=utf-8"}
"""Formats, and their media types (2.3.2)."""

CACHE_SECONDS = 600
"""How long a consumer is asked to keep an answer: it may show what was deleted meanwhile for that long."""

type Bounds = tuple[int | None, int | None]
"""Largest width and height, in pixels, that a consumer has room for; None where it does not say."""


def target(site: Site, url: str) -> tuple[str, str]:
    """Return what an address is of: ``("profile", handle)``, ``("post", id)``, or two empty texts."""
    try:
        asked, own = urlsplit(url), urlsplit(site.base_url)
    except ValueError:
        return "", ""
    if asked.scheme not in {"http", "https"} or asked.netloc.lower() != own.netloc:
        return "", ""
    match unquote(asked.path).strip("/").split("/"):
        case [name] if name.startswith("@"):
            return "profile", name
        case ["posts", post_id]:
            return "post", post_id
        case _:
            return "", ""


def of_post(site: Site, shown: Shown, bounds: Bounds) -> dict[str, Any]:
    """Return a public post: a photo, or a link where there is no picture that may stand without a warning."""
    answer = _common(site, shown.author) | {"title": shown.title}
    picture = next(iter(shown.open_pictures(site)), None)
    if picture is None:
        return {"type": "link", **answer}
    return {"type": "photo", **answer, **_sized(picture, bounds, "{}"), **_thumbnail(picture, bounds)}


def of_profile(site: Site, profile: Profile, avatar: Media | None, bounds: Bounds) -> dict[str, Any]:
    """Return an artist: a link with their avatar."""
    fields = profile.fields
    answer = _common(site, profile) | {"title": f"{fields.display_name} (@{fields.handle})"}
    picture = of_media(site, avatar, "")
    return {"type": "link", **answer, **(_thumbnail(picture, bounds) if picture else {})}


def document(answer: dict[str, Any], format_: str) -> Document:
    """Return an answer in a format of :data:`TYPES`."""
    if format_ == "json":
        return Document(json.dumps(answer), TYPES["json"])
    root = ET.Element("oembed")
    for name, value in answer.items():
        ET.SubElement(root, name).text = clean(str(value))
    text = ET.tostring(root, encoding="unicode")
    return Document(f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n{text}\n', TYPES["xml"])


def _common(site: Site, author: Profile) -> dict[str, Any]:
    return {
        "version": "1.0",
        "author_name": author.fields.display_name,
        "author_url": site.profile(author.fields.handle),
        "provider_name": NAME,
        "provider_url": site.base_url,
        "cache_age": CACHE_SECONDS,
    }


def _thumbnail(picture: Picture, bounds: Bounds) -> dict[str, Any]:
    width, height = bounds
    return _sized(picture, (min(width or 640, 640), min(height or 640, 640)), "thumbnail_{}")


def _sized(picture: Picture, bounds: Bounds, name: str) -> dict[str, Any]:
    """Return the largest file within the bounds; the smallest one, to be shown smaller, where none is."""
    file = picture.fitting(*bounds)
    room = zip(bounds, (file.width, file.height), strict=True)
    scale = min([1.0, *(bound / side for bound, side in room if bound)])
    width, height = max(1, int(file.width * scale)), max(1, int(file.height * scale))
    return {name.format("url"): file.url, name.format("width"): width, name.format("height"): height}
