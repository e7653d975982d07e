"""PNG and APNG: bombs in every chunk that can hold one, wrong checksums, lying animations."""

import struct
import zlib

import numpy as np
from PIL import Image

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.pictures import animation, artwork, encoded

_TYPE = "image/png"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER = 33  # signature and IHDR


def plain() -> bytes:
    """Return a sound PNG."""
    return encoded(artwork(64, 48), "PNG")


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int, *, bits: int = 8, color: int = 2) -> bytes:
    """Return the signature and the header chunk."""
    return _SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0))


def with_chunk(kind: bytes, body: bytes, *, data: bytes | None = None) -> bytes:
    """Return a PNG with a chunk put right after its header."""
    data = data or plain()
    return data[:_AFTER_HEADER] + chunk(kind, body) + data[_AFTER_HEADER:]


def _zeros(amount: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(amount // len(block))) + packer.flush()


def _blank(width: int, height: int) -> bytes:
    """Return a grey PNG of zeros without holding its pixels."""
    packer, row = zlib.compressobj(1), bytes(width + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return header(width, height, color=0) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _wrong_checksum(kind: bytes) -> bytes:
    data = bytearray(plain())
    at = data.index(kind)
    length = int.from_bytes(data[at - 4 : at])
    data[at + 4 + length] ^= 0xFF
    return bytes(data)


def _flipped_data() -> bytes:
    data = bytearray(plain())
    data[data.index(b"IDAT") + 500] ^= 0xFF
    return bytes(data)


def _short_data() -> bytes:
    """Return a PNG whose checksums are right and whose rows end halfway."""
    rows = zlib.compress((b"\0" + bytes(64 * 3)) * 20)
    return header(64, 48) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _many_frames(count: int) -> bytes:
    frame = struct.pack(">IIIIHHBB", 1, 1, 0, 0, 1, 10, 0, 0)
    pixel = zlib.compress(b"\0\0\0\0")
    parts = [header(1, 1), chunk(b"acTL", struct.pack(">II", count, 0)), chunk(b"fcTL", struct.pack(">I", 0) + frame)]
    parts.append(chunk(b"IDAT", pixel))
    for number in range(1, count):
        parts.append(chunk(b"fcTL", struct.pack(">I", 2 * number - 1) + frame))
        parts.append(chunk(b"fdAT", struct.pack(">I", 2 * number) + pixel))
    return b"".join(parts) + chunk(b"IEND", b"")


def _wide_animation() -> bytes:
    frame = struct.pack(">IIIIIHHBB", 0, 9000, 9000, 0, 0, 1, 10, 0, 0)
    parts = [header(9000, 9000), chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", frame)]
    return b"".join(parts) + chunk(b"IDAT", b"") + chunk(b"fcTL", frame) + chunk(b"IEND", b"")


def _lying_animation() -> bytes:
    data = animation("PNG")
    at = data.index(b"acTL")
    return data[: at - 4] + chunk(b"acTL", struct.pack(">II", 200, 0)) + data[at + 16 :]


def _palette_with_alpha() -> bytes:
    picture = artwork(64, 48).quantize(16)
    return encoded(picture, "PNG", transparency=bytes(range(0, 256, 16)))


def _sixteen_bit_rgba() -> bytes:
    row = b"\0" + struct.pack(">HHHH", 65535, 32768, 0, 40000) * 64
    return header(64, 48, bits=16, color=6) + chunk(b"IDAT", zlib.compress(row * 48)) + chunk(b"IEND", b"")


def _sixteen_bit_grey() -> bytes:
    return encoded(Image.fromarray(np.linspace(0, 65535, 64 * 48, dtype=np.uint16).reshape(48, 64)), "PNG")


def cases() -> list[HostileCase]:
    """Return every PNG."""
    return [
        HostileCase("png-palette-with-alpha", _palette_with_alpha, _TYPE),
        HostileCase("png-one-bit", lambda: encoded(artwork(64, 48).convert("1"), "PNG"), _TYPE),
        HostileCase("png-grey-alpha", lambda: encoded(artwork(64, 48, alpha=True).convert("LA"), "PNG"), _TYPE),
        HostileCase("png-sixteen-bit-grey", _sixteen_bit_grey, _TYPE),
        HostileCase("png-sixteen-bit-rgba", _sixteen_bit_rgba, _TYPE),
        HostileCase("png-all-transparent", lambda: encoded(Image.new("RGBA", (40, 30)), "PNG"), _TYPE),
        HostileCase(
            "png-one-color-transparent", lambda: encoded(artwork(64, 48), "PNG", transparency=(0, 0, 0)), _TYPE
        ),
        HostileCase("png-wide-30000x10", lambda: encoded(artwork(30000, 10), "PNG"), _TYPE),
        HostileCase("png-animated", lambda: animation("PNG", duration=80), _TYPE),
        HostileCase("png-animated-default-image", lambda: animation("PNG", default_image=True), _TYPE),
        HostileCase("png-then-html", lambda: plain() + b"<html><script>alert(1)</script>", _TYPE),
        HostileCase("png-ztxt-bomb", lambda: with_chunk(b"zTXt", b"Comment\0\0" + _zeros(40_000_000)), _TYPE),
        HostileCase("png-itxt-bomb", lambda: with_chunk(b"iTXt", b"a\0\x01\0\0\0" + _zeros(40_000_000)), _TYPE),
        HostileCase("png-iccp-bomb", lambda: with_chunk(b"iCCP", b"icc\0\0" + _zeros(40_000_000)), _TYPE),
        HostileCase("png-iccp-garbage", lambda: with_chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"x" * 900)), _TYPE),
        HostileCase("png-iccp-not-zlib", lambda: with_chunk(b"iCCP", b"icc\0\0garbage"), _TYPE),
        HostileCase("png-exif-garbage", lambda: with_chunk(b"eXIf", b"II*\0" + b"\xff" * 99), _TYPE),
        HostileCase("png-huge-text", lambda: with_chunk(b"tEXt", b"parameters\0" + b"a" * 4_000_000), _TYPE),
        HostileCase("png-stray-animation-chunk", lambda: with_chunk(b"acTL", struct.pack(">II", 0, 0)), _TYPE),
        refused("png-1x100000", lambda: _blank(1, 100_000), _TYPE, "too-long-side"),
        refused("png-100000x1", lambda: _blank(100_000, 1), _TYPE, "too-long-side"),
        refused("png-50000x50000-header-only", lambda: header(50_000, 50_000), _TYPE, "too-long-side"),
        refused("png-25000x25000-header-only", lambda: header(25_000, 25_000), _TYPE, "too-many-pixels"),
        refused("png-13000x13000-grey", lambda: _blank(13_000, 13_000), _TYPE, "too-many-pixels"),
        refused("png-2147483647-wide", lambda: header(2**31 - 1, 2**31 - 1), _TYPE, "too-long-side"),
        refused("png-animated-10000-frames", lambda: _many_frames(10_000), _TYPE, "too-many-frames"),
        refused("png-animated-81-megapixels", _wide_animation, _TYPE, "animation-too-large"),
        refused(
            "png-many-chunks",
            lambda: plain()[:_AFTER_HEADER] + chunk(b"teSt", b"") * 120_000 + plain()[_AFTER_HEADER:],
            _TYPE,
            "too-complex",
        ),
        damaged("png-animated-lying-count", _lying_animation, _TYPE),
        damaged("png-animated-cut", lambda: cut(animation("PNG"), 0.7), _TYPE),
        damaged("png-no-width", lambda: header(0, 48) + chunk(b"IEND", b""), _TYPE),
        damaged("png-header-only", lambda: header(64, 48), _TYPE),
        damaged("png-without-data", lambda: header(64, 48) + chunk(b"IEND", b""), _TYPE),
        damaged("png-wrong-header-checksum", lambda: _wrong_checksum(b"IHDR"), _TYPE),
        damaged("png-wrong-data-checksum", lambda: _wrong_checksum(b"IDAT"), _TYPE),
        damaged("png-flipped-bits", _flipped_data, _TYPE),
        damaged("png-short-data", _short_data, _TYPE),
        damaged("png-wrong-length", lambda: plain()[:_AFTER_HEADER] + b"\x7f" + plain()[_AFTER_HEADER + 1 :], _TYPE),
        damaged("png-cut-in-header", lambda: plain()[:20], _TYPE),
        damaged("png-cut-early", lambda: cut(plain(), 0.3), _TYPE),
        damaged("png-cut-late", lambda: cut(plain(), 0.95), _TYPE),
        damaged("png-without-end", lambda: plain()[:-12], _TYPE),
        damaged("png-unknown-color-type", lambda: header(8, 8, color=5) + plain()[_AFTER_HEADER:], _TYPE),
        damaged("png-palette-missing", lambda: header(64, 48, color=3) + plain()[_AFTER_HEADER:], _TYPE),
    ]
