"""Trains the pattern that every search starts from, on a folder of pictures, and writes it where the engine reads it.

    .venv/bin/python -m bench.cloak.start PICTURES [--steps N] [--seed N]

The pattern that ships was trained on 72 portraits and landscapes of the game Wesnoth (Debian's wesnoth-1.16-data), none
of which the bench measures on. It holds nothing of them: it is what shifts encoders on average, and no cloak by itself.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from chalicelib.imaging.cloak.applying import WORKING
from chalicelib.imaging.cloak.encoders import load_encoders
from chalicelib.imaging.cloak.engine import ENCODERS, START
from chalicelib.imaging.cloak.levels import LEVELS
from chalicelib.imaging.cloak.mask import visibility_mask
from chalicelib.imaging.cloak.search import Search
from chalicelib.imaging.cloak.views import Floats, resampling
from chalicelib.imaging.fingerprint import on_white

SIDE = 128
MOMENTUM = 0.95
TYPES = {".png", ".jpg", ".webp"}


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(prog="bench.cloak.start")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--models", type=Path, default=Path(".local/models"))
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    paths = sorted(path for path in options.pictures.rglob("*") if path.suffix in TYPES)
    encoders = load_encoders(options.models, list(ENCODERS))
    searches = [_search(path, encoders, seed) for seed, path in enumerate(paths)]
    pattern = _train(searches, options.steps, random)
    rows = resampling(pattern.shape[1], SIDE)
    small = np.clip(rows @ pattern @ rows.T, -1, 1)
    np.save(START, np.rint(small * 127).astype(np.int8))
    print(f"{START}: {options.steps} steps on {len(paths)} pictures")


def _search(path: Path, encoders: list, seed: int) -> Search:  # type: ignore[type-arg]
    with Image.open(path) as file:
        picture = ImageOps.fit(on_white(file.convert("RGBA")), (WORKING, WORKING))
    pixels = np.ascontiguousarray(np.asarray(picture, np.float32).transpose(2, 0, 1) / 255)
    return Search(pixels, visibility_mask(pixels), encoders, limits=LEVELS["default"], seed=seed)


def _train(searches: list[Search], steps: int, random: np.random.Generator) -> Floats:
    pattern = np.zeros_like(searches[0].found)
    momentum = np.zeros_like(pattern)
    for step in range(steps):
        search = searches[random.integers(len(searches))]
        search.found, search.steps = pattern, int(random.integers(18))
        momentum = MOMENTUM * momentum + search.pull()
        pattern = np.clip(pattern - np.sign(momentum) * (0.1 if step < steps / 2 else 0.025), -1, 1).astype(np.float32)
        if step % 50 == 0:
            print(step, flush=True)
    return pattern


if __name__ == "__main__":
    main()
