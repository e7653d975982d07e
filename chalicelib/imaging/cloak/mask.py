"""Where a change is hard to see: beside strong local contrast, and less in flat and bright places."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601, as JPEG weighs channels."""

_RADIUS = 3
_KNEE = 0.014  # local standard deviation at which masking is half of its most
_MOST = 1.3
_DARK, _DARK_GAIN = 0.25, 0.25  # up to a quarter more where it is dark: displays and eyes resolve less there


def visibility_mask(picture: Floats) -> Floats:
    """Return how much each pixel may change, ``[height, width]``, 1 for a place of ordinary texture.

    Args:
        picture: ``[3, height, width]``, 0 to 1.
    """
    luma = np.tensordot(LUMA, picture, 1)
    mean = box(luma, _RADIUS)
    detail = luma - mean  # without it a smooth gradient would count as contrast, and skies are gradients
    deviation = np.sqrt(np.maximum(box(detail * detail, _RADIUS), 0))
    # A single edge has a flat side, where a change would show: only what has contrast around it counts in full.
    spread = box(np.minimum(deviation, 2 * np.roll(deviation, (_RADIUS, _RADIUS), (0, 1)) + 0.01), _RADIUS)
    # Squares, as in models of contrast masking (Legge and Foley, 1980): where contrast is faint next to nothing may
    # change. Even one step of 255 shows in a sky, as swirls.
    texture = _MOST * spread**2 / (spread**2 + _KNEE**2)
    dark = 1 + _DARK_GAIN * np.clip((_DARK - mean) / _DARK, 0, 1)
    mask: Floats = (texture * dark).astype(np.float32)
    return mask


def box(values: Floats, radius: int) -> Floats:
    """Average ``[height, width]`` over squares of ``2 radius + 1`` pixels, the edge repeated."""
    size = 2 * radius + 1
    for axis in (0, 1):
        pad = [(radius + 1, radius) if at == axis else (0, 0) for at in (0, 1)]
        total = np.pad(values, pad, mode="edge").cumsum(axis, dtype=np.float64)
        after, before = np.split(total, [size], axis)[1], np.split(total, [total.shape[axis] - size], axis)[0]
        values = ((after - before) / size).astype(np.float32)
    return values
