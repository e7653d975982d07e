"""What tells pictures apart by what they show, and how near two of them are.

A picture's look is written in signs of a cosine transform of its brightness (:mod:`chalicelib.imaging.perceptual`): 64
of them are its perceptual hash, by which it is found, 256 its detail, which says whether what was found is the same
picture. Both change in known places when a picture is mirrored, so that a mirror image is looked for without being
stored. How these numbers were chosen: docs/adr/0020-finding-near-pictures.md.

A hash is looked up by bands: three times 21 of its bits, each the key of a bucket that holds all works with these bits.
A change of the picture turns weak bits first, those whose amount is next to nothing. Therefore a work stands in the
buckets of its neighbours as well, with the weakest bits turned, and who has a picture rather than a hash alone asks for
some of its neighbours too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, combinations

NEAR = 10
"""Most bits of 64 in which a picture and its altered copy differ."""

NEAR_DETAIL = 68
"""Most bits of 256 in which they do; unrelated pictures have 127, give or take 9."""

SIMPLE, SIMPLE_DETAIL = 54, 24
"""From which simplicity on a picture shows hardly more than one smooth shape, and in how many bits of 256 it and its
copy may differ then: such pictures are like each other without being copies."""

FORMLESS = 62
"""From which simplicity on a picture is known by its files alone: many have one hash, that of a glow in a corner."""

ALIKE = 4
"""Most bits of 64 by which a hash alone, without its detail, is taken for that of a registered picture."""

BANDS, BAND_BITS, WEAK = 3, 21, 6

SIDE = 8
HASH_ORDER = tuple((down, across) for down in range(1, SIDE + 1) for across in range(1, SIDE + 1))
"""Frequencies of the hash's bits: one to eight waves down and across, none without the other.

What changes in one direction only is left out: plain backgrounds, margins and gradients have it in common.
"""

DETAIL_ORDER = tuple(
    sorted(((d, a) for d in range(24) for a in range(24)), key=lambda each: (sum(each), max(each), each))[1:257]
)
"""Frequencies of the detail's bits: the 256 lowest but the mean."""

_DIGITS = re.compile(r"[0-9a-f]+")
_VERSION = "1"  # of how hashes are made and cut into keys: a change of either must begin with the next


def _mask(order: tuple[tuple[int, int], ...]) -> int:
    """Return the bits that a mirror image has turned: those of an odd number of half waves across."""
    return int("".join("1" if across % 2 else "0" for _, across in order), 2)


MIRROR, _MIRROR_DETAIL = _mask(HASH_ORDER), _mask(DETAIL_ORDER)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a picture looks.

    Attributes:
        hash: 64 bits as 16 hex digits.
        detail: 256 bits as 64 hex digits.
        weakest: for each band the places of its six weakest bits, weakest first, as two hex digits each.
    """

    hash: str
    detail: str
    weakest: str

    @property
    def mirrored(self) -> "Fingerprint":
        """The same of the mirror image."""
        turned = f"{int(self.hash, 16) ^ MIRROR:016x}"
        return replace(self, hash=turned, detail=f"{int(self.detail, 16) ^ _MIRROR_DETAIL:064x}")

    @property
    def long_hash(self) -> str:
        """Hash and detail in 80 hex digits, as the registry takes them."""
        return self.hash + self.detail


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a picture that is looked for: its hash, and its detail where there is more than the hash."""

    hash: str
    detail: str | None = None

    @classmethod
    def parse(cls, digits: str) -> "Look | None":
        """Read 16 or 80 lower-case hex digits; None for anything else."""
        if not _DIGITS.fullmatch(digits) or len(digits) not in {16, 80}:
            return None
        return cls(digits[:16], digits[16:] or None)

    def sees(self, other_hash: str, other_detail: str) -> int | None:
        """Return the distance of a picture's hash if it is taken for the same picture, None if it is not."""
        apart = distance(self.hash, other_hash)
        if apart > NEAR:
            return None
        simple = max(simplicity(self.hash), simplicity(other_hash))
        if self.detail is None:
            return apart if apart <= ALIKE and simple < SIMPLE else None
        limit = NEAR_DETAIL if simple < SIMPLE else SIMPLE_DETAIL
        return apart if simple < FORMLESS and distance(self.detail, other_detail) <= limit else None


def distance(one: str, other: str) -> int:
    """Return in how many bits two numbers in hex digits differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


@lru_cache(maxsize=256)
def simplicity(digits: str) -> int:
    """Return in how many of 64 places a hash is a product of signs for rows and for columns: from 45 or so to 64.

    Thrown coins have 48. A smooth shape has more, a glow or a shadow all: each of its waves down goes with each across.
    """
    rows = bytes.fromhex(digits)
    columns = ([(row ^ signs).bit_count() for row in rows] for signs in range(1 << (SIDE - 1)))
    return max(sum(max(each, SIDE - each) for each in found) for found in columns)


def bucket_keys(digits: str) -> list[str]:
    """Return the three buckets of a hash alone."""
    return [_key(band, _band(int(digits, 16), band)) for band in range(BANDS)]


def registered_keys(print_: Fingerprint) -> list[str]:
    """Return the 15 buckets in which a work is put: its own, and with the weakest bits of each band turned."""
    return _neighbours(print_, singles=3, paired=2)


def asked_keys(print_: Fingerprint) -> list[str]:
    """Return the 30 buckets in which a picture's likes are looked for: asking costs less than storing."""
    return _neighbours(print_, singles=WEAK, paired=3)


def _neighbours(print_: Fingerprint, *, singles: int, paired: int) -> list[str]:
    value = int(print_.hash, 16)
    places = [int(print_.weakest[at : at + 2], 16) for at in range(0, len(print_.weakest), 2)]
    keys: list[str] = []
    for band in range(BANDS):
        weak = places[band * WEAK : (band + 1) * WEAK]
        own = _band(value, band)
        bits = [1 << (BAND_BITS - 1 - place // BANDS) for place in weak]
        keys += [_key(band, own ^ sum(turned)) for turned in _turns(bits[:singles], bits[:paired])]
    return keys


def _turns(singles: list[int], paired: list[int]) -> Iterator[tuple[int, ...]]:
    yield ()
    yield from chain(((each,) for each in singles), combinations(paired, 2))


def _band(value: int, band: int) -> int:
    """Return every third bit of a hash, from that of the band's number on: neighbours in frequency lie apart."""
    bits = f"{value:064b}"[band::BANDS][:BAND_BITS]
    return int(bits, 2)


def _key(band: int, value: int) -> str:
    return f"look{_VERSION}#{band}#{value:06x}"
