"""How often pictures that have nothing to do with each other are taken for the same: counted over millions of pairs.

    python -m bench.hashes.strangers FOLDER FOLDER… [--sheet FILE]

A few hundred pictures make too few pairs to count down to one in a million. Their parts make enough: each picture is
cut into squares that do not overlap, and squares of different collections are compared as an upload is, with the mirror
image too, and by the hash alone. Each folder is a collection. Within one they are not compared: it holds one picture in
several sizes, and several of one scene. What is taken for the same is named, and drawn side by side for the eye.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from chalicelib.domain.fingerprints import NEAR, Fingerprint, Look
from chalicelib.imaging.fingerprint import on_white
from chalicelib.imaging.perceptual import fingerprints

LEAST_SIDE, SQUARE, MOST_SQUARES = 256, 256, 12
"""Pixels of the shorter side of a picture that is used, and of a square; squares of one picture."""

_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
_ROWS = 512
_SHOWN = 96


@dataclass(frozen=True)
class Square:
    """A part of a picture, and how it looks."""

    collection: int
    path: Path
    look: Fingerprint
    image: Image.Image


def squares(folders: list[Path]) -> Iterator[Square]:
    """Yield the squares of all pictures that have enough structure to have a hash."""
    for collection, folder in enumerate(folders):
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES and not path.is_symlink():
                for part in _parts(path):
                    looks = fingerprints(part)
                    if looks:
                        yield Square(collection, path, looks[0], part.resize((_SHOWN, _SHOWN)))


def _parts(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path) as file:
            if min(file.size) < LEAST_SIDE:
                return
            file.draft("RGB", (4 * SQUARE, 4 * SQUARE))
            image = on_white(file.convert("RGBA"))
    except (OSError, Image.DecompressionBombError):
        return
    image.thumbnail((4 * SQUARE, 4 * SQUARE), Image.Resampling.LANCZOS)
    across, down = max(1, image.width // SQUARE), max(1, image.height // SQUARE)
    places = [(x * SQUARE, y * SQUARE) for y in range(down) for x in range(across)]
    for x, y in places[:MOST_SQUARES]:
        yield image.crop((x, y, x + SQUARE, y + SQUARE))


@dataclass
class Count:
    """Pairs of squares of different collections: how many there are, and which are taken for the same, and how."""

    compared: int
    by_look: list[tuple[int, int]]
    by_hash: list[tuple[int, int]]


def count(found: list[Square]) -> Count:
    """Compare each square with each of other collections, as it is and mirrored."""
    collections = np.array([each.collection for each in found])
    hashes = _hashes([each.look for each in found])
    mirrored = _hashes([each.look.mirrored for each in found])
    tally = Count(0, [], [])
    for at in range(0, len(found), _ROWS):
        rows = slice(at, at + _ROWS)
        strangers = collections[rows, None] < collections[None]
        tally.compared += int(strangers.sum())
        for columns, turned in ((hashes, False), (mirrored, True)):
            near = (np.bitwise_count(hashes[rows, None] ^ columns[None]) <= NEAR) & strangers
            for row, column in np.argwhere(near):
                one, other = found[at + int(row)].look, found[int(column)].look
                other = other.mirrored if turned else other
                if Look(one.hash, one.detail).sees(other.hash, other.detail) is not None:
                    tally.by_look.append((at + int(row), int(column)))
                if not turned and Look(one.hash).sees(other.hash, other.detail) is not None:
                    tally.by_hash.append((at + int(row), int(column)))
    return tally


def _hashes(looks: list[Fingerprint]) -> np.ndarray:
    return np.array([int(each.hash, 16) for each in looks], np.uint64)


def sheet(found: list[Square], pairs: list[tuple[int, int]]) -> Image.Image:
    """Draw pairs side by side, eight in a row."""
    across, each = 8, 2 * _SHOWN + 12
    drawn = Image.new("RGB", (across * each, (len(pairs) // across + 1) * (_SHOWN + 8)), "white")
    for at, pair in enumerate(pairs):
        for side, index in enumerate(pair):
            drawn.paste(found[index].image, (at % across * each + side * _SHOWN, at // across * (_SHOWN + 8)))
    return drawn


def main() -> None:
    """Print the counts, and name the pairs."""
    parser = argparse.ArgumentParser(prog="python -m bench.hashes.strangers", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="one for each collection")
    parser.add_argument("--sheet", type=Path, help="where to draw what was taken for the same")
    given = parser.parse_args()
    found = list(squares(given.folders))
    tally = count(found)
    print(f"{len(found)} squares of {len({each.path for each in found})} pictures, {tally.compared} pairs compared")
    for name, pairs in (("their look", tally.by_look), ("the hash alone", tally.by_hash)):
        print(f"taken for the same by {name}: {len(pairs)}, {len(pairs) / tally.compared:.1e} of all")
        for one, other in pairs:
            print(f"  {found[one].path.name} {found[other].path.name}")
    if given.sheet:
        sheet(found, tally.by_look).save(given.sheet)


if __name__ == "__main__":
    main()
