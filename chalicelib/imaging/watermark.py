"""An artist's visible mark: a line of text drawn over a picture, before it is cloaked and scaled down."""

from functools import cache

from PIL import Image, ImageDraw, ImageFont

from chalicelib.domain.protection import Watermark

_SHARE = 1 / 28
"""Height of the letters, of the picture's shorter side."""

_WIDEST = 0.9
"""Widest that the line may be, of the picture's width."""

_LEAST = 9
"""Smallest size of letters in pixels that can still be read."""

_ACROSS = {"left": 0.0, "center": 0.5, "right": 1.0}
_DOWN = {"top": 0.0, "center": 0.5, "bottom": 1.0}


def drawn(image: Image.Image, mark: Watermark | None) -> Image.Image:
    """Return a picture (RGB or RGBA) with a mark drawn over it, white with a dark edge; the same one without a mark."""
    if mark is None:
        return image
    font, edge = _font(image.size, mark.text)
    left, top, right, bottom = font.getbbox(mark.text, stroke_width=edge)
    margin = max(2, round(min(image.size) * _SHARE / 2))
    across, down = _anchor(mark.position)
    x = margin + across * max(0, image.width - 2 * margin - (right - left)) - left
    y = margin + down * max(0, image.height - 2 * margin - (bottom - top)) - top
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    alpha = round(255 * mark.opacity)
    ImageDraw.Draw(layer).text(
        (x, y), mark.text, (255, 255, 255, alpha), font, stroke_width=edge, stroke_fill=(0, 0, 0, alpha)
    )
    marked = Image.alpha_composite(image.convert("RGBA"), layer)
    return marked if image.mode == "RGBA" else marked.convert("RGB")


def _anchor(position: str) -> tuple[float, float]:
    down, _, across = position.partition("-")
    return (_ACROSS[across], _DOWN[down]) if across else (0.5, 0.5)


def _font(size: tuple[int, int], text: str) -> tuple[ImageFont.FreeTypeFont, int]:
    """Return Pillow's own font (Aileron, public domain) so that the line fits, and the width of its edge."""
    wanted = max(_LEAST, round(min(size) * _SHARE))
    width = _loaded(wanted).getlength(text)
    fitting = max(_LEAST, min(wanted, int(wanted * _WIDEST * size[0] / max(1.0, width))))
    return _loaded(fitting), max(1, fitting // 16)


@cache
def _loaded(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font
