"""The perceptual hash: signs of a cosine transform, which stay when a picture is scaled, compressed or recoloured."""

import math

import numpy as np
from PIL import Image

from chalicelib.domain.fingerprints import BAND_BITS, BANDS, DETAIL_ORDER, HASH_ORDER, WEAK, Fingerprint
from chalicelib.imaging.fingerprint import on_white

_SIDE = 32
_FREQUENCIES = 24

_NOTHING = 8.0
"""Amounts below this are what rounding 1,024 pixels to whole levels makes by itself: a wave of 1/32 of a grey level."""

_MOST_NOTHING = 16
"""Of a hash's bits; with more of them it is chance that decides, and the picture has no hash to be found by."""

_BORDER_SIDE = 128
_BORDER_TOLERANCE, _BORDER_SHARE, _BORDER_MOST = 24, 0.98, 0.35


def perceptual_hash(picture: Image.Image) -> str:
    """Return 64 bits as 16 hex digits that stay nearly the same when the picture is scaled or compressed again.

    Of the brightness at 32 by 32 pixels, the signs of the waves :data:`~chalicelib.domain.fingerprints.HASH_ORDER`.

    Args:
        picture: upright, sRGB, RGB or RGBA.
    """
    return _digits(_amounts(on_white(picture), HASH_ORDER))


def long_hash(picture: Image.Image) -> str:
    """Return the hash and its detail, 80 hex digits as the registry takes them, of a picture as for the hash."""
    whole = on_white(picture)
    return _digits(_amounts(whole, HASH_ORDER)) + _digits(_amounts(whole, DETAIL_ORDER))


def fingerprints(picture: Image.Image) -> tuple[Fingerprint, ...]:
    """Return how a picture looks: as it is, and without its plain border if it has one.

    None for what has too little structure to be told apart, such as a single colour, stripes or a gradient.

    Args:
        picture: upright, sRGB, RGB or RGBA.
    """
    whole = on_white(picture)
    inner = without_border(whole)
    looks = [_fingerprint(whole)] if inner is whole else [_fingerprint(whole), _fingerprint(inner)]
    return tuple(each for each in looks if each is not None)


def without_border(picture: Image.Image) -> Image.Image:
    """Cut a border of one colour off each side, up to a third of it; the very same picture where there is none."""
    size = (_BORDER_SIDE, _BORDER_SIDE)
    small = np.asarray(picture.resize(size, Image.Resampling.BOX, reducing_gap=3.0), np.int16)
    top, bottom = _plain(small), _plain(small[::-1])
    across = small[top : _BORDER_SIDE - bottom].transpose(1, 0, 2)
    left, right = _plain(across), _plain(across[::-1])
    if not (top or bottom or left or right):
        return picture
    cells = np.array([left, top, _BORDER_SIDE - right, _BORDER_SIDE - bottom]) / _BORDER_SIDE
    box = cells * (picture.width, picture.height, picture.width, picture.height)
    return picture.crop((int(box[0]), int(box[1]), math.ceil(box[2]), math.ceil(box[3])))


def _plain(lines: np.ndarray) -> int:
    """Return how many lines, from the first on, have the first one's colour nearly everywhere."""
    color = np.median(lines[0], axis=0)
    same = (np.abs(lines - color).max(axis=-1) <= _BORDER_TOLERANCE).mean(axis=-1) >= _BORDER_SHARE
    most = int(len(lines) * _BORDER_MOST)
    return int(np.argmin(np.append(same[:most], False)))


def _fingerprint(picture: Image.Image) -> Fingerprint | None:
    amounts = _transform(picture)
    low = np.array([amounts[each] for each in HASH_ORDER])
    if (np.abs(low) < _NOTHING).sum() > _MOST_NOTHING:
        return None
    detail = np.array([amounts[each] for each in DETAIL_ORDER])
    return Fingerprint(_digits(low), _digits(detail), _weakest(np.abs(low)))


def _weakest(sizes: np.ndarray) -> str:
    places = np.arange(len(sizes))
    bands = [places[band::BANDS][:BAND_BITS] for band in range(BANDS)]
    return bytes(int(each) for band in bands for each in band[np.argsort(sizes[band], kind="stable")][:WEAK]).hex()


def _amounts(picture: Image.Image, order: tuple[tuple[int, int], ...]) -> np.ndarray:
    transformed = _transform(picture)
    return np.array([transformed[each] for each in order])


def _transform(picture: Image.Image) -> np.ndarray:
    """Return how much of each wave, down and across, there is in the brightness (DCT-II, not scaled)."""
    small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    cosines = np.cos(np.pi * np.outer(np.arange(_FREQUENCIES), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))
    transformed: np.ndarray = cosines @ np.asarray(small, np.float64) @ cosines.T
    return transformed


def _digits(amounts: np.ndarray) -> str:
    # the margin keeps rounding from deciding where there is nothing at all
    return np.packbits(amounts > 1e-6).tobytes().hex()
