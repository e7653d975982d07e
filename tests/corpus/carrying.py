"""Puts EXIF, XMP, comments and C2PA manifests into sound little pictures of every accepted type."""

import struct
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.corpus import bmff_files, gif_files, jpeg_files, png_files, tiff_files, webp_files
from tests.corpus.pictures import animation, artwork, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("jpeg", "png", "webp", "gif", "tiff", "avif", "heic")
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_ITEM = 2


def with_xmp(name: str, packet: bytes) -> bytes:
    """Return a picture with an XMP packet."""
    magic = bytes((1, *range(255, -1, -1), 0))
    makes: dict[str, Callable[[], bytes]] = {
        "jpeg": lambda: jpeg_files.with_segments(jpeg_files.segment(0xE1, _XMP + packet)),
        "png": lambda: png_files.with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet),
        "webp": lambda: with_webp_chunk(b"XMP ", packet, flag=4),
        "gif": lambda: with_gif_block(b"!\xff\x0bXMP DataXMP" + packet + magic),
        "tiff": lambda: tiff_with({700: packet}),
        "avif": lambda: bmff_files.avif(xmp=packet),
        "heic": lambda: heic_with_item(b"mime", packet, b"application/rdf+xml\0"),
    }
    return makes[name]()


def with_extended_xmp(main: bytes, whole: bytes, *, part: int = 400) -> bytes:
    """Return a JPEG whose main packet is followed by the parts of an extended one, the last part first."""
    guid = b"0123456789ABCDEF" * 2
    parts = [
        jpeg_files.segment(0xE1, _EXTENDED + guid + struct.pack(">II", len(whole), at) + whole[at : at + part])
        for at in range(0, len(whole), part)
    ]
    return jpeg_files.with_segments(jpeg_files.segment(0xE1, _XMP + main), *reversed(parts))


def exif_block(tags: dict[int, Any], comment: bytes | None = None) -> bytes:
    """Return an EXIF block with tags of the first directory, and a UserComment as it stands."""
    exif = Image.Exif()
    exif.update(tags)
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    return exif.tobytes()


def with_exif(name: str, tags: dict[int, Any], comment: bytes | None = None) -> bytes:
    """Return a picture with an EXIF block; there is none in GIF."""
    block = exif_block(tags, comment)
    match name:
        case "jpeg":
            return jpeg_files.plain(exif=block)
        case "png":
            return png_files.with_chunk(b"eXIf", block.removeprefix(b"Exif\0\0"))
        case "webp":
            return encoded(artwork(64, 48), "WEBP", exif=block)
        case "tiff":
            return tiff_files.plain(exif=block)
        case "avif":
            return bmff_files.avif(exif=block)
        case "heic":
            return heic_with_item(b"Exif", bytes(4) + block.removeprefix(b"Exif\0\0"))
        case _:
            raise ValueError(name)


def with_c2pa(name: str, store: bytes, *, part: int = 700) -> bytes:
    """Return a picture with a manifest store; in JPEG it stands in several segments."""
    match name:
        case "jpeg":
            header, body = store[:8], store[8:]
            parts = [body[at : at + part] for at in range(0, len(body), part)]
            segments = [
                jpeg_files.segment(0xEB, b"JP" + struct.pack(">HI", 1, number) + header + each)
                for number, each in enumerate(parts, 1)
            ]
            return jpeg_files.with_segments(*segments)
        case "png":
            return png_files.with_chunk(b"caBX", store)
        case "webp":
            return with_webp_chunk(b"C2PA", store)
        case "gif":
            return with_gif_block(b"!\xff\x0bC2PA_GIF\x01\0\0" + sub_blocks(store))
        case "tiff":
            return tiff_with({52545: store})
        case _:
            data = bmff_files.avif() if name == "avif" else bmff_files.HEIC_GRADIENT
            body = _C2PA_BOX + bytes(4) + b"manifest\0" + bytes(8) + store
            return data + struct.pack(">I4s", len(body) + 8, b"uuid") + body


def with_text(keyword: str, text: str, *, kind: bytes = b"tEXt", data: bytes | None = None) -> bytes:
    """Return a PNG with one text chunk of a kind, its text as UTF-8."""
    import zlib

    name, value = keyword.encode("latin-1"), text.encode()
    body = {
        b"tEXt": name + b"\0" + value,
        b"comf": name + b"\0" + value,
        b"zTXt": name + b"\0\0" + zlib.compress(value),
        b"iTXt": name + b"\0\1\0en\0" + name + b"\0" + zlib.compress(value),
    }[kind]
    return png_files.with_chunk(kind, body, data=data)


def with_texts(texts: dict[str, str]) -> bytes:
    """Return a PNG with several text chunks."""
    data = png_files.plain()
    for keyword, text in reversed(texts.items()):
        data = with_text(keyword, text, data=data)
    return data


def animated_with_text(keyword: str, text: str, *, kind: bytes = b"tEXt") -> bytes:
    """Return an APNG with a text chunk."""
    return with_text(keyword, text, kind=kind, data=animation("PNG"))


def with_webp_chunk(kind: bytes, body: bytes, *, flag: int = 0) -> bytes:
    """Return a WebP with a chunk behind its picture."""
    picture = webp_files.plain()[12:]
    return webp_files.riff(webp_files.extended(64, 48, flags=flag), picture, webp_files.chunk(kind, body))


def sub_blocks(data: bytes) -> bytes:
    """Return a GIF's chain of sub-blocks."""
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def with_gif_block(block: bytes) -> bytes:
    """Return a GIF with a block before its frame."""
    return gif_files.canvas(1, 1) + block + gif_files.frame() + b";"


def with_gif_comment(text: str) -> bytes:
    """Return a GIF with a comment."""
    return with_gif_block(b"!\xfe" + sub_blocks(text.encode()))


def tiff_with(tags: dict[int, bytes]) -> bytes:
    """Return a TIFF with further tags of undefined bytes."""
    from PIL import TiffImagePlugin

    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
        directory.tagtype[tag] = 7
    return tiff_files.plain(tiffinfo=directory)


def heic_with_item(kind: bytes, body: bytes, media_type: bytes = b"") -> bytes:
    """Return a HEIC with a second item, whose bytes stand at the end of the file."""
    data = bmff_files.HEIC_GRADIENT
    info = b"infe" + struct.pack(">IHH", 0x02000000, _ITEM, 0) + kind + b"\0" + media_type
    info = struct.pack(">I", len(info) + 4) + info
    grown = len(info) + 18
    place = struct.pack(">HHIHII", _ITEM, 0, 0, 1, len(data) + grown + 8, len(body))
    parts = bytearray(data)
    names = {name: data.index(name) for name in (b"meta", b"iinf", b"iloc")}
    for name, added in ((b"meta", grown), (b"iinf", len(info)), (b"iloc", len(place))):
        _add(parts, names[name] - 4, added)
    _add(parts, names[b"iloc"] + 16, grown)  # where the picture's own bytes stand
    for at in (names[b"iinf"] + 8, names[b"iloc"] + 10):
        struct.pack_into(">H", parts, at, 2)
    ends = [(names[name] - 4 + struct.unpack_from(">I", data, names[name] - 4)[0]) for name in (b"iinf", b"iloc")]
    for at, inserted in sorted(zip(ends, (info, place), strict=True), reverse=True):
        parts = parts[:at] + inserted + parts[at:]
    return bytes(parts) + struct.pack(">I4s", len(body) + 8, b"mdat") + body


def _add(parts: bytearray, at: int, added: int) -> None:
    struct.pack_into(">I", parts, at, struct.unpack_from(">I", parts, at)[0] + added)
