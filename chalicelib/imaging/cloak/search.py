"""The search for the change: small steps against what encoders see, within what the eye may see.

Each step shows the picture as changed so far to one encoder, through a window, often scaled down and compressed; asks
for the gradient of how much it still sees what it saw in the clean picture; and moves against it, with momentum (Dong
et al., "Boosting adversarial attacks with momentum", 2018), in which the encoders' gradients add up. They take turns:
one encoder a step leads further than all of them at each, for the same time. Scaling and compression are passed
straight through on the way back. After each step the whole change is brought back to the level's PSNR: it is spent
where it tells, and nothing found is lost to a weakening at the end.
"""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chalicelib.imaging.cloak import color
from chalicelib.imaging.cloak.encoders import Encoder
from chalicelib.imaging.cloak.levels import Level
from chalicelib.imaging.cloak.views import WINDOWS, Window, jittered, look, resampling

Floats = NDArray[np.float32]

GRID = 256
"""Pixels of the long side at which the change is sought: finer ones are lost when the picture is scaled down."""

TINT = 0.7
"""Strength of tints beside brightness: more of them shows less in structure (SSIM) and more in colour (ΔE00)."""

_MOMENTUM = 0.9
_SOFT = 1.5  # steps are full from 1.5 times the mean gradient on, and in proportion below
_FIRST_STEPS, _FIRST_SIZE, _LAST_SIZE = 0.6, 0.2, 0.06  # sizes in amplitudes
_MOST = 1.7  # amplitudes: as far as the mask ever lets a pixel go
_JITTER = 0.03
_WORN_SHARE, _JPEG_QUALITIES, _SMALLEST = 0.6, (60, 96), 0.5
_BLUR = 0.5  # standard deviation, in places of the grid
_PATCHES = 128
_SHARES = {"pixels": 1.0, "patches": 2.0}  # weight of a step: transformers have the fewer turns
_TINY = 1e-12
_BILINEAR = Image.Resampling.BILINEAR

WEIGHTS = {
    "pixels": {"mean0": 0.6, "map1": 1.0, "mean1": 1.0, "map2": 0.5, "mean2": 0.7},
    "patches": {"mean6": 1.0, "mean9": 1.0, "tokens": 1.0, "class": 0.5, "mean": 0.5},
}
"""Share of each tap in the loss. Features of middle depth are more alike in encoders of different families."""


class Search:
    """A change under way; ``run`` takes it further.

    Attributes:
        found: the change on a coarser grid, in the colours of ``color``, in amplitudes: ``[3, rows, columns]``.
        steps: taken so far.
    """

    def __init__(
        self,
        picture: Floats,
        mask: Floats,
        encoders: Sequence[Encoder],
        *,
        limits: Level,
        seed: int,
        start: Floats | None = None,
    ) -> None:
        """Begin, at nothing or at a pattern.

        Args:
            picture: ``[3, height, width]``, 0 to 1.
            mask: ``[height, width]``, how much each pixel may change, in amplitudes.
            encoders: what to lead astray, in the order of their turns; one that stands there twice has two.
            limits: how far, through how many windows, and in how many steps, of which the last part is smaller.
            seed: of all that is drawn by lot.
            start: a change in the colours of ``color``, ``[3, any, any]`` in amplitudes, to begin with.
        """
        _, self._height, self._width = picture.shape
        self._picture, self._encoders = picture, encoders
        self._amplitude, self._planned = np.float32(limits.amplitude / 255), limits.steps
        self._most = 10 ** (-limits.psnr / 20)
        self._windows = {"pixels": limits.windows, "patches": limits.patch_windows}
        self._bound = mask * self._amplitude
        self._mask = mask
        self._random = np.random.default_rng(seed)
        scale = min(1.0, GRID / max(self._height, self._width))
        grid = (max(1, round(self._height * scale)), max(1, round(self._width * scale)))
        self._rows, self._columns = resampling(grid[0], self._height), resampling(grid[1], self._width)
        self._back_rows = np.matmul(_blurring(grid[0]), self._rows.T)
        self._back_columns = np.matmul(self._columns, _blurring(grid[1]))
        self._basis = color.basis(TINT)
        self.found = np.zeros((3, *grid), np.float32) if start is None else self._turned(start, grid)
        self._momentum = np.zeros_like(self.found)
        self._clean: dict[tuple[str, Window], dict[str, Floats]] = {}
        self.steps = 0

    def _turned(self, start: Floats, grid: tuple[int, int]) -> Floats:
        """Return the pattern as one of its four mirror images, by lot, at the size of the grid."""
        mirrored = start[:, :: self._random.choice((1, -1)), :: self._random.choice((1, -1))]
        rows, columns = resampling(start.shape[1], grid[0]), resampling(start.shape[2], grid[1])
        fitted: Floats = np.matmul(np.matmul(rows, mirrored), columns.T)
        return fitted

    def change(self) -> Floats:
        """Return the change found so far, RGB ``[3, height, width]``, within its bounds."""
        spread = np.matmul(np.matmul(self._rows, self.found * self._amplitude), self._columns.T)
        rgb = color.to_rgb(spread, self._basis)
        bounded: Floats = np.clip(rgb, -self._bound, self._bound)
        return bounded

    def run(self, steps: int) -> None:
        """Take so many steps."""
        for _ in range(steps):
            self._momentum = _MOMENTUM * self._momentum + self.pull()
            direction = np.clip(self._momentum / (_SOFT * np.abs(self._momentum).mean() + _TINY), -1, 1)
            size = _FIRST_SIZE if self.steps < self._planned * _FIRST_STEPS else _LAST_SIZE
            self.found = np.clip(self.found - size * direction, -_MOST, _MOST).astype(np.float32)
            self.found *= np.float32(min(1.0, self._most / (_root_mean_square(self.change()) + _TINY)))
            self.steps += 1

    def pull(self) -> Floats:
        """Return the gradient that the next step goes against, by ``found``, at the weight of the encoder in turn."""
        changed = np.clip(self._picture + self.change(), 0, 1)
        shown = self._worn(changed) if self._random.random() < _WORN_SHARE else changed
        encoder = self._encoders[self.steps % len(self._encoders)]
        gradient = color.to_basis(self._gradient(encoder, shown), self._basis) * self._mask
        coarse: Floats = np.matmul(np.matmul(self._back_rows, gradient), self._back_columns)
        return coarse * np.float32(_SHARES[encoder.entry.kind] / (float(np.abs(coarse).mean()) + _TINY))

    def _gradient(self, encoder: Encoder, shown: Floats) -> Floats:
        """Return the gradient of what an encoder still sees, by the picture."""
        turn = self.steps // len(self._encoders)
        window = WINDOWS[turn % self._windows[encoder.entry.kind]]
        features = self._features(encoder, window)
        at = look(self._height, self._width, jittered(window, self._random, _JITTER), encoder.entry.side)
        places = self._places(encoder) if encoder.entry.kind == "patches" else None
        directions = [_direction(encoder, name, features[name], places) for name in encoder.entry.taps]
        _, gradient = encoder.pull(at.see(shown), directions, places)
        return at.back(gradient)

    def _features(self, encoder: Encoder, window: Window) -> dict[str, Floats]:
        key = (encoder.entry.name, window)
        if key not in self._clean:
            at = look(self._height, self._width, window, encoder.entry.side)
            self._clean[key] = encoder.features(at.see(self._picture))
        return self._clean[key]

    def _places(self, encoder: Encoder) -> NDArray[np.int64]:
        """Draw the patches that a transformer sees this time: half of them cost half, and generalise."""
        return np.sort(self._random.permutation(encoder.entry.places)[:_PATCHES]).astype(np.int64)

    def _worn(self, picture: Floats) -> Floats:
        """Return the picture as it may arrive: scaled down to as little as half, compressed, and back at its size."""
        scale, quality = self._random.uniform(_SMALLEST, 1), int(self._random.integers(*_JPEG_QUALITIES))
        size = (max(1, round(self._width * scale)), max(1, round(self._height * scale)))
        small = Image.fromarray((picture.transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8)).resize(size, _BILINEAR)
        file = BytesIO()
        small.save(file, "JPEG", quality=quality)
        with Image.open(file) as decoded:
            back = decoded.resize((self._width, self._height), _BILINEAR)
        return np.asarray(back, np.float32).transpose(2, 0, 1) * np.float32(1 / 255)


def _direction(encoder: Encoder, name: str, feature: Floats, places: NDArray[np.int64] | None) -> Floats:
    chosen = feature[:, places] if name == "tokens" and places is not None else feature
    weight = WEIGHTS[encoder.entry.kind][name]
    return np.asarray(chosen * (weight / (float(np.linalg.norm(chosen)) + _TINY)), np.float32)


def _root_mean_square(change: Floats) -> float:
    return float(np.sqrt(np.mean(change * change)))


def _blurring(length: int) -> Floats:
    """Return the matrix ``[length, length]`` that smooths a little: less is left that is particular to one encoder.

    Dong et al., "Evading defenses to transferable adversarial examples by translation-invariant attacks" (2019).
    """
    offsets = np.arange(length)[:, None] - np.arange(length)
    weights = np.exp(-0.5 * (offsets / _BLUR) ** 2)
    smooth: Floats = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return smooth
