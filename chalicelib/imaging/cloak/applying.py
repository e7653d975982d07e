"""From the change found on a small copy to the pixels of the whole picture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chalicelib.imaging.cloak.views import resampling
from chalicelib.imaging.fingerprint import on_white

Floats = NDArray[np.float32]

WORKING = 512
"""Pixels of the long side of the copy that the change is sought on."""

_ROWS = 128  # changed at a time: bounds memory


def working_copy(image: Image.Image) -> tuple[Floats, Floats]:
    """Return a small copy on white, ``[3, height, width]`` from 0 to 1, and its opacity ``[height, width]``."""
    scale = min(1.0, WORKING / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    opaque = small.getchannel("A") if small.mode == "RGBA" else Image.new("L", size, 255)
    pixels = np.asarray(on_white(small), np.float32).transpose(2, 0, 1) / 255
    return np.ascontiguousarray(pixels), np.asarray(opaque, np.float32) / np.float32(255)


def applied(image: Image.Image, change: Floats) -> Image.Image:
    """Return the picture with the change, scaled up to its size, added to its colours; opacity stays.

    Args:
        image: RGB or RGBA.
        change: RGB ``[3, height, width]``, as a part of the full range.
    """
    rows = resampling(change.shape[1], image.height)
    columns = resampling(change.shape[2], image.width)
    scaled = change * np.float32(255)
    result = image.copy()
    for top in range(0, image.height, _ROWS):
        band = (0, top, image.width, min(top + _ROWS, image.height))
        strip = image.crop(band)
        added = np.matmul(np.matmul(rows[band[1] : band[3]], scaled), columns.T).transpose(1, 2, 0)
        pixels = np.array(strip)
        added += pixels[..., :3]
        pixels[..., :3] = np.clip(np.rint(added), 0, 255)
        result.paste(Image.fromarray(pixels, strip.mode), band[:2])
    return result
