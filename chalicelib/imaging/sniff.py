"""What a file really is, told by its bytes: names and declared types are the sender's claims."""

from typing import Literal

from chalicelib.imaging import rejections

SourceFormat = Literal["jpeg", "png", "webp", "gif", "tiff", "avif", "heic"]

_PREFIXES: tuple[tuple[bytes, SourceFormat], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)

# Brands registered at https://mp4ra.org; mif1 and msf1 alone do not tell which codec is inside.
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or a project file of a drawing program"),
    (b"PK\x05\x06", "a zip archive"),
    (b"8BPS", "a Photoshop document"),
    (b"BM", "a Windows bitmap"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"CSFCHUNK", "a Clip Studio project"),
    (b"gimp xcf", "a GIMP project"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"RIFF", "a sound or video file"),
    (b"%!PS", "a PostScript document"),
)


def sniff(data: bytes) -> SourceFormat:
    """Name the type of a picture by its first bytes.

    Raises PictureRejectedError with ``unsupported-type`` for everything else.
    """
    for prefix, name in _PREFIXES:
        if data.startswith(prefix):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _sniff_brands(data)
    raise rejections.unsupported_type(_describe(data))


def _sniff_brands(data: bytes) -> SourceFormat:
    # The box holds its size, "ftyp", the major brand, a version, then compatible brands of four bytes (ISO 14496-12).
    end = min(int.from_bytes(data[:4]), len(data), 1024)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, end, 4))]
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "avif"
        if brand in _HEIC_BRANDS:
            return "heic"
    raise rejections.unsupported_type("a video, or a picture of a kind that is not accepted")


def _describe(data: bytes) -> str:
    for prefix, name in _FOREIGN:
        if data.startswith(prefix):
            return name
    text = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html", b"<script", b"<body")):
        return "a web page"
    return "no type of picture we know"
