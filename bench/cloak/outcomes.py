"""What came out for one picture, and means of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from chalicelib.domain.protection import CloakReport
from chalicelib.imaging.cloak.encoders import Encoder, Floats
from chalicelib.imaging.cloak.gauge import distance, squared

Shifts = dict[str, dict[str, float]]
"""D by process and encoder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture at one level.

    Attributes:
        name: of the picture.
        clean: as it was.
        cloaked: as it became.
        report: the engine's own.
        shifts: D by process and encoder.
        noise: the same for noise of equal PSNR, by its kind.
    """

    name: str
    clean: Image.Image
    cloaked: Image.Image
    report: CloakReport
    shifts: Shifts
    noise: dict[str, Shifts]


def embeddings(
    encoders: Sequence[Encoder], picture: Image.Image, processes: Mapping[str, Any]
) -> dict[str, dict[str, Floats]]:
    """Return what each encoder makes of the picture after each process."""
    result = {}
    for name, process in processes.items():
        processed = process(picture)
        result[name] = {each.entry.name: each.embed(squared(processed, each.entry.side)) for each in encoders}
    return result


def shifts(
    encoders: Sequence[Encoder], clean: dict[str, dict[str, Floats]], other: dict[str, dict[str, Floats]]
) -> Shifts:
    """Return D by process and encoder."""
    return {
        process: {
            each.entry.name: distance(each, clean[process][each.entry.name], other[process][each.entry.name])
            for each in encoders
        }
        for process in clean
    }


def unrelated(encoder: Encoder, pictures: Sequence[Image.Image]) -> float:
    """Return the median of 1 - cosine between the embeddings of all pairs of pictures."""
    found = np.stack([encoder.embed(squared(picture, encoder.entry.side)) for picture in pictures])
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return float(np.median((1 - found @ found.T)[np.triu_indices(len(found), 1)]))


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return float(np.mean(values))
