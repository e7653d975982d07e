"""Where declarations can stand, for each type of picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from chalicelib.imaging.screening.fields import Field
from chalicelib.imaging.screening.meter import Meter
from chalicelib.imaging.sniff import SourceFormat, sniff

MAX_TEXT = 2**20
"""Bytes of one text or EXIF block."""

MAX_XMP = 4 * 2**20
"""Bytes of an XMP packet: those with depth maps in them are the largest."""

MAX_STORE = 16 * 2**20
"""Bytes of a C2PA manifest store, thumbnails included; few of them are looked at."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Something that may hold declarations.

    Attributes:
        kind: ``xmp`` and ``c2pa`` have their data still to be read, ``fields`` are texts.
        where: where it stands, for people.
        data: an XMP packet or a C2PA manifest store.
        fields: texts.
    """

    kind: Literal["xmp", "c2pa", "fields"]
    where: str
    data: bytes = b""
    fields: tuple[Field, ...] = ()


def carriers(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what may hold declarations, in the order of the file.

    Raises PictureRejectedError and IndexError where a container is damaged.
    """
    yield from _readers()[sniff(data)](data, meter)


def _readers() -> dict[SourceFormat, Callable[[bytes, Meter], Iterator[Carrier]]]:
    from chalicelib.imaging.screening import carriers_boxes, carriers_jpeg, carriers_png, carriers_simple

    return {
        "jpeg": carriers_jpeg.read,
        "png": carriers_png.read,
        "webp": carriers_simple.read_webp,
        "gif": carriers_simple.read_gif,
        "tiff": carriers_simple.read_tiff,
        "avif": carriers_boxes.read,
        "heic": carriers_boxes.read,
    }
