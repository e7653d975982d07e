"""What tells a picture apart and stands in for it while it loads: perceptual hash, BlurHash, main colours."""

from collections import Counter

import numpy as np
from PIL import Image

from chalicelib.imaging.blurhash import encode_blurhash

MAX_COLORS = 5

_HASH_SIDE, _LOW = 32, 8
_SMALL_SIDE = 96
_BLUR_SIDE = 32


def perceptual_hash(picture: Image.Image) -> str:
    """Return 64 bits as 16 hex digits that stay nearly the same when the picture is scaled or compressed again.

    This is pHash: of the brightness at 32 by 32 pixels, the 8 by 8 lowest frequencies of a cosine transform, each
    against their median. A third of the size at JPEG 50 moved at most 2 bits, unrelated pictures differed by 18 or more
    (docs/adr/0007-imaging-pipeline.md). Compare by the number of differing bits: up to 10 is the same picture.

    Args:
        picture: upright, sRGB, RGB or RGBA.
    """
    grey = on_white(picture).convert("L").resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    places = np.arange(_HASH_SIDE)
    cosines = np.cos(np.pi * np.outer(np.arange(_LOW), 2 * places + 1) / (2 * _HASH_SIDE))
    low = (cosines @ np.asarray(grey, np.float64) @ cosines.T).ravel()
    # The margin keeps rounding from deciding about pictures without any detail.
    bits = low > np.median(low[1:]) + 1e-6
    return np.packbits(bits).tobytes().hex()


def blurhash(picture: Image.Image) -> str:
    """Return the BlurHash of 4 by 3 components of an upright sRGB picture, transparency on white."""
    tiny = on_white(picture).resize((_BLUR_SIDE, _BLUR_SIDE), Image.Resampling.BOX, reducing_gap=3.0)
    return encode_blurhash(np.asarray(tiny))


def dominant_colors(picture: Image.Image) -> tuple[str, ...]:
    """Return up to five ``#rrggbb``, most frequent first; pixels that are fully transparent do not count."""
    small = picture.copy()
    small.thumbnail((_SMALL_SIDE, _SMALL_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small.convert("RGBA")).reshape(-1, 4)
    visible = pixels[pixels[:, 3] > 0, :3]
    if not len(visible):
        return ()
    row = Image.fromarray(visible[np.newaxis].copy())
    reduced = row.quantize(MAX_COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    counts = Counter("#" + bytes(color).hex() for color in np.asarray(reduced.convert("RGB"))[0])
    return tuple(color for color, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def on_white(picture: Image.Image) -> Image.Image:
    """Return the picture as RGB, with what is transparent laid on white."""
    if picture.mode != "RGBA":
        return picture
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture.getchannel("A"))
    return sheet
