"""WebP, GIF and TIFF."""

from collections.abc import Iterator

from chalicelib.imaging.containers import gif, webp
from chalicelib.imaging.containers.tiff_fields import fields
from chalicelib.imaging.screening.carriers import MAX_STORE, MAX_TEXT, MAX_XMP, Carrier
from chalicelib.imaging.screening.exif import exif_fields
from chalicelib.imaging.screening.fields import Field
from chalicelib.imaging.screening.iim import iim_fields
from chalicelib.imaging.screening.meter import Meter

_GIF_COMMENT = 0xFE
_TIFF_XMP, _TIFF_IIM, _TIFF_C2PA = 700, 33723, 52545
"""XMP part 3; IIM in TIFF; C2PA 2.1, A.3.4."""


def read_webp(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what a WebP declares in its ``XMP``, ``EXIF`` and ``C2PA`` chunks."""
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    for kind, body in webp.chunks(data, end):
        if kind == b"XMP ":
            yield Carrier("xmp", "WebP XMP", bytes(body[:MAX_XMP]))
        elif kind == b"EXIF":
            block = bytes(body[: 4 * MAX_TEXT])
            yield Carrier("fields", "WebP EXIF", fields=tuple(exif_fields(block, "WebP EXIF", meter)))
        elif kind == b"C2PA":
            yield Carrier("c2pa", "WebP C2PA", bytes(body[:MAX_STORE]))


def read_gif(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what a GIF declares in comments and in the blocks of XMP and C2PA (C2PA 2.1, A.3.7)."""
    for extension in gif.extensions(data):
        if extension.label == _GIF_COMMENT and meter.field():
            text = meter.take(extension.joined(data, MAX_TEXT), MAX_TEXT).decode("utf-8", "replace")
            comment = Field("comment", "comment", "GIF comment", text.strip("\0 \t\r\n"))
            yield Carrier("fields", "GIF comment", fields=(comment,))
        elif extension.name == b"XMP DataXMP":
            yield Carrier("xmp", "GIF XMP", extension.raw(data)[:MAX_XMP])
        elif extension.name.startswith(b"C2PA_GIF"):
            yield Carrier("c2pa", "GIF C2PA", extension.joined(data, MAX_STORE))


def read_tiff(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what the first directory of a TIFF declares: that is the picture which is shown.

    Each tag is looked at once: thousands may point at the same bytes.
    """
    wanted = {_TIFF_XMP, _TIFF_IIM, _TIFF_C2PA}
    for tag, value in fields(data, frozenset(wanted)):
        if tag not in wanted:
            continue
        wanted.remove(tag)
        if tag == _TIFF_XMP:
            yield Carrier("xmp", "TIFF XMP", bytes(value[:MAX_XMP]))
        elif tag == _TIFF_C2PA:
            yield Carrier("c2pa", "TIFF C2PA", bytes(value[:MAX_STORE]))
        else:
            found = iim_fields(bytes(value[:MAX_TEXT]), "IPTC IIM", meter)
            yield Carrier("fields", "IPTC IIM", fields=tuple(found))
    yield Carrier("fields", "TIFF", fields=tuple(exif_fields(data, "TIFF", meter)))
