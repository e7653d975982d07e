"""TIFF: directories that loop or lie, and the many layouts that are sound."""

import struct
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.pictures import artwork, encoded

_TYPE = "image/tiff"
_SHORT, _LONG = 3, 4

Entry = tuple[int, int, int, int]
"""Tag, kind, count, and the value or where it stands."""


def plain(**options: object) -> bytes:
    """Return a sound TIFF."""
    return encoded(artwork(64, 48), "TIFF", **options)


def directory(entries: list[Entry], *, following: int = 0, pixels: bytes = bytes(64)) -> bytes:
    """Return a grey TIFF with a directory at position 8 and its pixels behind it."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", following) + pixels


def grey(*more: Entry, width: int = 8, height: int = 8, following: int = 0) -> bytes:
    """Return an uncompressed grey TIFF with further tags."""
    replaced = {entry[0] for entry in more}
    usual: list[Entry] = [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, 1, 8),
        (259, _SHORT, 1, 1),
        (262, _SHORT, 1, 1),
        (273, _LONG, 1, 0),
        (278, _LONG, 1, height),
        (279, _LONG, 1, width * height),
    ]
    entries = sorted([entry for entry in usual if entry[0] not in replaced] + list(more))
    start = 8 + 2 + 12 * len(entries) + 4
    entries = [(273, _LONG, 1, start) if entry == (273, _LONG, 1, 0) else entry for entry in entries]
    return directory(entries, following=following)


def _lab() -> bytes:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    picture = ImageCms.applyTransform(artwork(64, 48), to_lab)
    if picture is None:
        raise RuntimeError("no picture")
    return encoded(picture, "TIFF")


def _pages() -> bytes:
    pages = [artwork(64, 48, seed=seed) for seed in range(5)]
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def _private_tags() -> bytes:
    """Return a TIFF with a long text in a private tag, XMP and Photoshop blocks."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700] = b"<x:xmpmeta/>" * 1000
    tags[34377] = b"8BIM\x04\x0c\0\0\xff\xff\xff\xff" * 100
    return plain(tiffinfo=tags)


def _float(low: float, high: float) -> bytes:
    return encoded(Image.fromarray(np.linspace(low, high, 64 * 48).astype(np.float32).reshape(48, 64)), "TIFF")


def _not_numbers() -> bytes:
    values = np.full((48, 64), np.nan, np.float32)
    values[10:20, 10:20] = np.inf
    return encoded(Image.fromarray(values), "TIFF")


def _big() -> bytes:
    return plain(big_tiff=True)


def cases() -> list[HostileCase]:
    """Return every TIFF."""
    big_header = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16)
    return [
        HostileCase("tiff-plain", plain, _TYPE),
        HostileCase("tiff-lzw", lambda: plain(compression="tiff_lzw"), _TYPE),
        HostileCase("tiff-jpeg", lambda: plain(compression="jpeg"), _TYPE),
        HostileCase("tiff-big", _big, _TYPE),
        HostileCase("tiff-cmyk", lambda: encoded(artwork(64, 48).convert("CMYK"), "TIFF"), _TYPE),
        HostileCase("tiff-lab", _lab, _TYPE),
        HostileCase("tiff-rgba", lambda: encoded(artwork(64, 48, alpha=True), "TIFF"), _TYPE),
        HostileCase(
            "tiff-one-bit-fax", lambda: encoded(artwork(64, 48).convert("1"), "TIFF", compression="group4"), _TYPE
        ),
        HostileCase("tiff-sixteen-bit", lambda: encoded(Image.new("I;16", (64, 48), 40000), "TIFF"), _TYPE),
        HostileCase("tiff-thirty-two-bit", lambda: encoded(Image.new("I", (64, 48), 70000), "TIFF"), _TYPE),
        HostileCase("tiff-float", lambda: _float(0.0, 1.0), _TYPE),
        HostileCase("tiff-float-negative", lambda: _float(-3.0, 900.0), _TYPE),
        HostileCase("tiff-float-extreme", lambda: _float(-3.4e38, 3.4e38), _TYPE),
        HostileCase("tiff-float-one-huge-value", lambda: _float(3e38, 3e38), _TYPE),
        HostileCase("tiff-float-not-a-number", _not_numbers, _TYPE),
        HostileCase("tiff-pages", _pages, _TYPE),
        HostileCase("tiff-private-tags", _private_tags, _TYPE),
        HostileCase("tiff-directory-loop", lambda: grey(following=8), _TYPE),
        HostileCase("tiff-sub-directory-loop", lambda: grey((34665, _LONG, 1, 8), (330, _LONG, 1, 8)), _TYPE),
        HostileCase("tiff-giant-unneeded-tag", lambda: grey((40000, _LONG, 2**32 - 1, 8)), _TYPE),
        HostileCase("tiff-giant-icc", lambda: grey((34675, 7, 2**31, 8)), _TYPE),
        HostileCase("tiff-impossible-orientation", lambda: grey((274, _SHORT, 1, 77)), _TYPE),
        refused("tiff-giant-strip-count", lambda: grey((273, _LONG, 2**30, 8)), _TYPE, "too-complex"),
        refused("tiff-giant-tiles", lambda: grey((322, _LONG, 1, 2**16), (323, _LONG, 1, 2**16)), _TYPE, "too-complex"),
        refused("tiff-many-tags", lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(800_000), _TYPE, "too-complex"),
        refused("tiff-big-endless", lambda: big_header + b"\xff" * 8 + bytes(99), _TYPE, "too-complex"),
        refused("tiff-huge", lambda: grey((279, _LONG, 1, 64), width=2**31, height=2**31), _TYPE, "too-long-side"),
        refused("tiff-large", lambda: grey(width=20_000, height=20_000), _TYPE, "too-many-pixels"),
        refused("tiff-camera-raw", lambda: grey((50706, 1, 4, 0x00000401)), _TYPE, "unsupported-type"),
        refused("tiff-thumbnail-first", lambda: grey((254, _LONG, 1, 1)), _TYPE, "unsupported-type"),
        damaged("tiff-unknown-coding", lambda: grey((259, _SHORT, 1, 777)), _TYPE, "unsupported-encoding"),
        damaged("tiff-nine-bits", lambda: grey((258, _SHORT, 1, 9)), _TYPE, "unsupported-encoding"),
        damaged("tiff-directory-outside", lambda: b"II*\0\xff\xff\xff\x7f" + bytes(50), _TYPE),
        damaged("tiff-big-directory-far-out", lambda: big_header[:8] + b"\xff" * 8 + bytes(99), _TYPE),
        damaged("tiff-strip-outside", lambda: grey((273, _LONG, 1, 10**9)), _TYPE),
        damaged("tiff-too-little-data", lambda: grey(width=500, height=500), _TYPE),
        damaged("tiff-cut-in-header", lambda: plain()[:6], _TYPE),
        damaged("tiff-cut", lambda: cut(plain(compression="tiff_lzw"), 0.5), _TYPE),
        damaged("tiff-flipped-bits", _flipped, _TYPE),
    ]


def _flipped() -> bytes:
    data = bytearray(plain(compression="tiff_adobe_deflate"))
    start = TiffImagePlugin.TiffImageFile(BytesIO(bytes(data))).tag_v2[273][0]
    data[start + 300 : start + 320] = b"\xff" * 20
    return bytes(data)
