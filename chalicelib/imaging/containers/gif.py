"""GIF (GIF89a specification): blocks, frames, and how often an animation runs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.imaging import rejections
from chalicelib.imaging.limits import check_frames, check_size
from chalicelib.imaging.source import Source

MAX_BLOCKS = 300_000
"""Blocks and sub-blocks: full ones of 255 bytes fill the largest upload with 200,000."""

_HEADER, _FLAGS = 13, 10
_EXTENSION, _FRAME, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION = 0xFF
_FRAME_HEADER = 10
_PLAYS_MAX = 0xFFFF


def walk(data: bytes) -> Source:
    """Count the frames of a GIF and check that it reaches its end; at most the first 301 frames are looked at."""
    if len(data) < _HEADER:
        raise rejections.damaged_file("GIF ends within its header")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    reader = _Reader(data, _HEADER + _table_bytes(flags))
    frames, plays = 0, 1
    while (kind := reader.byte()) != _TRAILER:
        if kind == _EXTENSION:
            plays = _read_extension(reader, plays)
        elif kind == _FRAME:
            right, bottom = _read_frame(reader)
            # A frame may stick out of a lying canvas: Pillow would grow the picture to hold it.
            width, height = (width, height) if frames else (max(width, right), max(height, bottom))
            frames += 1
            check_size(max(width, right), max(height, bottom))
            check_frames(width, height, frames)
        else:
            raise rejections.damaged_file(f"GIF block of unknown kind {kind:#04x}")
    if not frames:
        raise rejections.damaged_file("GIF without a frame")
    return Source("gif", width, height, data[: reader.at], frames, plays=plays)


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension block: its label, an application's name with its three bytes of authentication, and its content.

    Attributes:
        label: 0xFE is a comment, 0xFF an application's block.
        name: of the application, empty for all others.
        start, end: where its chain of sub-blocks stands, lengths and the closing zero included.
    """

    label: int
    name: bytes
    start: int
    end: int

    def raw(self, data: bytes) -> bytes:
        """Return the chain as it stands: XMP is written so that its text is the lengths as well."""
        return data[self.start : self.end]

    def joined(self, data: bytes, most: int) -> bytes:
        """Return what the sub-blocks hold, at most so many bytes."""
        parts, at, size = [], self.start, 0
        while at < self.end and data[at] and size < most:
            parts.append(data[at + 1 : at + 1 + data[at]])
            size += data[at]
            at += 1 + data[at]
        return b"".join(parts)[:most]


def extensions(data: bytes) -> Iterator[Extension]:
    """Yield the extensions of a GIF that :func:`walk` accepts, in order, those between its frames included.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    flags = data[_FLAGS] if len(data) > _FLAGS else 0
    reader = _Reader(data, _HEADER + _table_bytes(flags))
    while (kind := reader.byte()) in {_EXTENSION, _FRAME}:
        if kind == _FRAME:
            _read_frame(reader)
            continue
        label = reader.byte()
        name = reader.take(reader.byte()) if label == _APPLICATION else b""
        start = reader.at
        reader.skip_sub_blocks()
        yield Extension(label, name, start, reader.at)


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int
    blocks: int = 0

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, length: int) -> bytes:
        taken = self.data[self.at : self.at + length]
        if len(taken) != length:
            raise rejections.damaged_file("GIF ends within a block")
        self.at += length
        self.blocks += 1
        if self.blocks > MAX_BLOCKS:
            raise rejections.too_complex(f"GIF of more than {MAX_BLOCKS} blocks")
        return taken

    def skip_sub_blocks(self) -> bytes:
        """Move behind a chain of sub-blocks and return the first one."""
        data, at, blocks = self.data, self.at, 0
        length = data[at] if at < len(data) else 0
        first = data[at + 1 : at + 1 + length]
        while at < len(data) and data[at] and blocks < MAX_BLOCKS:
            at += 1 + data[at]
            blocks += 1
        self.at, self.blocks = at, self.blocks + blocks
        self.byte()
        return first


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _read_extension(reader: _Reader, plays: int) -> int:
    label = reader.byte()
    if label != _APPLICATION:
        reader.skip_sub_blocks()
        return plays
    name = reader.take(reader.byte())
    first = reader.skip_sub_blocks()
    if name != b"NETSCAPE2.0" or len(first) < 3 or first[0] != 1:  # its kind and a 16 bit number
        return plays
    # The number says how often it is repeated after the first time, as gif2webp and browsers read it; 0 is for ever.
    repeats = int.from_bytes(first[1:3], "little")
    return min(repeats + 1, _PLAYS_MAX) if repeats else 0


def _read_frame(reader: _Reader) -> tuple[int, int]:
    left, top, width, height, flags = struct.unpack("<HHHHB", reader.take(_FRAME_HEADER - 1))
    if not width or not height:
        raise rejections.damaged_file("GIF frame without pixels")
    reader.take(_table_bytes(flags) + 1)
    reader.skip_sub_blocks()
    return left + width, top + height
