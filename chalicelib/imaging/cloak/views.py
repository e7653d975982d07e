"""What an encoder gets to see of a picture: windows of it, scaled to its input; and the way back for gradients."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Window(NamedTuple):
    """A part of a picture, as fractions of its height and width."""

    top: float
    bottom: float
    left: float
    right: float


WHOLE = Window(0, 1, 0, 1)
WINDOWS = (
    WHOLE,
    Window(0, 0.7, 0, 0.7),
    Window(0.3, 1, 0.3, 1),
    Window(0, 0.7, 0.3, 1),
    Window(0.3, 1, 0, 0.7),
    Window(0.2, 0.8, 0.2, 0.8),
)
"""The whole, four corners and the middle: what croppers and captioners cut out, and what makes a gradient general."""


def jittered(window: Window, random: np.random.Generator, amount: float) -> Window:
    """Move each edge by up to ``amount``, within the picture."""
    edges = np.clip(np.array(window) + random.uniform(-amount, amount, 4), 0, 1)
    return Window(*(float(edge) for edge in edges))


@dataclass(frozen=True, slots=True)
class Look:
    """A linear scaling of a window to a square, and its exact adjoint.

    Attributes:
        rows: ``[side, height]``, each row a triangle filter that sums to 1.
        columns: ``[side, width]``, the same.
    """

    rows: Floats
    columns: Floats

    def see(self, picture: Floats) -> Floats:
        """Return the window of ``[3, height, width]`` as ``[3, side, side]``."""
        seen: Floats = np.matmul(np.matmul(self.rows, picture), self.columns.T)
        return seen

    def back(self, gradient: Floats) -> Floats:
        """Return the gradient by the picture from the one by what was seen."""
        pulled: Floats = np.matmul(np.matmul(self.rows.T, gradient), self.columns)
        return pulled


def look(height: int, width: int, window: Window, side: int) -> Look:
    """Make the scaling of a window of a picture of ``height`` by ``width`` pixels."""
    return Look(
        resampling(height, side, window.top * height, window.bottom * height),
        resampling(width, side, window.left * width, window.right * width),
    )


def resampling(length: int, result: int, start: float = 0.0, stop: float | None = None) -> Floats:
    """Return the matrix ``[result, length]`` that scales samples from ``start`` to ``stop``; shrinking, it averages.

    The filter is a triangle as wide as two samples of the coarser side, as in Pillow's BILINEAR.
    """
    step = ((length if stop is None else stop) - start) / result
    centres = start + (np.arange(result) + 0.5) * step
    weights: Floats = np.subtract.outer(centres, np.arange(length) + 0.5, dtype=np.float32)
    np.abs(weights, out=weights)
    weights /= -max(1.0, step)
    weights += 1
    np.maximum(weights, 0, out=weights)  # in place: for a picture of 100 MP this is 20 MB a copy
    weights /= np.maximum(weights.sum(1, keepdims=True), np.float32(1e-9))
    return weights
