"""Texts of an EXIF block, or of a TIFF's own directory."""

from collections.abc import Iterator

from chalicelib.imaging.containers.tiff_fields import fields
from chalicelib.imaging.screening.fields import Field, Role
from chalicelib.imaging.screening.meter import Meter

_COMMENT = 0x9286
_TAGS: dict[int, tuple[str, Role]] = {
    0x010E: ("ImageDescription", "description"),
    0x010F: ("Make", "make"),
    0x0110: ("Model", "model"),
    0x0131: ("Software", "software"),
    0x013B: ("Artist", "artist"),
    _COMMENT: ("UserComment", "comment"),
}
MAX_FIELD = 2**20
"""Bytes of one text: ComfyUI puts whole workflows into the model of the camera."""


def exif_fields(block: bytes, where: str, meter: Meter) -> Iterator[Field]:
    """Yield the texts of a block, with or without its ``Exif`` prefix, that generators are known to write."""
    for tag, value in fields(block.removeprefix(b"Exif\0\0"), _TAGS):
        if not meter.field():
            return
        name, role = _TAGS[tag]
        taken = meter.take(value, MAX_FIELD)
        text = comment_text(taken) if tag == _COMMENT else taken.decode("utf-8", "replace")
        yield Field(role, name, f"{where} {name}", text.strip("\0 \t\r\n"))


def comment_text(value: bytes) -> str:
    """Return the text of a UserComment, whose first eight bytes name its coding (EXIF 3.0, 4.6.6).

    ``UNICODE`` says nothing of the order of bytes, and writers differ: the zeros of ASCII letters tell.
    """
    code, rest = value[:8], value[8:]
    if code.startswith(b"UNICODE"):
        head = rest[:256]
        order = "utf-16-be" if head[0::2].count(0) >= head[1::2].count(0) else "utf-16-le"
        return rest.decode(order, "replace").removeprefix("\ufeff")
    known = code.startswith((b"ASCII", b"JIS\0")) or not any(code)
    return (rest if known else value).decode("utf-8", "replace")
