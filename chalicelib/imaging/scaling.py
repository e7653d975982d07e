"""Sizes of the renditions, and the scaling from one to the next."""

from collections.abc import Iterator

from PIL import Image

from chalicelib.imaging.color import to_resizable, to_srgb

EDGES = (2048, 1280, 640, 320)
"""Long sides in pixels of a still picture's renditions, largest first."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def limited(edges: tuple[int, ...], most: int | None) -> tuple[int, ...]:
    """Return the long sides that an artist allows; ``most`` is one of those of stills, or None."""
    return edges if most is None else tuple(edge for edge in edges if edge <= most)


def rendition_sizes(width: int, height: int, edges: tuple[int, ...] = EDGES) -> list[tuple[int, int]]:
    """Return the sizes to make of an upright picture, largest first, never larger than itself nor without pixels.

    >>> rendition_sizes(900, 600)
    [(900, 600), (640, 427), (320, 213)]
    """
    long_side = max(width, height)
    sides = [min(long_side, edges[0]), *(edge for edge in edges[1:] if edge < long_side)]
    return [(max(1, round(width * side / long_side)), max(1, round(height * side / long_side))) for side in sides]


def make_master(image: Image.Image, icc: bytes | None, orientation: int, size: tuple[int, int]) -> Image.Image:
    """Make the largest rendition's pixels: scaled, then converted to sRGB, then turned upright.

    Args:
        image: decoded pixels of any mode.
        icc: their colour profile.
        orientation: EXIF orientation still to be applied.
        size: upright size to make.

    Returns:
        fresh pixels, RGB, or RGBA where something is transparent.
    """
    turn = _TURNS.get(orientation)
    lying = size[::-1] if orientation in range(5, 9) else size
    scaled = _resize(to_resizable(image), lying, gap=2.0)
    colored = to_srgb(scaled, icc)
    upright = colored.transpose(turn) if turn is not None else colored
    if upright.mode == "RGBA" and upright.getchannel("A").getextrema() == (255, 255):
        upright = upright.convert("RGB")
    upright = upright.copy() if upright is image else upright
    upright.info = {}
    return upright


def shrink(master: Image.Image, sizes: list[tuple[int, int]]) -> Iterator[Image.Image]:
    """Yield the picture in each of ``sizes``, largest first, each made from the one before."""
    picture = master
    for size in sizes:
        picture = _resize(picture, size, gap=3.0)
        yield picture


def _resize(image: Image.Image, size: tuple[int, int], gap: float) -> Image.Image:
    # Of RGBA, Pillow averages premultiplied colours, so that invisible pixels do not darken the edges.
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)
