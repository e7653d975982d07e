"""PNG and APNG: text chunks, compressed or not, ``eXIf``, ``caBX`` (C2PA), and ComfyUI's ``comf``."""

from collections.abc import Iterator

from chalicelib.imaging.containers.png import chunks
from chalicelib.imaging.screening.carriers import MAX_STORE, MAX_TEXT, MAX_XMP, Carrier
from chalicelib.imaging.screening.exif import exif_fields
from chalicelib.imaging.screening.fields import named
from chalicelib.imaging.screening.meter import Meter

_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf"})
_XMP = "XML:com.adobe.xmp"
_RAW = "raw profile type "
_KEYWORD = 80
"""A keyword has at most 79 bytes (W3C PNG, 11.3.3)."""


def read(data: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what a PNG declares, wherever it stands among its chunks; checksums are not looked at."""
    for kind, body, _ in chunks(data):
        if kind in _TEXTS:
            if meter.field():
                yield from _text(kind, body, meter)
        elif kind == b"eXIf":
            yield Carrier("fields", "PNG eXIf", fields=tuple(exif_fields(bytes(body[:MAX_TEXT]), "PNG eXIf", meter)))
        elif kind == b"caBX":
            yield Carrier("c2pa", "PNG caBX", bytes(body[:MAX_STORE]))


def _text(kind: bytes, body: memoryview, meter: Meter) -> Iterator[Carrier]:
    head = bytes(body[:_KEYWORD])
    keyword, found, _ = head.partition(b"\0")
    if not found:
        return
    name, rest = keyword.decode("latin-1"), body[len(keyword) + 1 :]
    most = MAX_XMP if name == _XMP else MAX_TEXT
    value = _value(kind, rest, most, meter)
    if name == _XMP:
        yield Carrier("xmp", "PNG XMP", value)
    elif name.lower().startswith(_RAW):
        yield from _raw_profile(name[len(_RAW) :].lower(), value, meter)
    else:
        # generators write UTF-8 where Latin-1 is called for
        where = f"PNG {kind.decode()} {name}"
        yield Carrier("fields", where, fields=(named(name, where, value.decode("utf-8", "replace")),))


def _value(kind: bytes, rest: memoryview, most: int, meter: Meter) -> bytes:
    """Return the text behind a keyword, inflated within the bounds."""
    if kind == b"zTXt":
        return meter.inflate(rest[1:], most)
    if kind != b"iTXt":
        return meter.take(rest, most)
    packed = bytes(rest[:1]) == b"\1"
    # flag, method, then language and translated keyword, each with a zero behind
    prefix = bytes(rest[2:1026])
    language = prefix.find(b"\0")
    translated = prefix.find(b"\0", language + 1)
    text = rest[2 + translated + 1 :]
    if language < 0 or translated < 0:
        return b""
    return meter.inflate(text, most) if packed else meter.take(text, most)


def _raw_profile(kind: str, value: bytes, meter: Meter) -> Iterator[Carrier]:
    """Yield what ImageMagick keeps of a JPEG's EXIF and XMP: a name, a length, and the bytes in hexadecimal."""
    try:
        block = bytes.fromhex(value.split(None, 2)[2].decode("ascii"))
    except (IndexError, ValueError):
        return
    where = f"PNG raw profile {kind}"
    if kind == "xmp" or block.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        yield Carrier("xmp", where, block.removeprefix(b"http://ns.adobe.com/xap/1.0/\0"))
    elif kind in {"exif", "app1"}:
        yield Carrier("fields", where, fields=tuple(exif_fields(block, where, meter)))
