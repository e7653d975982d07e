"""JPEG: cut, lying, endless, foreign, and the unusual ones that are sound."""

import base64
import struct

from PIL import Image

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.other_files import zip_archive
from tests.corpus.pictures import artwork, encoded

_TYPE = "image/jpeg"

# Made with `cjpeg -quality 70 -arithmetic` of libjpeg-turbo from a gradient of 48 by 32 pixels.
_ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8"
    "SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/yQARCAAgADAD"
    "ASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/ALeKiL5hJ6SDLzP+JpREAEfWw5KGDLrCZe7RKvMaOtB5YzvDtrubA0z63B8y5DOO"
    "/tKiBH6uFX/tDBLZ/nOaSBdHMqPsu8f4yE9DwVLmJDK8TFXd2RiA/9k="
)


def plain(width: int = 64, height: int = 48, **options: object) -> bytes:
    """Return a sound JPEG."""
    return encoded(artwork(width, height), "JPEG", quality=80, **options)


def segment(marker: int, body: bytes) -> bytes:
    """Return a marker with its length and body."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(*segments: bytes, data: bytes | None = None) -> bytes:
    """Return a JPEG with segments put right after its first marker."""
    data = data or plain()
    return data[:2] + b"".join(segments) + data[2:]


def with_frame(width: int, height: int, *, marker: int = 0xC0, bits: int = 8) -> bytes:
    """Return a JPEG whose frame header lies."""
    data = plain()
    at = data.index(b"\xff\xc0")
    return data[:at] + struct.pack(">BBHBHH", 0xFF, marker, 17, bits, height, width) + data[at + 9 :]


def two_pictures() -> bytes:
    """Return a multi-picture JPEG as phones and cameras write it."""
    return encoded(artwork(64, 48), "MPO", save_all=True, append_images=[artwork(64, 48, seed=2)])


def cmyk(*, adobe: bool) -> bytes:
    """Return a printer's JPEG; Pillow writes the Adobe marker, under which values are inverted."""
    data = encoded(artwork(64, 48).convert("CMYK"), "JPEG")
    at = data.index(b"\xff\xee")
    return data if adobe else data[:at] + data[at + 16 :]


def _altered_data() -> bytes:
    data = bytearray(plain())
    middle = data.index(b"\xff\xda") + 200
    data[middle : middle + 4] = b"\xff\xc0\0\0"  # a frame header amid the coded data
    return bytes(data)


def _many_scans() -> bytes:
    data = plain(progressive=True)
    start = data.index(b"\xff\xda")
    end = data.index(b"\xff", start + 2 + 12)
    return data[:-2] + data[start:end] * 500 + data[-2:]


def _photoshop_loop() -> bytes:
    return with_segments(segment(0xED, b"Photoshop 3.0\0" + (b"8BIM\x04\x0c\0\0" + b"\xff\xff\xff\xff") * 500))


def _exif_loop() -> bytes:
    # A directory that names itself as its successor and as its sub-directory.
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    return with_segments(segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)))


def _huge_xmp() -> bytes:
    part = b"http://ns.adobe.com/xap/1.0/\0" + b"<rdf:RDF" * 8000
    return with_segments(*[segment(0xE1, part)] * 60)


def cases() -> list[HostileCase]:
    """Return every JPEG."""
    return [
        HostileCase("jpeg-progressive", lambda: plain(progressive=True), _TYPE),
        HostileCase("jpeg-grey", lambda: encoded(artwork(64, 48).convert("L"), "JPEG"), _TYPE),
        HostileCase("jpeg-cmyk-adobe-inverted", lambda: cmyk(adobe=True), _TYPE),
        HostileCase("jpeg-cmyk-without-adobe", lambda: cmyk(adobe=False), _TYPE),
        HostileCase("jpeg-two-pictures-mpo", two_pictures, _TYPE),
        HostileCase("jpeg-arithmetic-coding", lambda: _ARITHMETIC, _TYPE),
        # As in a motion JPEG, whose frames rely on the standard tables.
        HostileCase("jpeg-without-tables", lambda: plain().replace(b"\xff\xc4", b"\xff\xe9"), _TYPE),
        HostileCase("jpeg-one-pixel", lambda: encoded(Image.new("RGB", (1, 1), "red"), "JPEG"), _TYPE),
        HostileCase("jpeg-very-flat", lambda: encoded(artwork(4000, 3), "JPEG"), _TYPE),
        HostileCase("jpeg-then-zip", lambda: plain() + zip_archive(), _TYPE),
        HostileCase("jpeg-then-markers", lambda: plain() + b"\xff\xda" * 1000, _TYPE),
        HostileCase("jpeg-comment-script", lambda: plain(comment=b"<script>alert(1)</script>"), _TYPE),
        HostileCase("jpeg-icc-garbage", lambda: plain(icc_profile=b"\0\xff" * 3000), _TYPE),
        HostileCase("jpeg-icc-of-other-colors", lambda: plain(icc_profile=_lab_profile()), _TYPE),
        HostileCase("jpeg-exif-garbage", lambda: with_segments(segment(0xE1, b"Exif\0\0II*\0" + b"\xff" * 400)), _TYPE),
        HostileCase("jpeg-exif-loop", _exif_loop, _TYPE),
        HostileCase("jpeg-photoshop-loop", _photoshop_loop, _TYPE),
        HostileCase("jpeg-mpf-garbage", lambda: with_segments(segment(0xE2, b"MPF\0II*\0" + b"\xff" * 90)), _TYPE),
        HostileCase("jpeg-xmp-huge", _huge_xmp, _TYPE),
        HostileCase("jpeg-named-png", plain, "image/png"),
        HostileCase("jpeg-fill-bytes", lambda: with_segments(b"\xff" * 5000), _TYPE),
        damaged("jpeg-cut-in-header", lambda: plain()[:100], _TYPE),
        damaged("jpeg-cut-after-frame", lambda: plain()[: plain().index(b"\xff\xc0") + 8], _TYPE),
        damaged("jpeg-cut-early", lambda: cut(plain(), 0.5), _TYPE),
        damaged("jpeg-cut-late", lambda: cut(plain(), 0.9), _TYPE),
        damaged("jpeg-without-end", lambda: plain()[:-2], _TYPE),
        damaged("jpeg-progressive-cut", lambda: cut(plain(progressive=True), 0.6), _TYPE),
        damaged("jpeg-wrong-segment-length", lambda: with_segments(b"\xff\xe1\xff\xff"), _TYPE),
        damaged("jpeg-segment-length-zero", lambda: with_segments(b"\xff\xe5\0\0"), _TYPE),
        damaged("jpeg-altered-data", _altered_data, _TYPE),
        damaged("jpeg-without-frame", lambda: plain().replace(b"\xff\xc0", b"\xff\xe9"), _TYPE),
        damaged("jpeg-lying-size", lambda: with_frame(9000, 9000), _TYPE),
        damaged("jpeg-no-height", lambda: with_frame(64, 0), _TYPE),
        damaged("jpeg-twelve-bit", lambda: with_frame(64, 48, bits=12), _TYPE, "unsupported-encoding"),
        damaged("jpeg-lossless", lambda: with_frame(64, 48, marker=0xC3), _TYPE, "unsupported-encoding"),
        refused("jpeg-lying-sides", lambda: with_frame(65000, 65000), _TYPE, "too-long-side"),
        refused("jpeg-lying-pixels", lambda: with_frame(20000, 20000), _TYPE, "too-many-pixels"),
        refused("jpeg-many-scans", _many_scans, _TYPE, "too-complex"),
        refused("jpeg-many-segments", lambda: with_segments(b"\xff\xe7\0\x02" * 5000), _TYPE, "too-complex"),
        damaged("jpeg-only-zeros", lambda: b"\xff\xd8\xff\xe0" + bytes(4_000_000), _TYPE),
        damaged("jpeg-only-markers", lambda: b"\xff\xd8" + b"\xff" * 4_000_000, _TYPE),
    ]


def _lab_profile() -> bytes:
    from PIL import ImageCms

    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
