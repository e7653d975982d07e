"""The pictures the bench measures on. They are not part of the repository.

Photographs come out of scikit-image and scikit-learn. Paintings and portraits are read from folders; the numbers in
docs were measured on those of the game Wesnoth:

    apt-get download wesnoth-1.16-httt wesnoth-1.16-did
    dpkg -x wesnoth-1.16-httt_*.deb FOLDER; dpkg -x wesnoth-1.16-did_*.deb FOLDER
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

PAINTINGS = (
    "portraits/delfador.png portraits/lisar.png portraits/konrad-human.png portraits/darken_volk.png "
    "portraits/malin_young.png story/httt_story1.jpg story/httt_story3.jpg story/httt_story5.jpg story/httt_story8.jpg "
    "story/parthyn.jpg story/travel.jpg story/arrival_of_the_heir.png"
).split()
"""What is taken of Wesnoth's two campaigns: five portraits, seven paintings."""

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
BACKGROUND = (210, 205, 195)  # portraits are cut out; a plain one as of paper


def real(folder: Path | None, long_side: int) -> Iterator[tuple[str, Image.Image]]:
    """Yield the real pictures by name, RGB, scaled to ``long_side`` pixels."""
    for name in PAINTINGS if folder else ():
        found = sorted(folder.rglob(name)) if folder else []
        if not found:
            raise SystemExit(f"{folder} has no {name}")
        with Image.open(found[0]) as file:
            yield Path(name).stem, _scaled(_on_background(file), long_side)
    for name, pixels in _photographs():
        yield name, _scaled(Image.fromarray(pixels), long_side)


def drawn(long_side: int) -> Iterator[tuple[str, Image.Image]]:
    """Yield the hard cases: line art, flat colour, a sky without detail."""
    size = (long_side, long_side)
    lines = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(lines)
    random = np.random.default_rng(7)
    for _ in range(60):
        points = random.uniform(0.05, 0.95, (3, 2)) * long_side
        pen.line([(float(x), float(y)) for x, y in points], fill="black", width=3)
    yield "line art", lines
    flat = Image.new("RGB", size, (236, 190, 120))
    pen = ImageDraw.Draw(flat)
    for _ in range(14):
        (x, y), radius = random.uniform(0, 1, 2) * long_side, float(random.uniform(0.05, 0.2)) * long_side
        color = tuple(int(each) for each in random.integers(40, 230, 3))
        pen.ellipse((float(x) - radius, float(y) - radius, float(x) + radius, float(y) + radius), fill=color)
    yield "flat colour", flat
    rows = np.linspace(0, 1, long_side)[:, None, None]
    sky = (np.array([90, 150, 220]) * (1 - rows) + np.array([225, 235, 245]) * rows).repeat(long_side, 1)
    yield "sky", Image.fromarray(sky.astype(np.uint8))


def _photographs() -> Iterator[tuple[str, np.ndarray]]:
    import skimage.data
    from sklearn.datasets import load_sample_images

    for name in PHOTOGRAPHS:
        yield name, getattr(skimage.data, name)()
    yield from zip(("china", "flower"), load_sample_images().images, strict=True)


def _on_background(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGBA", image.size, (*BACKGROUND, 255))
    return Image.alpha_composite(sheet, image.convert("RGBA")).convert("RGB")


def _scaled(image: Image.Image, long_side: int) -> Image.Image:
    scale = long_side / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)
