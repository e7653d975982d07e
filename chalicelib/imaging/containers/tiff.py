"""TIFF 6.0 and BigTIFF: the first directory, and nothing that it does not need."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.imaging import rejections
from chalicelib.imaging.limits import MAX_ICC_BYTES, check_size
from chalicelib.imaging.orientation import UPRIGHT
from chalicelib.imaging.source import Source

_WIDTH, _HEIGHT, _SUBFILE, _ORIENTATION, _ICC, _DNG = 256, 257, 254, 274, 34675, 50706
_TILE_WIDTH, _TILE_HEIGHT = 322, 323

# Layout, coding and colour. Not among them: EXIF, GPS, XMP, Photoshop blocks, sub-directories, and the orientation,
# which is applied at the size that is shown.
_PIXEL_TAGS = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 301, 317, 320, 322, 323, 324, 325}
    | {332, 334, 338, 339, 347, 529, 530, 531, 532, _ICC}
)
_NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_OF_BYTES = frozenset({1, 2, 6, 7})

MAX_TAGS = 4096
MAX_VALUES = 100_000
"""Values of one tag: a strip for each row of the tallest picture needs 30,000 offsets."""

MAX_TILE_PIXELS = 16_000_000
"""libtiff allocates whole tiles, however small the picture; common ones have 256 to 4096 pixels a side."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where numbers stand: classic TIFF has offsets of 4 bytes, BigTIFF of 8."""

    order: str
    big: bool

    def unpack(self, kind: str, data: bytes | bytearray, at: int) -> int:
        """Return the number of a struct's kind at a position; raises PictureRejectedError (``damaged-file``)."""
        try:
            (value,) = struct.unpack_from(self.order + kind, data, at)
        except (struct.error, OverflowError):
            raise rejections.damaged_file("TIFF ends within its directory") from None
        return int(value)

    @property
    def offset(self) -> str:
        """The kind of an offset, for :meth:`unpack`."""
        return "Q" if self.big else "I"


def walk(data: bytes) -> Source:
    """Read the first directory of a TIFF and lead the decoder to a copy that names its pixels alone.

    Further pages, sub-directories and loops between them are out of reach of the decoder then. Camera raw files are
    TIFFs as well, whose first picture is a thumbnail: they are refused as ``unsupported-type``.
    """
    layout = layout_of(data)
    values: dict[int, int] = {}
    kept = []
    for tag, value, raw in entries(data, layout):
        if tag == _DNG or (tag == _SUBFILE and value & 1) or data[8:10] == b"CR":
            raise rejections.unsupported_type("a camera raw file")
        values.setdefault(tag, value)
        if tag in _PIXEL_TAGS:
            kept.append(raw)
    width, height = values.get(_WIDTH, 0), values.get(_HEIGHT, 0)
    check_size(width, height)
    if values.get(_TILE_WIDTH, 0) * values.get(_TILE_HEIGHT, 0) > MAX_TILE_PIXELS:
        raise rejections.too_complex("TIFF with tiles of more than 16 megapixels")
    orientation = values.get(_ORIENTATION, UPRIGHT)
    orientation = orientation if 1 <= orientation <= 8 else UPRIGHT  # the eight values of the tag
    return Source("tiff", width, height, _with_directory(data, layout, kept), orientation=orientation)


def layout_of(data: bytes) -> Layout:
    """Return the layout that a TIFF's first bytes tell."""
    return Layout("<" if data[:2] == b"II" else ">", big=b"+" in data[2:4])


def entries(data: bytes, layout: Layout, start: int | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Yield tag, its value (0 unless it is one whole number) and the raw entry of a directory, by default the first.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    if start is None:
        start = layout.unpack(layout.offset, data, 8 if layout.big else 4)
    count = layout.unpack("Q" if layout.big else "H", data, start)
    if count > MAX_TAGS:
        raise rejections.too_complex(f"TIFF directory of {count} tags")
    size, at = (20, start + 8) if layout.big else (12, start + 2)
    for entry in range(at, at + size * count, size):
        tag, kind = layout.unpack("H", data, entry), layout.unpack("H", data, entry + 2)
        length = layout.unpack(layout.offset, data, entry + 4)
        _check_length(tag, kind, length)
        at_value = entry + (12 if layout.big else 8)
        value = layout.unpack(_NUMBERS[kind], data, at_value) if length == 1 and kind in _NUMBERS else 0
        yield tag, value, data[entry : entry + size]


def _check_length(tag: int, kind: int, length: int) -> None:
    if tag in _PIXEL_TAGS and kind not in _OF_BYTES and length > MAX_VALUES:
        raise rejections.too_complex(f"TIFF tag {tag} of {length} values")


def _with_directory(data: bytes, layout: Layout, raw: list[bytes]) -> bytes:
    """Return ``data`` with its header pointing to a last directory made of ``raw``; their offsets stay right."""
    kept = [entry for entry in raw if not _is_long_profile(entry, layout)]
    copy = bytearray(data)
    copy += bytes(len(copy) % 2)
    struct.pack_into(layout.order + layout.offset, copy, 8 if layout.big else 4, len(copy))
    copy += struct.pack(layout.order + ("Q" if layout.big else "H"), len(kept))
    copy += b"".join(kept) + bytes(8 if layout.big else 4)
    return bytes(copy)


def _is_long_profile(entry: bytes, layout: Layout) -> bool:
    is_profile = layout.unpack("H", entry, 0) == _ICC
    return is_profile and layout.unpack(layout.offset, entry, 4) > MAX_ICC_BYTES
