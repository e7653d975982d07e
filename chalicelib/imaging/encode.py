"""From pixels to files, each holding the pixels, the project's XMP packet, and nothing else.

No colour profile is written: all pixels are sRGB, which is what untagged pictures are (CSS Color 4, section 12).
"""

import hashlib
from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, Image, JpegImagePlugin, WebPImagePlugin

from chalicelib.domain.protection import Rendition, RenditionFormat
from chalicelib.imaging.fingerprint import on_white

FORMATS: tuple[RenditionFormat, ...] = ("avif", "webp", "jpeg")
"""All that is made of a still picture, the smallest files first."""

WEBP_QUALITY = 80

# Naming the plugins registers their encoders; Pillow would load every plugin it has to find them.
_PILLOW_NAMES: dict[RenditionFormat, str] = {
    "avif": AvifImagePlugin.AvifImageFile.format,
    "webp": WebPImagePlugin.WebPImageFile.format,
    "jpeg": JpegImagePlugin.JpegImageFile.format,
}

# Numbers from docs/adr/0007-imaging-pipeline.md. One thread: a function has about one CPU, and the same bytes must come
# out wherever it runs.
_SETTINGS: dict[RenditionFormat, dict[str, Any]] = {
    "avif": {"quality": 63, "speed": 9, "max_threads": 1},
    "webp": {"quality": WEBP_QUALITY, "method": 2},
    "jpeg": {"quality": 82, "optimize": True, "comment": b""},
}


def encode(picture: Image.Image, name: RenditionFormat, packet: bytes) -> Rendition:
    """Encode an upright sRGB picture, RGB or RGBA; JPEG shows what is transparent on white.

    Args:
        picture: the pixels; its ``info`` is not written.
        name: the format.
        packet: XMP, at most 65,500 bytes.
    """
    fresh = (on_white(picture) if name == "jpeg" else picture).copy()
    fresh.info = {}
    file = BytesIO()
    fresh.save(file, _PILLOW_NAMES[name], exif=b"", xmp=packet, **_SETTINGS[name])
    return make_rendition(picture.size, name, file.getvalue())


def make_rendition(size: tuple[int, int], name: RenditionFormat, data: bytes, *, animated: bool = False) -> Rendition:
    """Describe an encoded file."""
    return Rendition(
        width=size[0],
        height=size[1],
        format=name,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        animated=animated,
    )
