"""PNG and APNG (W3C PNG, third edition): chunks, checksums, frames."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.imaging import rejections
from chalicelib.imaging.containers.png_rows import RowCounter
from chalicelib.imaging.limits import check_frames, check_size
from chalicelib.imaging.orientation import UPRIGHT, read_orientation
from chalicelib.imaging.source import Source

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT", b"IEND"})
_FRAME_CONTROL = 26
_PROFILE_BYTES = 2**20  # Pillow's PngImagePlugin.MAX_TEXT_CHUNK: it fails the whole file above it

MAX_CHUNKS = 50_000
"""Common encoders write 8 KB or more a chunk: 6,400 of them fill the largest upload."""


def walk(data: bytes) -> Source:
    """Read the chunks of a PNG and check those that make the picture; text and private chunks are left out.

    Pillow checks no checksum of pixel data and stops where a file does, so both are checked here. A colour profile
    that is damaged or inflates without end is left out as well: the pixels are sound without it.
    """
    png = _Png()
    for kind, body, sound, raw in _chunks(data):
        if kind in _PIXEL_CHUNKS:
            if not sound:
                raise rejections.damaged_file(f"PNG chunk {kind.decode()} has a wrong checksum")
            png.take(kind, body)
            png.kept.append(raw)
        elif kind == b"iCCP" and sound and _is_honest_profile(body):
            png.kept.append(raw)
        elif kind == b"eXIf" and sound:
            png.orientation = read_orientation(bytes(body))
    return png.finish()


@dataclass(slots=True)
class _Png:
    """What was learned so far."""

    kept: list[bytes | memoryview] = field(default_factory=lambda: [_SIGNATURE])
    size: tuple[int, int] = (0, 0)
    interlaced: bool = False
    declared_frames: int = 0
    frames: int = 0
    plays: int = 0
    orientation: int = UPRIGHT

    def take(self, kind: bytes, body: memoryview) -> None:
        if kind == b"IHDR":
            self.size = _size(body)
            self.interlaced = body[12] == 1
        elif kind == b"acTL" and len(body) == 8:  # two numbers of four bytes
            self.declared_frames, self.plays = struct.unpack(">II", body)
        elif kind == b"fcTL":
            self.frames += 1
            check_frames(*self.size, self.frames)
            width, height = struct.unpack_from(">II", body, 4) if len(body) == _FRAME_CONTROL else (0, 0)
            if not (0 < width <= self.size[0] and 0 < height <= self.size[1]):
                raise rejections.damaged_file("APNG frame beyond its canvas")

    def finish(self) -> Source:
        if self.declared_frames not in {0, self.frames}:
            raise rejections.damaged_file(f"APNG declares {self.declared_frames} frames and holds {self.frames}")
        frames = max(self.declared_frames, 1)
        payload = b"".join(self.kept)
        if self.interlaced or frames > 1:
            check_rows(payload)
        return Source("png", *self.size, payload, frames, self.orientation, min(self.plays, 0xFFFF))


def check_rows(payload: bytes) -> None:
    """Raise PictureRejectedError (``damaged-file``) unless the data of a walked PNG holds every row of every frame.

    A file that was cut is noticed anyway; this is about data that ends early in good order. It inflates everything
    once more, so that a picture that does not move is only checked if it came out with an empty last row.
    """
    rows, has_data = RowCounter(), False
    for kind, body, _, _ in _chunks(payload):
        if kind == b"IHDR":
            rows = RowCounter(bytes(body))
            rows.begin(*_size(body))
        elif kind == b"fcTL" and has_data:  # the first one describes the picture that the header began
            rows.begin(*struct.unpack_from(">II", body, 4))
        elif kind in {b"IDAT", b"fdAT"}:
            has_data = True
            rows.feed(body[4:] if kind == b"fdAT" else body)  # behind its number in the sequence
    rows.finish()


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, bool, memoryview]]:
    """Yield name, body, whether the checksum is right, and the whole chunk, up to the end chunk."""
    for kind, body, raw in chunks(data):
        yield kind, body, zlib.crc32(raw[4:-4]) == int.from_bytes(raw[-4:]), raw


def chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Yield name, body, and the whole chunk, up to the end chunk; no checksum is looked at.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    view, at = memoryview(data), len(_SIGNATURE)
    for number in range(MAX_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise rejections.damaged_file("PNG ends before its end chunk")
        if not (kind.isalpha() and kind.isascii()) or (number == 0) != (kind == b"IHDR"):
            raise rejections.damaged_file("PNG chunks are out of order")
        yield kind, view[at + 8 : end - 4], view[at:end]
        if kind == b"IEND":
            return
        at = end
    raise rejections.too_complex(f"PNG of more than {MAX_CHUNKS} chunks")


def _size(header: memoryview) -> tuple[int, int]:
    if len(header) != 13:  # its length in the standard
        raise rejections.damaged_file("PNG header has a wrong length")
    width, height = struct.unpack_from(">II", header)
    check_size(width, height)
    return width, height


def _is_honest_profile(body: memoryview) -> bool:
    _, _, packed = bytes(body).partition(b"\0")
    if packed[:1] != b"\0":
        return False
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(packed[1:], _PROFILE_BYTES)
    except zlib.error:
        return False
    return not inflater.unconsumed_tail
