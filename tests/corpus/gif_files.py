"""GIF: frames without number, canvases that lie, chains of tiny blocks."""

import struct

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.pictures import animation, artwork, encoded

_TYPE = "image/gif"
_PALETTE = bytes((0, 0, 0, 255, 255, 255))
_PIXEL = b"\x02\x02\x44\x01\x00"  # code size, one sub-block with one pixel, end
_TRAILER = b";"


def canvas(width: int, height: int) -> bytes:
    """Return a header with a palette of two colours."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + _PALETTE


def frame(left: int = 0, top: int = 0, width: int = 1, height: int = 1, data: bytes = _PIXEL) -> bytes:
    """Return one frame, by default of a single pixel."""
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + data


def plain() -> bytes:
    """Return a sound still GIF."""
    return encoded(artwork(64, 48), "GIF")


def _partial_frames() -> bytes:
    """Return an animation of frames that cover only parts, each disposed of in another way."""
    parts = [canvas(8, 8)]
    for disposal in range(4):
        parts.append(b"!\xf9\x04" + struct.pack("<BHBB", disposal << 2 | 1, 5, 0, 0))
        parts.append(frame(disposal, disposal))
    return b"".join(parts) + _TRAILER


def cases() -> list[HostileCase]:
    """Return every GIF."""
    tiny_blocks = b"\x02" + b"\x01\x00" * 1_500_000 + b"\0"
    return [
        HostileCase("gif-still", plain, _TYPE),
        HostileCase("gif-animated", lambda: animation("GIF", duration=90, loop=3), _TYPE),
        HostileCase("gif-partial-frames", _partial_frames, _TYPE),
        HostileCase("gif-then-script", lambda: plain() + b"/*", _TYPE),
        HostileCase("gif-is-also-script", lambda: canvas(0x2F2A, 1) + frame() + _TRAILER + b"*/=1;alert(1)", _TYPE),
        HostileCase("gif-comment-script", lambda: canvas(1, 1) + b"!\xfe\x08<script>\0" + frame() + _TRAILER, _TYPE),
        HostileCase("gif-no-canvas", lambda: canvas(0, 0) + frame() + _TRAILER, _TYPE),
        HostileCase("gif-second-frame-sticks-out", lambda: canvas(4, 4) + frame() + frame(9, 9) + _TRAILER, _TYPE),
        HostileCase("gif-300-frames", lambda: canvas(2, 2) + frame() * 300 + _TRAILER, _TYPE),
        refused("gif-10000-frames", lambda: canvas(1, 1) + frame() * 10_000 + _TRAILER, _TYPE, "too-many-frames"),
        refused("gif-301-frames", lambda: canvas(1, 1) + frame() * 301 + _TRAILER, _TYPE, "too-many-frames"),
        refused(
            "gif-huge-canvas-tiny-frames",
            lambda: canvas(9000, 9000) + frame() * 200 + _TRAILER,
            _TYPE,
            "animation-too-large",
        ),
        refused("gif-65535x65535", lambda: canvas(65535, 65535) + frame() + _TRAILER, _TYPE, "too-long-side"),
        refused("gif-frame-far-out", lambda: canvas(1, 1) + frame(65535, 65535) + _TRAILER, _TYPE, "too-long-side"),
        refused("gif-20000x20000", lambda: canvas(20000, 20000) + frame() + _TRAILER, _TYPE, "too-many-pixels"),
        refused("gif-tiny-blocks", lambda: canvas(1, 1) + frame(data=tiny_blocks) + _TRAILER, _TYPE, "too-complex"),
        refused(
            "gif-many-extensions",
            lambda: canvas(1, 1) + b"!\xf9\0" * 600_000 + frame() + _TRAILER,
            _TYPE,
            "too-complex",
        ),
        damaged("gif-frame-without-pixels", lambda: canvas(4, 4) + frame(0, 0, 0, 0) + _TRAILER, _TYPE),
        damaged("gif-without-frame", lambda: canvas(4, 4) + _TRAILER, _TYPE),
        damaged("gif-without-end", lambda: plain()[:-1], _TYPE),
        damaged("gif-cut-in-header", lambda: plain()[:10], _TYPE),
        damaged("gif-cut-in-palette", lambda: plain()[:50], _TYPE),
        damaged("gif-cut-late", lambda: cut(plain(), 0.9), _TYPE),
        damaged("gif-animated-cut", lambda: cut(animation("GIF"), 0.6), _TYPE),
        damaged("gif-too-little-data", lambda: canvas(64, 48) + frame(0, 0, 64, 48) + _TRAILER, _TYPE),
        damaged("gif-impossible-code-size", lambda: canvas(1, 1) + frame(data=b"\x0f\x01\x44\0") + _TRAILER, _TYPE),
        damaged("gif-unknown-block", lambda: canvas(1, 1) + b"?" + frame() + _TRAILER, _TYPE),
    ]
