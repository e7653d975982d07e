"""Keeping a change within what its level lets be seen."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chalicelib.imaging.cloak.levels import Level
from chalicelib.imaging.cloak.measures import color_difference, psnr, sample, ssim

Floats = NDArray[np.float32]

_CORRECTIONS, _HALVINGS = 2, 5


def eased(picture: Floats, change: Floats, limits: Level) -> Floats:
    """Return the change, weakened as far as PSNR, SSIM and mean ΔE00 ask for.

    They are taken on the small copy: at full size the same change is smoother, and no easier to see.

    Args:
        picture: ``[3, height, width]``, 0 to 1.
        change: of the same shape.
        limits: what may be seen.
    """
    clean = _image(picture)

    def changed(strength: float) -> Image.Image:
        return _image(picture + change * np.float32(strength))

    strength = 1.0
    for _ in range(_CORRECTIONS):
        # Both grow in proportion to the change, but for pixels that are cut off at black or white: hence again.
        seen = changed(strength)
        by_color = limits.color / max(color_difference(sample(clean), sample(seen)), 1e-9)
        strength *= min(1.0, 10 ** ((psnr(clean, seen) - limits.psnr) / 20), by_color)
    if ssim(clean, changed(strength)) < limits.ssim:
        low, high = 0.0, strength
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if ssim(clean, changed(middle)) >= limits.ssim else (low, middle)
        strength = low
    return change * np.float32(strength)


def _image(picture: Floats) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1).transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8))
