"""Pictures as pages show them: published renditions alone, the best one for each screen, with room kept for them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.media import Media
from chalicelib.domain.posts import CardCover
from chalicelib.pages.site import Site

_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
"""Formats, the smallest first; the last one that a picture has is read by every browser."""

_CARD_EDGE = 1280
"""Longest edge of the file that previews elsewhere show: what they ask for is some 1200 pixels."""

_MIDDLE = (50, 50)

_BASE83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


@dataclass(frozen=True, slots=True)
class File:
    """A published rendition: address, size in pixels, format."""

    url: str
    width: int
    height: int
    format: str

    @property
    def media_type(self) -> str:
        """Its media type."""
        return _TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its files.

    Attributes:
        colour: its average, ``#rrggbb``, shown until it is there.
        focus: the point that a crop keeps, x and y in percent from the top left; the middle by default.
    """

    files: tuple[File, ...]
    width: int
    height: int
    alt: str
    colour: str
    focus: tuple[int, int] = _MIDDLE

    @property
    def styles(self) -> dict[str, str]:
        """What a page says of it in its style, by class: no element may have a style of its own there."""
        found = {f"shade-{self.colour[1:]}": f"background:{self.colour}"}
        if self.focus != _MIDDLE:
            x, y = self.focus
            found[f"focus-{x}-{y}"] = f"object-position:{x}% {y}%"
        return found

    @property
    def formats(self) -> list[str]:
        """Formats that it has, best first."""
        return [format_ for format_ in _TYPES if any(file.format == format_ for file in self.files)]

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Media type and srcset for each ``<source>``: all formats but the one of ``<img>``."""
        return [(_TYPES[format_], self._srcset(format_)) for format_ in self.formats[:-1]]

    @property
    def srcset(self) -> str:
        """The srcset of ``<img>``."""
        return self._srcset(self.formats[-1])

    @property
    def preview(self) -> File:
        """The file that link previews, feeds and search engines are given: one that everything reads."""
        return self.fitting(_CARD_EDGE, _CARD_EDGE)

    def fitting(self, width: int | None, height: int | None) -> File:
        """Return the largest file that everything reads within some bounds in pixels; the smallest where none is."""
        plain = [file for file in self.files if file.format == self.formats[-1]]
        within = [
            file for file in plain if file.width <= (width or file.width) and file.height <= (height or file.height)
        ]
        return max(within, key=lambda file: file.width) if within else min(plain, key=lambda file: file.width)

    def _srcset(self, format_: str) -> str:
        return ", ".join(f"{file.url} {file.width}w" for file in self.files if file.format == format_)


def of_media(site: Site, media: Media | None, alt: str) -> Picture | None:
    """Return a picture that everyone may fetch; None where it is not ready, or held back."""
    if media is None or media.picture is None or media.exposure != "public":
        return None
    shown = media.picture
    files = (
        File(site.file(media.data_mining, media.media_id, each.name), each.width, each.height, each.format)
        for each in shown.renditions
    )
    return _picture(files, shown.width, shown.height, alt, shown.blurhash)


def of_cover(site: Site, cover: CardCover | None) -> Picture | None:
    """Return the cover of a post that is listed publicly."""
    if cover is None:
        return None
    files = (
        File(site.file(cover.data_mining, cover.media_id, name), width, height, format_)
        for width, height, format_, name in cover.thumbnails
    )
    found = _picture(files, cover.width, cover.height, cover.alt, cover.blurhash)
    if found is None or cover.focus is None:
        return found
    x, y = cover.focus
    return replace(found, focus=(round(x * 100), round(y * 100)))


def _picture(files: Iterable[File], width: int, height: int, alt: str, blurhash: str) -> Picture | None:
    known = sorted((file for file in files if file.format in _TYPES), key=lambda file: file.width)
    return Picture(tuple(known), width, height, alt, average_colour(blurhash)) if known else None


def average_colour(blurhash: str) -> str:
    """Return the average colour that a blurhash begins with (https://blurha.sh), grey where it is none."""
    value = 0
    for char in blurhash[2:6]:
        digit = _BASE83.find(char)
        if digit < 0:
            return "#808080"
        value = value * 83 + digit
    return f"#{value:06x}" if len(blurhash) >= 6 and value < 2**24 else "#808080"
