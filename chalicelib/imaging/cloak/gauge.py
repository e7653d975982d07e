"""How far encoders' views of a picture were shifted, measured on the picture as it is served and worse."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chalicelib.domain.protection import EncoderEffect
from chalicelib.imaging.cloak.encoders import Encoder

Floats = NDArray[np.float32]
Process = Callable[[Image.Image], Image.Image]

SERVED_QUALITY = 82
"""Of the JPEG renditions (docs/adr/0007-imaging-pipeline.md); AVIF and WebP are chosen to look alike."""


def as_jpeg(quality: int) -> Process:
    """Return what compresses an RGB picture as JPEG and opens it again."""

    def process(picture: Image.Image) -> Image.Image:
        file = BytesIO()
        picture.save(file, "JPEG", quality=quality)
        with Image.open(file) as opened:
            opened.load()
            return opened

    return process


def halved(picture: Image.Image) -> Image.Image:
    """Return a picture at half the width and height."""
    size = (max(1, picture.width // 2), max(1, picture.height // 2))
    return picture.resize(size, Image.Resampling.LANCZOS)


PROCESSES: Mapping[str, Process] = MappingProxyType(
    {
        "served": as_jpeg(SERVED_QUALITY),
        "jpeg75": as_jpeg(75),
        "jpeg75_half": lambda picture: as_jpeg(75)(halved(picture)),
    }
)


def squared(picture: Image.Image, side: int) -> Floats:
    """Return a whole RGB picture as an encoder sees it, ``[3, side, side]`` from 0 to 1."""
    seen = picture.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.ascontiguousarray(np.asarray(seen, np.float32).transpose(2, 0, 1) / 255)


def distance(encoder: Encoder, clean: Floats, cloaked: Floats) -> float:
    """Return D between two embeddings of one encoder."""
    lengths = float(np.linalg.norm(clean) * np.linalg.norm(cloaked))
    return (1 - float(clean @ cloaked) / max(lengths, 1e-12)) / encoder.entry.unrelated


class Gauge:
    """Measures against one clean picture, which is looked at once."""

    def __init__(self, encoders: Sequence[Encoder], clean: Image.Image) -> None:
        """Take an RGB picture."""
        self._encoders = encoders
        self._clean = self._embeddings(clean)

    def effects(self, cloaked: Image.Image) -> tuple[EncoderEffect, ...]:
        """Return the effect on each encoder of an RGB picture of the clean one's size."""
        found = self._embeddings(cloaked)
        return tuple(
            EncoderEffect(
                encoder.entry.name,
                **{process: distance(encoder, self._clean[process][at], found[process][at]) for process in PROCESSES},
            )
            for at, encoder in enumerate(self._encoders)
        )

    def _embeddings(self, picture: Image.Image) -> dict[str, list[Floats]]:
        result = {}
        for name, process in PROCESSES.items():
            processed = process(picture)
            seen = {side: squared(processed, side) for side in {each.entry.side for each in self._encoders}}
            result[name] = [encoder.embed(seen[encoder.entry.side]) for encoder in self._encoders]
        return result
