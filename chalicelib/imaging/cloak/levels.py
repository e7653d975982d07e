"""How far each level goes, in what is seen and in what is spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Strength = Literal["low", "default", "high"]


@dataclass(frozen=True, slots=True)
class Level:
    """One level. The numbers were chosen by ``python -m bench.cloak``; docs/adr/0015 has what they gave.

    Attributes:
        amplitude: most that brightness may change in a place of ordinary texture, of 255.
        steps: of the optimisation, for every picture.
        windows: how many windows convolutional networks look through by turns; each costs them a look at the clean
            picture, which few steps do not pay back.
        patch_windows: the same for transformers.
        more_steps: at most so many more, for a picture that stays below ``floor``.
        floor: least mean D of the encoders, after JPEG 75 at half size, that the level stands for.
        psnr: least, in dB; the search keeps to it at each step.
        ssim: least.
        color: most mean ΔE00.
    """

    amplitude: float
    steps: int
    windows: int
    patch_windows: int
    more_steps: int
    floor: float
    psnr: float
    ssim: float
    color: float


LEVELS: Mapping[Strength, Level] = MappingProxyType(
    {
        "low": Level(
            amplitude=14,
            steps=18,
            windows=3,
            patch_windows=1,
            more_steps=10,
            floor=0.4,
            psnr=37.0,
            ssim=0.94,
            color=2.0,
        ),
        "default": Level(
            amplitude=14,
            steps=40,
            windows=6,
            patch_windows=2,
            more_steps=18,
            floor=0.55,
            psnr=32.5,
            ssim=0.90,
            color=3.0,
        ),
        "high": Level(
            amplitude=20,
            steps=75,
            windows=6,
            patch_windows=3,
            more_steps=30,
            floor=0.7,
            psnr=30.8,
            ssim=0.87,
            color=3.5,
        ),
    }
)
