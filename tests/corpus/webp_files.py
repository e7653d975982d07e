"""WebP: lying canvases, endless frames, cut files."""

import struct

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.pictures import animation, artwork, encoded

_TYPE = "image/webp"


def plain() -> bytes:
    """Return a sound lossy WebP."""
    return encoded(artwork(64, 48), "WEBP")


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a RIFF chunk, padded to an even length."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    """Return a WebP file of chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(width: int, height: int, *, flags: int = 0) -> bytes:
    """Return the chunk that declares a canvas."""
    return chunk(
        b"VP8X", struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )


def _frames(count: int, size: int) -> bytes:
    """Return an animation of one pixel frames on a square canvas."""
    picture = encoded(artwork(1, 1), "WEBP")[12:]
    one = chunk(b"ANMF", bytes(6) + bytes(6) + (40).to_bytes(3, "little") + b"\0" + picture)
    return riff(extended(size, size, flags=2), chunk(b"ANIM", bytes(6)), *[one] * count)


def _wrong_start_code() -> bytes:
    data = bytearray(plain())
    data[23:26] = b"\xff" * 3
    return bytes(data)


def cases() -> list[HostileCase]:
    """Return every WebP."""
    return [
        HostileCase("webp-lossy", plain, _TYPE),
        HostileCase("webp-lossless-alpha", lambda: encoded(artwork(64, 48, alpha=True), "WEBP", lossless=True), _TYPE),
        HostileCase("webp-animated", lambda: animation("WEBP", duration=70, loop=2), _TYPE),
        HostileCase("webp-then-zip", lambda: plain() + b"PK\x03\x04" * 50, _TYPE),
        HostileCase("webp-icc-garbage", lambda: encoded(artwork(64, 48), "WEBP", icc_profile=b"\xff" * 500), _TYPE),
        refused("webp-huge-canvas", lambda: riff(extended(2**24, 2**24), plain()[12:]), _TYPE, "too-long-side"),
        refused("webp-large-canvas", lambda: riff(extended(16384, 16384), plain()[12:]), _TYPE, "too-many-pixels"),
        refused("webp-1000-frames", lambda: _frames(1000, 1), _TYPE, "too-many-frames"),
        refused("webp-huge-animation", lambda: _frames(200, 9000), _TYPE, "animation-too-large"),
        refused(
            "webp-many-chunks", lambda: riff(extended(64, 48), *[chunk(b"ABCD", b"")] * 20_000), _TYPE, "too-complex"
        ),
        damaged("webp-lying-canvas", lambda: riff(extended(300, 200), plain()[12:]), _TYPE),
        damaged("webp-lying-length", lambda: plain()[:4] + b"\xff\xff\xff\x7f" + plain()[8:], _TYPE),
        damaged("webp-cut-in-header", lambda: plain()[:24], _TYPE),
        damaged("webp-cut-early", lambda: cut(plain(), 0.4), _TYPE),
        damaged("webp-cut-late", lambda: cut(plain(), 0.95), _TYPE),
        damaged("webp-animated-cut", lambda: cut(animation("WEBP"), 0.6), _TYPE),
        damaged("webp-cut-with-right-lengths", lambda: riff(chunk(b"VP8 ", cut(plain()[20:], 0.5))), _TYPE),
        damaged("webp-wrong-start-code", _wrong_start_code, _TYPE),
        damaged("webp-without-picture", lambda: riff(chunk(b"XMP ", b"<x/>")), _TYPE),
    ]
