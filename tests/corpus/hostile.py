"""Hostile and unusual uploads, with the end that each must come to.

Made by code, the same bytes on every run of one Pillow version; nothing binary is kept but two tiny pictures that no
library of the project can encode.
"""

from collections.abc import Callable

from tests.corpus import bmff_files, gif_files, jpeg_files, other_files, png_files, tiff_files, webp_files
from tests.corpus.case import HostileCase

__all__ = ["HostileCase", "hostile_files"]

_MODULES: tuple[Callable[[], list[HostileCase]], ...] = (
    jpeg_files.cases,
    png_files.cases,
    gif_files.cases,
    webp_files.cases,
    tiff_files.cases,
    bmff_files.cases,
    other_files.cases,
)


def hostile_files() -> list[HostileCase]:
    """Return every case; their bytes are built only when ``make`` is called."""
    return [case for cases in _MODULES for case in cases()]
