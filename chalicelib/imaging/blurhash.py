"""BlurHash (https://github.com/woltapp/blurhash, Algorithm.md): a picture's blur in 28 characters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPONENTS = (4, 3)
"""Waves across and down."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def encode_blurhash(pixels: NDArray[np.uint8], components: tuple[int, int] = COMPONENTS) -> str:
    """Return the BlurHash of sRGB ``pixels``, an array of height, width, 3. Pass a tiny picture: detail is lost anyway.

    Args:
        pixels: values 0 to 255.
        components: waves across and down, 1 to 9 each.
    """
    across, down = components
    waves = _waves(_to_linear(pixels), across, down)
    steady, changing = waves[0], waves[1:]
    peak = float(np.abs(changing).max()) if len(changing) else 0.0
    level = int(np.clip(np.floor(peak * 166 - 0.5), 0, 82)) if len(changing) else 0
    scale = (level + 1) / 166 if len(changing) else 1.0
    parts = [_base83(across - 1 + (down - 1) * 9, 1), _base83(level, 1)]
    red, green, blue = (_to_srgb(float(value)) for value in steady)
    parts.append(_base83((red << 16) + (green << 8) + blue, 4))
    parts.extend(_base83(_quantised(wave / scale), 2) for wave in changing)
    return "".join(parts)


def _waves(linear: NDArray[np.float64], across: int, down: int) -> NDArray[np.float64]:
    """Return the strength of each pair of waves, down by across, as rows of three colours."""
    height, width, _ = linear.shape
    horizontal = np.cos(np.pi * np.outer(np.arange(across), np.arange(width)) / width)
    vertical = np.cos(np.pi * np.outer(np.arange(down), np.arange(height)) / height)
    sums = np.einsum("jy,yxc,ix->jic", vertical, linear, horizontal)
    waves: NDArray[np.float64] = (sums * 2 / (width * height)).reshape(-1, 3)
    waves[0] /= 2
    return waves


def _to_linear(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    value = pixels.astype(np.float64) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)  # sRGB


def _to_srgb(value: float) -> int:
    value = min(max(value, 0.0), 1.0)
    curved = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # sRGB
    return int(curved * 255 + 0.5)


def _quantised(wave: NDArray[Any]) -> int:
    """Return a wave's three strengths, -1 to 1, as one number of 19 steps each."""
    steps = np.clip(np.floor(np.sign(wave) * np.sqrt(np.abs(wave)) * 9 + 9.5), 0, 18).astype(int)
    return int(steps @ (19 * 19, 19, 1))


def _base83(value: int, length: int) -> str:
    return "".join(_DIGITS[value // 83 ** (length - 1 - place) % 83] for place in range(length))
