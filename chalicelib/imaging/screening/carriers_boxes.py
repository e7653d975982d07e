"""AVIF and HEIC: items with EXIF and XMP, and C2PA's box beside them."""

from collections.abc import Iterator

from chalicelib.imaging.containers.bmff import boxes
from chalicelib.imaging.containers.bmff_items import items
from chalicelib.imaging.screening.carriers import MAX_STORE, MAX_XMP, Carrier
from chalicelib.imaging.screening.exif import exif_fields
from chalicelib.imaging.screening.meter import Meter

_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Extended type of C2PA's box (C2PA 2.1, A.5.1)."""

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Extended type of a box with XMP (XMP part 3)."""

_UUID, _FULL_BOX, _MERKLE = 16, 4, 8
_WANTED = frozenset({b"Exif", b"mime"})


def read(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what an AVIF or HEIC declares."""
    for kind, start, end in boxes(data, 0, len(data)):
        if kind != b"uuid":
            continue
        name, body = data[start : start + _UUID], data[start + _UUID : min(end, start + _UUID + MAX_STORE)]
        if name == _C2PA:
            purpose, _, rest = body[_FULL_BOX:].partition(b"\0")
            if purpose != b"merkle":
                yield Carrier("c2pa", "C2PA box", rest[_MERKLE:])
        elif name == _XMP:
            yield Carrier("xmp", "XMP box", body[:MAX_XMP])
    for item in items(data, _WANTED, MAX_XMP):
        if item.kind == b"Exif":
            start = 4 + int.from_bytes(item.data[:4])  # where the TIFF header stands (ISO 23008-12, A.2.1)
            fields = exif_fields(item.data[start:], "EXIF", meter)
            yield Carrier("fields", "EXIF", fields=tuple(fields))
        elif item.media_type == b"application/rdf+xml":
            yield Carrier("xmp", "XMP", item.data)
