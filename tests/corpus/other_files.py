"""Files that are no picture of an accepted type, under the names and types of one."""

import random
import struct
import zipfile
from functools import partial
from io import BytesIO

from tests.corpus.case import HostileCase, damaged, refused
from tests.corpus.pictures import artwork, encoded

_JPEG = "image/jpeg"

SVG = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script>
<image href="file:///etc/passwd" width="9" height="9"/></svg>"""
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n"
MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp41") + b"\0\0\0\x08mdat"
PSD = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 50_000, 50_000, 8, 3)


def zip_archive(content: bytes = b"hello") -> bytes:
    """Return a zip archive with one file of a fixed date."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _entities() -> bytes:
    """Return an SVG whose entities would grow to a billion words."""
    lines = ['<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{depth} "{f"&a{depth - 1};" * 10}">' for depth in range(1, 10)]
    return f"<!DOCTYPE svg [{''.join(lines)}]><svg>&a9;</svg>".encode()


def cases() -> list[HostileCase]:
    """Return every file of a foreign type, and those of no type at all."""
    foreign = {
        "svg-named-jpeg": SVG,
        "svg-billion-laughs": _entities(),
        "html-named-png": HTML,
        "pdf-named-jpeg": PDF,
        "zip-named-jpeg": zip_archive(),
        "zip-bomb": zip_archive(bytes(100_000_000)),
        "mp4-named-gif": MP4,
        "psd-of-50000": PSD,
        "bmp": encoded(artwork(16, 16), "BMP"),
        "ico": encoded(artwork(16, 16), "ICO"),
        "jpeg-2000": encoded(artwork(16, 16), "JPEG2000"),
        "targa": encoded(artwork(16, 16), "TGA"),
        "portable-pixmap": b"P6\n50000 50000\n255\n",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        "wave-sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(28),
        "plain-text": b"Just a note about my picture.\n" * 20,
        "random-bytes": random.Random(7).randbytes(50_000),
        "one-byte": b"\xff",
        "zeros": bytes(100_000),
        "half-a-signature": b"\x89PNG",
        "unknown-brand": struct.pack(">I4s4sI4s", 20, b"ftyp", b"mif1", 0, b"miaf") + bytes(40),
        "script": b"#!/bin/sh\nrm -rf /\n",
    }
    signatures = {
        "jpeg": b"\xff\xd8\xff",
        "png": b"\x89PNG\r\n\x1a\n",
        "gif": b"GIF89a",
        "webp": b"RIFF\x04\0\0\0WEBP",
        "tiff": b"II*\0",
        "avif": b"\0\0\0\x14ftypavif\0\0\0\0mif1",
        "heic": b"\0\0\0\x14ftypheic\0\0\0\0mif1",
    }
    return [
        damaged("empty", lambda: b"", _JPEG, "empty-file"),
        *(refused(name, partial(bytes, data), _JPEG, "unsupported-type") for name, data in foreign.items()),
        *(
            damaged(f"{name}-signature-only", partial(bytes, data), f"image/{name}")
            for name, data in signatures.items()
        ),
    ]
