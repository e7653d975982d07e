"""JPEG: APP1 (EXIF, XMP and its extension), APP11 (C2PA), APP13 (IIM), comments."""

from collections.abc import Iterator

from chalicelib.imaging.containers.jpeg import segments
from chalicelib.imaging.screening.carriers import MAX_STORE, MAX_TEXT, MAX_XMP, Carrier
from chalicelib.imaging.screening.exif import exif_fields
from chalicelib.imaging.screening.fields import Field
from chalicelib.imaging.screening.iim import photoshop_fields
from chalicelib.imaging.screening.meter import Meter

_APP1, _APP11, _APP13, _COMMENT, _SCAN = 0xE1, 0xEB, 0xED, 0xFE, 0xDA
_XMP, _EXTENDED = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_GUID, _PART_HEADER = 32, 40
_JUMBF_HEADER = 8  # "JP", the number of the box, the number of the part (ISO 19566-5, annex D)


def read(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what a JPEG declares up to its first scan; parts that belong together come last, joined."""
    extended: dict[bytes, dict[int, bytes]] = {}
    stores: dict[bytes, list[bytes]] = {}
    for marker, _, body in segments(data):
        if marker == _SCAN:
            break
        if marker == _APP1 and body.startswith(_XMP):
            yield Carrier("xmp", "JPEG XMP", body[len(_XMP) :])
        elif marker == _APP1 and body.startswith(_EXTENDED):
            _note_part(extended, body[len(_EXTENDED) :])
        elif marker == _APP1 and body.startswith(b"Exif\0\0"):
            yield Carrier("fields", "EXIF", fields=tuple(exif_fields(body, "EXIF", meter)))
        elif marker == _APP11 and body.startswith(b"JP"):
            stores.setdefault(body[2:4], []).append(body)
        elif marker == _APP13 and body.startswith(_PHOTOSHOP):
            blocks = photoshop_fields(body[len(_PHOTOSHOP) :], "IPTC IIM", meter)
            yield Carrier("fields", "IPTC IIM", fields=tuple(blocks))
        elif marker == _COMMENT and meter.field():
            text = meter.take(body, MAX_TEXT).decode("utf-8", "replace").strip("\0 \t\r\n")
            yield Carrier("fields", "JPEG comment", fields=(Field("comment", "comment", "JPEG comment", text),))
    for parts in extended.values():
        # in their order by position; what is missing in between leaves no well-formed packet, and is searched anyway
        yield Carrier("xmp", "JPEG extended XMP", b"".join(parts[at] for at in sorted(parts))[:MAX_XMP])
    for bodies in stores.values():
        yield Carrier("c2pa", "JPEG APP11", _joined(bodies))


def _note_part(extended: dict[bytes, dict[int, bytes]], part: bytes) -> None:
    """Note a part of an extended packet: its digest, the length of the whole, its position, its text (XMP part 3)."""
    if len(part) > _PART_HEADER:
        at = int.from_bytes(part[_GUID + 4 : _PART_HEADER])
        extended.setdefault(part[:_GUID], {}).setdefault(at, part[_PART_HEADER:])


def _joined(bodies: list[bytes]) -> bytes:
    """Return the box that several segments hold; each repeats the box's header before its part."""
    ordered = sorted(bodies, key=lambda body: int.from_bytes(body[4:_JUMBF_HEADER]))
    header = 16 if ordered[0][8:12] == b"\0\0\0\1" else 8  # a length of 1 says that the real one follows the type
    parts = [ordered[0][_JUMBF_HEADER:], *(body[_JUMBF_HEADER + header :] for body in ordered[1:])]
    return b"".join(parts)[:MAX_STORE]
