"""The cloak: a change too small to bother a person that shifts what image encoders make of a picture."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from chalicelib.domain.protection import CloakReport, EncoderEffect
from chalicelib.imaging.cloak.applying import applied, working_copy
from chalicelib.imaging.cloak.encoders import Encoder, load_encoders
from chalicelib.imaging.cloak.gauge import Gauge
from chalicelib.imaging.cloak.levels import LEVELS, Level, Strength
from chalicelib.imaging.cloak.mask import visibility_mask
from chalicelib.imaging.cloak.measures import color_difference, psnr, sample, ssim
from chalicelib.imaging.cloak.search import Search
from chalicelib.imaging.cloak.visibility import eased
from chalicelib.imaging.fingerprint import on_white

ENCODERS: Mapping[str, int] = MappingProxyType({"efficientnet-lite0": 2, "efficientnet-lite1": 2, "dinov2-s": 1})
"""What the cloak is computed against, by name, and how many turns each has in a round: two families, or it stays in
one. A turn of the transformer costs as much as three of the others and takes it further."""

START = Path(__file__).with_name("start.npy")
"""The pattern that a search starts from: int8 ``[3, 128, 128]``, 127 is one amplitude; made by bench/cloak/start.py."""

_MORE = 10  # steps between two looks at whether the floor is reached


class Cloak:
    """The loaded models. Loading takes about a CPU second and 500 MB; one instance serves any number of pictures."""

    def __init__(self, models: Path, levels: Mapping[Strength, Level] = LEVELS) -> None:
        """Load and check the encoders in a folder as ``python -m tools.build_models`` makes it.

        Args:
            models: that folder.
            levels: what each level stands for.

        Raises:
            ModelError: a model is missing or damaged.
        """
        self._encoders = load_encoders(models, list(ENCODERS))
        self._levels = levels
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
        limits = self._levels[level]
        picture, opacity = working_copy(image)
        mask = visibility_mask(picture) * opacity
        search = Search(picture, mask, turns(self._encoders), limits=limits, seed=seed, start=self._start)
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
        report = _seen(level, clean, on_white(cloaked))
        return cloaked, replace(
            report,
            steps=search.steps,
            floor=limits.floor,
            floor_reached=_reached(effects, limits),
            cpu_seconds=time.process_time() - start,
            encoders=effects,
        )


def turns(encoders: Sequence[Encoder]) -> list[Encoder]:
    """Return a round: each encoder of ENCODERS as often as it has turns, apart from each other."""
    most = max(ENCODERS.values())
    return [each for time in range(most) for each in encoders if time < ENCODERS[each.entry.name]]


def _portions(limits: Level) -> Iterator[int]:
    """Yield how many steps to take before each look at the effect."""
    yield limits.steps
    for done in range(0, limits.more_steps, _MORE):
        yield min(_MORE, limits.more_steps - done)


def _reached(effects: Sequence[EncoderEffect], limits: Level) -> bool:
    return sum(effect.jpeg75_half for effect in effects) / len(effects) >= limits.floor


def _seen(level: Strength, clean: Image.Image, cloaked: Image.Image) -> CloakReport:
    """Return a report that tells how visible a change is."""
    ratio = psnr(clean, cloaked)
    return CloakReport(
        level=level,
        applied=ratio != float("inf"),
        psnr_db=None if ratio == float("inf") else ratio,
        ssim=ssim(clean, cloaked),
        color_difference=color_difference(sample(clean), sample(cloaked)),
    )
