"""Recall and false matches of the perceptual hash, on real pictures.

    python -m bench.hashes FOLDER… [--cloaked FOLDER] [--step 2]

Recall is that of the whole search: a changed copy counts as found if it shares a bucket with its original and is then
taken for it. Pairs of different pictures that are taken for the same are named, for the eye: some are.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from math import erfc, sqrt
from pathlib import Path

import numpy as np
from PIL import Image

from bench.hashes.changes import CHANGES
from bench.hashes.pictures import KINDS, pictures
from chalicelib.domain.fingerprints import (
    ALIKE,
    NEAR,
    NEAR_DETAIL,
    Fingerprint,
    Look,
    asked_keys,
    bucket_keys,
    distance,
    registered_keys,
)
from chalicelib.imaging.perceptual import fingerprints, perceptual_hash

WORKS = 10_000_000


@dataclass
class Tally:
    """What became of copies with one change."""

    asked: int = 0
    found: int = 0
    found_by_hash: int = 0
    distances: tuple[int, ...] = ()

    def add(self, original: tuple[Fingerprint, ...], copy: Image.Image) -> None:
        """Look for a copy's original."""
        seen = fingerprints(copy)
        self.asked += 1
        self.found += any(_finds(one, other) for one in seen for other in original)
        self.found_by_hash += any(_finds_by_hash(perceptual_hash(copy), other) for other in original)
        self.distances += (distance(perceptual_hash(copy), original[0].hash),)


def _finds(one: Fingerprint, other: Fingerprint) -> bool:
    stored = set(registered_keys(other))
    return any(
        stored & set(asked_keys(each)) and Look(each.hash, each.detail).sees(other.hash, other.detail) is not None
        for each in (one, one.mirrored)
    )


def _finds_by_hash(digits: str, other: Fingerprint) -> bool:
    shared = set(registered_keys(other)) & set(bucket_keys(digits))
    return bool(shared) and Look(digits).sees(other.hash, other.detail) is not None


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.hashes", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cloaked", type=Path, help="folder of NAME.clean.png and NAME.cloaked.png")
    parser.add_argument("--step", type=int, default=1, help="change every step-th picture only")
    given = parser.parse_args()
    tallies: dict[str, Tally] = {name: Tally() for name in CHANGES}
    looks: dict[str, list[tuple[str, tuple[Fingerprint, ...]]]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for at, (name, image) in enumerate(pictures(given.folders, kind, 3 if kind == "drawings" else 1)):
            looks[kind].append((name, fingerprints(image)))
            if kind != "drawings" and at % given.step == 0 and looks[kind][-1][1]:
                for change, made in CHANGES.items():
                    tallies[change].add(looks[kind][-1][1], made(image))
    tallies |= {"cloak": _cloaked(given.cloaked)} if given.cloaked else {}
    _print_recall(tallies)
    for kind, found in looks.items():
        without = sum(not each for _, each in found)
        print(f"\n{kind}: {len(found)} pictures, {without} without enough structure")
        _print_pairs([(name, each[0]) for name, each in found if each])
    print("\nall")
    _print_pairs([(name, each[0]) for found in looks.values() for name, each in found if each], named=False)


def _cloaked(folder: Path) -> Tally:
    tally = Tally()
    for path in sorted(folder.glob("*.cloaked.png")):
        clean = path.with_name(path.name.replace(".cloaked.", ".clean."))
        with Image.open(clean) as original, Image.open(path) as copy:
            tally.add(fingerprints(original.convert("RGB")), copy.convert("RGB"))
    return tally


def _print_recall(tallies: dict[str, Tally]) -> None:
    print("| change | pictures | mean distance | 99 in 100 within | found | found by the hash alone |")
    print("|---|---|---|---|---|---|")
    for change, each in tallies.items():
        far = np.percentile(each.distances, 99)
        shares = f"{each.found / each.asked:.1%} | {each.found_by_hash / each.asked:.1%}"
        print(f"| {change} | {each.asked} | {np.mean(each.distances):.1f} | {far:.0f} | {shares} |")


def _print_pairs(works: list[tuple[str, Fingerprint]], *, named: bool = True) -> None:
    """Print how far apart different pictures are, and which are taken for the same."""
    hashes = np.array([int(each.hash, 16) for _, each in works], np.uint64)
    digits = "".join(each.detail for _, each in works)
    details = np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(len(works), -1)
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None])
    ones, others = np.triu_indices(len(works), 1)
    distances = apart[ones, others]
    mean, deviation = distances.mean(), distances[distances > 2 * NEAR].std()
    tail = {limit: erfc((mean - limit - 0.5) / deviation / sqrt(2)) / 2 for limit in (ALIKE, NEAR)}
    print(f"  {len(distances)} pairs, {mean:.2f} bits apart, standard deviation {deviation:.2f}")
    print(f"  a normal distribution would have {tail[ALIKE]:.1e} within {ALIKE}, {tail[NEAR]:.1e} within {NEAR}")
    print(f"  within {ALIKE}: {(distances <= ALIKE).sum()}, within {NEAR}: {(distances <= NEAR).sum()}, ", end="")
    close = list(_close(distances, ones, others, details))
    print(f"and in detail: {sum(detail <= NEAR_DETAIL for _, detail, _, _ in close)}")
    for near, detail, one, other in close if named else ():
        print(f"    {near:3} {detail:4} {works[one][0]} {works[other][0]}")
    _print_buckets([each for _, each in works], apart)


def _close(
    distances: np.ndarray, ones: np.ndarray, others: np.ndarray, details: np.ndarray
) -> Iterator[tuple[int, int, int, int]]:
    for at in np.flatnonzero(distances <= NEAR):
        one, other = int(ones[at]), int(others[at])
        yield int(distances[at]), int(np.bitwise_count(details[one] ^ details[other]).sum()), one, other


def _print_buckets(works: list[Fingerprint], apart: np.ndarray) -> None:
    """Print how many strangers a bucket would hold of many works like these."""
    stored: dict[str, list[int]] = {}
    for at, work in enumerate(works):
        for key in registered_keys(work):
            stored.setdefault(key, []).append(at)
    strangers = [
        sum(int(apart[at, other]) > 2 * NEAR for other in stored[key])
        for at, work in enumerate(works)
        for key in bucket_keys(work.hash)
    ]
    each = np.mean(strangers) / len(works) * WORKS
    print(f"  a bucket of {WORKS:,} works like these would hold {each:.0f} of other pictures")


if __name__ == "__main__":
    main()
