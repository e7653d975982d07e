"""How much two pictures differ: for the eye (PSNR, SSIM, ΔE00)."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

_GAUSS = 1.5
_REACH = 5  # 3.5 standard deviations, rounded
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_SAMPLE = 2**16
_ROWS = 256
_D65 = np.array([0.95047, 1.0, 1.08883])
_TO_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])


def psnr(first: Image.Image, second: Image.Image) -> float:
    """Return the peak signal-to-noise ratio of two RGB pictures of one size, in dB; infinite for equal ones."""
    a, b = np.asarray(first), np.asarray(second)
    total = sum(int(np.sum((a[top:bottom].astype(np.int32) - b[top:bottom]) ** 2)) for top, bottom in _bands(len(a)))
    return 10 * math.log10(255**2 * a.size / total) if total else math.inf


def ssim(first: Image.Image, second: Image.Image) -> float:
    """Return the mean structural similarity of two pictures' brightness, from -1 to 1.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment" (2004): Gaussian windows of 1.5 pixels, K1 .01, K2 .03,
    8 bit brightness (ITU-R BT.601). Pictures of less than 11 pixels a side are continued by their edges.
    """
    a, b = (_large_enough(np.asarray(each.convert("L"))) for each in (first, second))
    parts = [
        _similarities(*(each[top : bottom + 2 * _REACH].astype(np.float32) for each in (a, b)))
        for top, bottom in _bands(len(a) - 2 * _REACH)
    ]
    return float(sum(part.sum(dtype=np.float64) for part in parts) / sum(part.size for part in parts))


def _bands(rows: int) -> list[tuple[int, int]]:
    """Cut a number of rows into bands, which bound the memory that floating numbers take."""
    return [(top, min(top + _ROWS, rows)) for top in range(0, rows, _ROWS)]


def _similarities(a: Floats, b: Floats) -> Floats:
    mean_a, mean_b = _blur(a), _blur(b)
    variance_a, variance_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    below = (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    return np.asarray(above / below, np.float32)


def _large_enough(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    missing = [max(0, 2 * _REACH + 1 - length) for length in values.shape]
    return np.pad(values, [(0, each) for each in missing], mode="edge") if any(missing) else values


def _blur(values: Floats) -> Floats:
    """Weigh the surroundings of each pixel that lies far enough from the edge to have them all."""
    window = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _GAUSS) ** 2)
    window = (window / window.sum()).astype(np.float32)
    size = 2 * _REACH + 1
    across: Floats = np.zeros((values.shape[0], values.shape[1] - size + 1), np.float32)
    for at, weight in enumerate(window):
        across += weight * values[:, at : at + across.shape[1]]
    down: Floats = np.zeros((values.shape[0] - size + 1, across.shape[1]), np.float32)
    for at, weight in enumerate(window):
        down += weight * across[at : at + down.shape[0]]
    return down


def color_difference(first: Image.Image, second: Image.Image) -> float:
    """Return the mean ΔE00 of two sRGB pictures of one size; about 1 is just noticeable on a plain field.

    Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula" (2005), with all weights 1.
    """
    return float(np.mean(ciede2000(_lab(first), _lab(second))))


def _lab(picture: Image.Image) -> NDArray[np.float64]:
    """Return L*, a*, b* (CIE 1976, D65) of an sRGB picture, ``[height, width, 3]``."""
    levels = np.arange(256) / 255
    linear = np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, levels / 12.92)[np.asarray(picture)]
    relative = linear @ (_TO_XYZ / _D65[:, None]).T
    curved = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    x, y, z = np.moveaxis(curved, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def ciede2000(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ΔE00 of two arrays of L*, a*, b* along the last axis."""
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    gain = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    (l1, c1, h1), (l2, c2, h2) = (_polar(each, gain) for each in (first, second))
    turn = np.where(c1 * c2 == 0, 0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(c1 * c2 == 0, h1 + h2, (h1 + turn / 2) % (2 * np.pi))
    tilt = 1 - 0.17 * np.cos(mean_h - np.pi / 6) + 0.24 * np.cos(2 * mean_h)
    tilt += 0.32 * np.cos(3 * mean_h + np.radians(6)) - 0.20 * np.cos(4 * mean_h - np.radians(63))
    weight_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    weight_c, weight_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * tilt
    blue = np.radians(30) * np.exp(-(((np.degrees(mean_h) - 275) / 25) ** 2))
    crossed = -np.sin(2 * blue) * 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    light, colour, angle = (l2 - l1) / weight_l, (c2 - c1) / weight_c, hue / weight_h
    squared = light**2 + colour**2 + angle**2 + crossed * colour * angle
    difference: NDArray[np.float64] = np.sqrt(np.maximum(squared, 0))
    return difference


def _polar(lab: NDArray[np.float64], gain: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return lightness, chroma and hue (radians, 0 to 2π), greys pulled apart by ``gain``."""
    along = lab[..., 1] * gain
    return lab[..., 0], np.hypot(along, lab[..., 2]), np.arctan2(lab[..., 2], along) % (2 * np.pi)


def sample(image: Image.Image) -> Image.Image:
    """Return an even sample of at most 65,536 of an RGB picture's pixels, unscaled, as a picture."""
    step = max(1, int(np.ceil(np.sqrt(image.width * image.height / _SAMPLE))))
    return Image.fromarray(np.ascontiguousarray(np.asarray(image)[step // 2 :: step, step // 2 :: step]))
