"""The cloak: a change too small to bother a person that shifts what image encoders make of a picture."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from chalicelib.domain.protection import CloakReport, EncoderEffect
from chalicelib.imaging.cloak.applying import applied, working_copy
from chalicelib.imaging.cloak.encoders import load_encoders
from chalicelib.imaging.cloak.gauge import Gauge
from chalicelib.imaging.cloak.levels import LEVELS, Level, Strength
from chalicelib.imaging.cloak.mask import visibility_mask
from chalicelib.imaging.cloak.measures import color_difference, psnr, sample, ssim
from chalicelib.imaging.cloak.search import Search
from chalicelib.imaging.cloak.visibility import eased
from chalicelib.imaging.fingerprint import on_white

ENCODERS = ("efficientnet-lite0", "dinov2-s", "efficientnet-lite1")
"""What the cloak is computed against, by name, in the order of their turns: two families, or it stays in one."""

START = Path(__file__).with_name("start.npy")
"""The pattern that a search starts from: int8 ``[3, 128, 128]``, 127 is one amplitude; made by bench/cloak/start.py."""

_MORE = 8  # steps between two looks at whether the floor is reached


class Cloak:
    """The loaded models. Loading takes about a CPU second and 500 MB; one instance serves any number of pictures."""

    def __init__(self, models: Path) -> None:
        """Load and check the encoders in a folder as ``python -m tools.build_models`` makes it.

        Raises:
            ModelError: a model is missing or damaged.
        """
        self._encoders = load_encoders(models, ENCODERS)
        self._start = np.load(START).astype(np.float32) / 127

    def apply(self, image: Image.Image, level: Strength, seed: int) -> tuple[Image.Image, CloakReport]:
        """Cloak a picture. The same picture, level and seed give the same pixels.

        Args:
            image: upright sRGB, RGB or RGBA, of any size; transparent pixels are not changed.
            level: how strongly.
            seed: of what is drawn by lot; pictures of one artist should not share one.

        Returns:
            a new picture of the same mode and size, and what was measured on it.
        """
        start = time.process_time()
        limits = LEVELS[level]
        picture, opacity = working_copy(image)
        mask = visibility_mask(picture) * opacity
        search = Search(picture, mask, self._encoders, limits=limits, seed=seed, start=self._start)
        clean = on_white(image)
        gauge = Gauge(self._encoders, clean)
        cloaked = image
        effects: tuple[EncoderEffect, ...] = ()
        for steps in _portions(limits):
            search.run(steps)
            cloaked = applied(image, eased(picture, search.change(), limits))
            effects = gauge.effects(on_white(cloaked))
            if _reached(effects, limits):
                break
        return cloaked, _report(level, (clean, on_white(cloaked)), effects, search.steps, start)


def _portions(limits: Level) -> Iterator[int]:
    """Yield how many steps to take before each look at the effect."""
    yield limits.steps
    for done in range(0, limits.more_steps, _MORE):
        yield min(_MORE, limits.more_steps - done)


def _reached(effects: Sequence[EncoderEffect], limits: Level) -> bool:
    return sum(effect.jpeg75_half for effect in effects) / len(effects) >= limits.floor


def _report(
    level: Strength, pair: tuple[Image.Image, Image.Image], effects: tuple[EncoderEffect, ...], steps: int, start: float
) -> CloakReport:
    clean, cloaked = pair
    ratio = psnr(clean, cloaked)
    return CloakReport(
        level=level,
        applied=ratio != float("inf"),
        psnr_db=None if ratio == float("inf") else ratio,
        ssim=ssim(clean, cloaked),
        color_difference=color_difference(sample(clean), sample(cloaked)),
        steps=steps,
        floor=LEVELS[level].floor,
        floor_reached=_reached(effects, LEVELS[level]),
        cpu_seconds=time.process_time() - start,
        encoders=effects,
    )
