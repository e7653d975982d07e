"""The EXIF orientation: which way up a picture was taken (EXIF 3.0, tag 0x0112, values 1 to 8)."""

import struct

UPRIGHT = 1
_TAG = 0x0112
_SHORT = 3
_MAX_ENTRIES = 1000
_SIDEWAYS = range(5, 9)


def read_orientation(exif: bytes) -> int:
    """Return the orientation in an EXIF block (with or without its ``Exif`` prefix), 1 when absent or broken.

    Read here rather than by Pillow, so that of a whole block of hostile bytes one number alone is ever looked at.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for index in range(min(count, _MAX_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * index)
            if tag == _TAG and kind == _SHORT:
                return int(value) if 1 <= value <= 8 else UPRIGHT  # the eight values of the tag
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Return width and height after the picture was turned upright."""
    return (height, width) if orientation in _SIDEWAYS else (width, height)
