"""Noise that shows as much as a cloak, to compare with: anything changes what an encoder sees a little."""

from typing import Literal

import numpy as np
from PIL import Image

from chalicelib.imaging.cloak.measures import psnr

Kind = Literal["white", "low-frequency"]

CELLS = 32
"""Of the long side, for low-frequency noise: about what survives any scaling."""


def noisy(picture: Image.Image, kind: Kind, decibels: float, seed: int) -> Image.Image:
    """Return an RGB picture with noise, equal in all directions of colour, that makes a PSNR of ``decibels``."""
    random = np.random.default_rng(seed)
    scale = CELLS / max(picture.size)
    cells = (max(2, round(picture.height * scale)), max(2, round(picture.width * scale)))
    shape = picture.size[::-1] if kind == "white" else cells
    planes = random.standard_normal((3, *shape)).astype(np.float32)
    scaled = [np.asarray(Image.fromarray(each).resize(picture.size, Image.Resampling.BICUBIC)) for each in planes]
    noise = np.stack(scaled, -1)
    pixels, strength = np.asarray(picture, np.float32), 255 * 10 ** (-decibels / 20) / float(noise.std())
    for _ in range(6):  # what is cut off at black and white is made up for
        result = Image.fromarray(np.clip(pixels + strength * noise + 0.5, 0, 255).astype(np.uint8))
        strength *= 10 ** ((psnr(picture, result) - decibels) / 20)
    return result
