"""The built models, made or found once."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chalicelib.domain.protection import CloakReport
from chalicelib.imaging.cloak.engine import Cloak
from chalicelib.imaging.cloak.levels import LEVELS
from tools.build_models import OUT, build


@pytest.fixture(scope="session")
def models() -> Path:
    return build(OUT).folder


@pytest.fixture(scope="session")
def cloak(models: Path) -> Cloak:
    return Cloak(models)


@pytest.fixture(scope="session")
def quick_cloak(models: Path) -> Cloak:
    """A cloak that seeks for a moment only: for what holds whatever it finds."""
    return Cloak(models, {"low": replace(LEVELS["low"], steps=3, more_steps=2)})


type Cloaked = tuple[Image.Image, Image.Image, CloakReport]


@pytest.fixture(scope="session")
def cloaked_painting(cloak: Cloak) -> Callable[[int], Cloaked]:
    """A painting by its seed, the same cloaked at the default level, and the report; cloaked once for all tests."""

    @cache
    def made(seed: int) -> Cloaked:
        image = painting(seed=seed)
        return image, *cloak.apply(image, "default", 1)

    return made


def painting(size: tuple[int, int] = (320, 240), seed: int = 1) -> Image.Image:
    """Something with large forms, texture and a flat part, which encoders see as more than noise."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((size[1], size[0], 3), np.float32)
    for cells, strength in ((4, 60), (12, 35), (60, 15)):
        coarse = random.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        pixels += (np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.float32) - 128) * (
            strength / 64
        )
    pixels[: size[1] // 4] = (150, 180, 210)
    return Image.fromarray(np.clip(pixels + 128 * (pixels < 150), 0, 255).astype(np.uint8))
