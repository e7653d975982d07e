"""A picture that is nobody's: brush strokes along a field that a seed bends, for the demo and for tests."""

import io
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

_PALETTES = (
    ("#1b2a41", "#324a5f", "#ccc9dc", "#e07a5f", "#f2cc8f"),
    ("#22223b", "#4a4e69", "#9a8c98", "#c9ada7", "#f2e9e4"),
    ("#0b3954", "#087e8b", "#bfd7ea", "#ff5a5f", "#f7d488"),
    ("#283618", "#606c38", "#fefae0", "#dda15e", "#bc6c25"),
)
_STROKES = 2600
_STEPS = 14


def paint(seed: int, width: int = 2400, height: int = 1600) -> bytes:
    """Return a JPEG of `width` by `height` pixels; the same seed paints the same picture."""
    chance = random.Random(seed)  # noqa: S311 - a picture, not a secret
    # Painted at half the size: brush strokes are soft, and a quarter of the pixels takes a quarter of the time.
    small = (width // 2, height // 2)
    palette = chance.choice(_PALETTES)
    picture = _ground(palette, small)
    draw = ImageDraw.Draw(picture, "RGBA")
    bends = [chance.uniform(0.5, 2.5) for _ in range(4)]
    for number in range(_STROKES):
        # Broad strokes first, fine ones over them.
        _stroke(draw, chance, small, palette, bends, thickness=30 * (1 - number / _STROKES) + 2)
    picture = picture.filter(ImageFilter.SMOOTH).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (width, height), chance.randbytes(width * height)).point(
        lambda value: 104 + value // 5
    )
    picture = ImageChops.overlay(picture, grain.convert("RGB"))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=92)
    return stream.getvalue()


def _ground(palette: tuple[str, ...], size: tuple[int, int]) -> Image.Image:
    dark, light = Image.new("RGB", size, palette[0]), Image.new("RGB", size, palette[2])
    return Image.composite(light, dark, Image.linear_gradient("L").resize(size))


def _stroke(
    draw: ImageDraw.ImageDraw,
    chance: random.Random,
    size: tuple[int, int],
    palette: tuple[str, ...],
    bends: list[float],
    *,
    thickness: float,
) -> None:
    x, y = chance.uniform(0, size[0]), chance.uniform(0, size[1])
    red, green, blue = bytes.fromhex(chance.choice(palette)[1:])
    points = [(x, y)]
    for _ in range(_STEPS):
        angle = bends[0] * math.sin(bends[1] * x / 200) + bends[2] * math.cos(bends[3] * y / 160)
        x, y = x + 7 * math.cos(angle), y + 7 * math.sin(angle)
        points.append((x, y))
    draw.line(points, fill=(red, green, blue, chance.randint(60, 170)), width=max(1, int(thickness)), joint="curve")
