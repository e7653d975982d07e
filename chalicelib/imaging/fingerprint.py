"""What stands in for a picture while it loads: BlurHash and main colours."""

from collections import Counter

import numpy as np
from PIL import Image

from chalicelib.imaging.blurhash import encode_blurhash

MAX_COLORS = 5

_SMALL_SIDE = 96
_BLUR_SIDE = 32


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
