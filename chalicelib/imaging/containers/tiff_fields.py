"""Fields of a TIFF directory by their tags: those of a TIFF file, and of the EXIF blocks of all other types."""

from collections.abc import Collection, Iterator

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.imaging.containers.tiff import Layout, entries, layout_of

EXIF_DIRECTORY = 34665
"""The one directory below the first that holds what people and programs write (EXIF 3.0, 4.6.3)."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def fields(data: bytes, wanted: Collection[int]) -> Iterator[tuple[int, memoryview]]:
    """Yield tag and bytes of the wanted fields of the first directory and of its EXIF directory.

    Nothing is copied, and no directory is followed but these two. What is damaged ends it silently: these are no
    pixels.
    """
    if data[:4] not in _STARTS:
        return
    layout = layout_of(data)
    below: int | None = None
    try:
        for tag, value, raw in entries(data, layout):
            if tag == EXIF_DIRECTORY:
                below = below or value
            elif tag in wanted:
                yield tag, _value(data, layout, raw)
        if below:
            for tag, _, raw in entries(data, layout, below):
                if tag in wanted:
                    yield tag, _value(data, layout, raw)
    except PictureRejectedError:
        return


def _value(data: bytes, layout: Layout, raw: bytes) -> memoryview:
    """Return the bytes of an entry: within itself if they fit, else where it points; as many as there are."""
    count = layout.unpack(layout.offset, raw, 4)
    length = count * _SIZES.get(layout.unpack("H", raw, 2), 1)
    place, room = (12, 8) if layout.big else (8, 4)
    if length <= room:
        return memoryview(raw)[place : place + length]
    start = layout.unpack(layout.offset, raw, place)
    return memoryview(data)[start : start + length]
