"""Synthetic artworks: as rich as photographs where encoders and hashes are concerned, and the same on every run."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw


def artwork(width: int, height: int, *, seed: int = 1, alpha: bool = False) -> Image.Image:
    """Return a picture with gradients, coarse and fine texture, shapes and lettering, as RGB or RGBA."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (7, 9, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    noise = random.integers(-12, 13, (height, width, 1), dtype=np.int16)
    picture = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        radius = int(random.integers(1, max(2, min(width, height) // 4)))
        color = tuple(int(value) for value in random.integers(0, 256, 3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color, outline="black")
    draw.text((width // 10, height // 2), "Cara", fill="white", font_size=max(8, height // 6))
    if alpha:
        mask = Image.new("L", (width, height), 0)
        ImageDraw.Draw(mask).ellipse((width // 10, height // 10, width * 9 // 10, height * 9 // 10), fill=255)
        picture.putalpha(mask)
    return picture


def encoded(picture: Image.Image, name: str, **options: Any) -> bytes:
    """Return the picture as a file in Pillow's format ``name``."""
    file = BytesIO()
    picture.save(file, name, **options)
    return file.getvalue()


def animation(name: str, *, frames: int = 4, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """Return an animation of distinct frames as a file in Pillow's format ``name``."""
    pictures = [artwork(*size, seed=seed) for seed in range(frames)]
    return encoded(pictures[0], name, save_all=True, append_images=pictures[1:], **options)
