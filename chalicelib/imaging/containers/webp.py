"""WebP (RFC 9649): the RIFF chunks, canvas and frames."""

import struct
from collections.abc import Iterator

from chalicelib.imaging import rejections
from chalicelib.imaging.limits import check_frames, check_size
from chalicelib.imaging.orientation import UPRIGHT, read_orientation
from chalicelib.imaging.source import Source

MAX_CHUNKS = 10_000
_RIFF_HEADER = 12


def walk(data: bytes) -> Source:
    """Read the chunks of a WebP: libwebp allocates the whole canvas as soon as it sees the header."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise rejections.damaged_file("WebP is shorter than it declares")
    size, frames, plays, orientation = (0, 0), 0, 0, UPRIGHT
    for number, (kind, body) in enumerate(chunks(data, end)):
        if number == 0:
            size = _canvas(kind, body)
            check_size(*size)
        elif kind == b"ANIM":
            plays = int.from_bytes(body[4:6], "little")
        elif kind == b"ANMF":
            frames += 1
            check_frames(*size, frames)
        elif kind == b"EXIF":
            orientation = read_orientation(bytes(body))
    check_size(*size)
    return Source("webp", *size, data[:end], max(frames, 1), orientation, plays)


def chunks(data: bytes, end: int) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and body of each chunk up to a position.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    view, at = memoryview(data), _RIFF_HEADER
    for _ in range(MAX_CHUNKS):
        if at + 8 > end:
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise rejections.damaged_file("WebP chunk reaches beyond the file")
        yield kind, view[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)
    raise rejections.too_complex(f"WebP of more than {MAX_CHUNKS} chunks")


def _canvas(kind: bytes, body: memoryview) -> tuple[int, int]:
    """Return the size that the first chunk declares: extended, lossless or lossy."""
    try:
        if kind == b"VP8X":
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        if kind == b"VP8L":
            (bits,) = struct.unpack_from("<I", body, 1)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if kind == b"VP8 ":
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    except struct.error:
        pass
    raise rejections.damaged_file("WebP without a picture")
