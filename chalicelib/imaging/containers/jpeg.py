"""JPEG (ITU-T T.81): markers, scans, and the end of the first picture."""

import re
import struct
from collections.abc import Iterator

from chalicelib.imaging import rejections
from chalicelib.imaging.limits import MAX_ICC_BYTES, check_size
from chalicelib.imaging.orientation import read_orientation
from chalicelib.imaging.source import Source

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_EXIF, _ICC, _ADOBE, _JFIF = 0xE1, 0xE2, 0xEE, 0xE0
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_LENGTH_BYTES = 2  # a segment's length counts itself
_HUFFMAN, _ARITHMETIC = frozenset({0xC0, 0xC1, 0xC2}), frozenset({0xC9, 0xCA})
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD})

# In coded data 0xFF stands before 0x00 or a restart marker only; everything else is a real marker.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

MAX_SEGMENTS = 4096
"""A 16 MB profile and as much extended XMP need about 500; Pillow would keep millions in memory."""

MAX_SCANS = 100
"""libjpeg-turbo advises a limit of scans: a file of kilobytes can ask for hours. Optimisers write about ten."""

MAX_SCANNED_PIXELS = 2_000_000_000
"""Pixels times scans: an empty scan costs about 5 ms a megapixel."""


def walk(data: bytes) -> Source:
    """Read the markers of a JPEG, of a multi-picture JPEG (MPO) its first picture.

    The payload keeps tables, frame, scans, colour profile and the Adobe colour mark; it ends with the first picture,
    so that neither previews nor anything appended is left.
    """
    kept, exif, frame = [b"\xff\xd8"], b"", b""
    for marker, start, body in segments(data):
        if marker == _SOS:
            if not frame:
                raise rejections.damaged_file("JPEG without a frame header")
            width, height = _frame_size(frame)
            end = _end_of_scans(data, start, pixels=width * height)
            _check_enough_data(frame, end - start)
            payload = b"".join((*kept, data[start:end]))
            return Source("jpeg", width, height, payload, orientation=read_orientation(exif))
        if marker in _FRAMES:
            frame = bytes((marker,)) + body
        elif marker == _EXIF and not exif and body.startswith(b"Exif\0\0"):
            exif = body
        if _is_needed(marker, body):
            kept.append(data[start : start + 4] + body)
    raise rejections.damaged_file("JPEG without picture data")


def segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield marker, position of its 0xFF, and body, up to and including the first start of scan.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    at = 2
    profile_bytes = 0
    for _ in range(MAX_SEGMENTS):
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            raise rejections.damaged_file("JPEG ends within its header")
        start, marker = found.end() - 2, data[found.end() - 1]
        if marker in {_SOI, _EOI, 0x01}:
            at = found.end()
            continue
        length = int.from_bytes(data[start + 2 : start + 4])
        body = data[start + 4 : start + 2 + length]
        if len(body) != length - _LENGTH_BYTES:
            raise rejections.damaged_file(f"JPEG segment {marker:#04x} is cut short")
        profile_bytes += len(body) if marker == _ICC else 0
        if marker != _ICC or profile_bytes <= MAX_ICC_BYTES:
            yield marker, start, body
        at = start + 2 + length
    raise rejections.too_complex(f"JPEG header of more than {MAX_SEGMENTS} segments")


def _is_needed(marker: int, body: bytes) -> bool:
    if marker in _FRAMES or marker in _TABLES:
        return True
    if marker == _ICC:
        return body.startswith(b"ICC_PROFILE\0")
    return (marker == _ADOBE and body.startswith(b"Adobe")) or (marker == _JFIF and body.startswith(b"JFIF\0"))


def _frame_size(frame: bytes) -> tuple[int, int]:
    try:
        marker, precision, height, width, components = struct.unpack_from(">BBHHB", frame)
    except struct.error:
        raise rejections.damaged_file("JPEG frame header is cut short") from None
    check_size(width, height)
    if marker not in _HUFFMAN | _ARITHMETIC:
        raise rejections.unsupported_encoding("JPEG with lossless or hierarchical coding")
    if precision != 8 or components not in {1, 3, 4}:  # all that Pillow decodes
        raise rejections.unsupported_encoding(f"JPEG with {components} channels of {precision} bits")
    return width, height


def _end_of_scans(data: bytes, start: int, *, pixels: int) -> int:
    """Return the position after the end marker of the picture whose first scan begins at ``start``."""
    at, scans = start, 0
    while found := _NEXT_MARKER.search(data, at):
        marker = data[found.end() - 1]
        if marker == _EOI:
            return found.end()
        scans += marker == _SOS
        if scans > MAX_SCANS or scans * pixels > max(MAX_SCANNED_PIXELS, pixels):
            raise rejections.too_complex(f"JPEG with {scans} scans or more")
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])
    raise rejections.damaged_file("JPEG without an end")


def _check_enough_data(frame: bytes, scan_bytes: int) -> None:
    """Refuse a frame larger than its data: libjpeg would fill what is missing with grey.

    Huffman coding spends at least one bit on each block of 8 by 8 pixels; arithmetic coding may spend less.
    """
    height, width = struct.unpack_from(">HH", frame, 2)
    blocks = -(-width // 8) * -(-height // 8)
    if frame[0] in _HUFFMAN and blocks > 8 * scan_bytes:
        raise rejections.damaged_file(f"{scan_bytes} bytes cannot hold {width} x {height} pixels")
