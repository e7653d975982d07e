"""Walks through file containers: sizes, frames and the bytes that pixels need, without decoding.

Pillow reads headers generously: it follows as many segments, chunks and tags as a file holds, keeps what it finds and
takes damaged parts silently. So each container is walked here first, with bounds; what pixels do not need never
reaches a decoder, and what is missing or altered is noticed.
"""

from collections.abc import Callable

from chalicelib.imaging.containers import bmff, gif, jpeg, png, tiff, webp
from chalicelib.imaging.limits import check_bytes
from chalicelib.imaging.sniff import SourceFormat, sniff
from chalicelib.imaging.source import Source

_WALKS: dict[SourceFormat, Callable[[bytes], Source]] = {
    "jpeg": jpeg.walk,
    "png": png.walk,
    "webp": webp.walk,
    "gif": gif.walk,
    "tiff": tiff.walk,
    "avif": bmff.walk_avif,
    "heic": bmff.walk_heic,
}


def examine(data: bytes) -> Source:
    """Find out what ``data`` is and whether it may be decoded; nothing is decoded here.

    Raises PictureRejectedError with any code of ``chalicelib.imaging.rejections``.
    """
    check_bytes(data)
    return _WALKS[sniff(data)](data)
