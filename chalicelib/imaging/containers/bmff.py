"""AVIF and HEIC: the boxes of ISO 14496-12 and the declared sizes of ISO 23008-12 (``ispe``)."""

import struct
from collections.abc import Iterator

from chalicelib.imaging import rejections
from chalicelib.imaging.limits import check_size
from chalicelib.imaging.sniff import SourceFormat
from chalicelib.imaging.source import Source

MAX_BOXES = 10_000
_PATH = (b"meta", b"iprp", b"ipco", b"ispe")
_FULL_BOX = 4  # version and flags stand before the content of these
_HEADER, _LONG_HEADER = 8, 16


def walk_avif(data: bytes) -> Source:
    """Read the declared sizes of an AVIF; frames are counted by the decoder, which parses without decoding."""
    return _walk("avif", data)


def walk_heic(data: bytes) -> Source:
    """Read the declared sizes of a HEIC."""
    return _walk("heic", data)


def _walk(name: SourceFormat, data: bytes) -> Source:
    sizes = list(_declared_sizes(data))
    if not sizes:
        raise rejections.damaged_file("the description of the picture is missing")
    # Tiles and thumbnails have sizes of their own: the largest is the picture.
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    for size in sizes:
        check_size(*size)
    return Source(name, width, height, data)


def _declared_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    spans = [(0, len(data))]
    for name in _PATH:
        skipped = _FULL_BOX if name in {b"meta", b"ispe"} else 0
        found = [box for start, end in spans for box in boxes(data, start, end)]
        spans = [(start + skipped, end) for kind, start, end in found if kind == name]
    for start, end in spans:
        if end - start < 8:  # two numbers of four bytes
            raise rejections.damaged_file("a declared size is cut short")
        width, height = struct.unpack_from(">II", data, start)
        yield width, height


def boxes(data: bytes | memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of each box between two positions.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    for _ in range(MAX_BOXES):
        if at + _HEADER > end:
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        header = _HEADER
        if length == 1 and at + _LONG_HEADER <= end:
            length, header = int.from_bytes(data[at + 8 : at + 16]), _LONG_HEADER
        length = length or end - at  # 0 means: to the end
        if length < header or at + length > end:
            raise rejections.damaged_file("a box reaches beyond the file")
        yield kind, at + header, at + length
        at += length
    raise rejections.too_complex(f"file of more than {MAX_BOXES} boxes")
