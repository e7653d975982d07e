"""What an artist asks for beside the cloak: a visible mark, and no file larger than they like."""

import io

import numpy as np
import pytest
from PIL import Image

from chalicelib.domain.protection import DISPLAY_SIZES, ProtectedPicture, ProtectionOptions, Watermark
from chalicelib.imaging.protect import protect
from chalicelib.imaging.watermark import drawn

MARK = Watermark("© Ada Lovelace", "bottom-right", 1.0)
GREY = Image.new("RGB", (1600, 1000), (90, 120, 150))


def png(image: Image.Image = GREY) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (900, 600), (0, 60 * number, 100)) for number in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def changed(image: Image.Image, mark: Watermark, base: Image.Image = GREY) -> tuple[float, float, float]:
    """Return the share of pixels that a mark changes, and the middle of those, across and down from 0 to 1."""
    found = np.abs(np.asarray(image.convert("RGB"), int) - np.asarray(base.convert("RGB"), int)).max(axis=2) > 8
    down, across = np.nonzero(found)
    return float(found.mean()), float(across.mean() / image.width), float(down.mean() / image.height)


@pytest.mark.parametrize(
    ("position", "across", "down"),
    [
        ("top-left", (0, 0.4), (0, 0.2)),
        ("top-right", (0.6, 1), (0, 0.2)),
        ("center", (0.4, 0.6), (0.4, 0.6)),
        ("bottom-left", (0, 0.4), (0.8, 1)),
        ("bottom-center", (0.4, 0.6), (0.8, 1)),
        ("bottom-right", (0.6, 1), (0.8, 1)),
    ],
)
def test_it_stands_where_it_should(position: str, across: tuple[float, float], down: tuple[float, float]) -> None:
    mark = Watermark(MARK.text, position, 1.0)  # type: ignore[arg-type]  # one of them
    share, x, y = changed(drawn(GREY, mark), mark)
    assert 0.001 < share < 0.05
    assert across[0] <= x <= across[1]
    assert down[0] <= y <= down[1]


def test_fainter_is_fainter_and_none_is_none() -> None:
    def difference(opacity: float) -> float:
        marked = np.asarray(drawn(GREY, Watermark(MARK.text, "center", opacity)), int)
        return float(np.abs(marked - np.asarray(GREY, int)).sum())

    assert 0 < difference(0.1) < difference(0.5) < difference(1.0)
    assert drawn(GREY, None) is GREY


@pytest.mark.parametrize("size", [(40, 40), (3000, 100), (100, 3000), (1, 1)])
def test_a_long_line_on_an_odd_picture_keeps_its_size_and_transparency(size: tuple[int, int]) -> None:
    image = Image.new("RGBA", size, (9, 9, 9, 0))
    marked = drawn(image, Watermark("W" * 60, "center", 1.0))
    assert (marked.size, marked.mode) == (size, "RGBA")
    assert image.getchannel("A").getextrema() == (0, 0), "the picture itself is left alone"


def made(**options: object) -> ProtectedPicture:
    return protect(png(), ProtectionOptions(**options))  # type: ignore[arg-type]  # what each test says


def test_every_file_carries_it_and_the_look_is_that_of_the_painting() -> None:
    plain, marked = made(), made(watermark=MARK)
    for before, after in zip(plain.renditions, marked.renditions, strict=True):
        base, image = (Image.open(io.BytesIO(each.data)) for each in (before, after))
        share, x, y = changed(image, MARK, base)
        assert share > 0.0005
        assert (x > 0.6, y > 0.8) == (True, True)
    assert (plain.fingerprints, plain.perceptual_hash) == (marked.fingerprints, marked.perceptual_hash)


@pytest.mark.parametrize("most", DISPLAY_SIZES)
def test_no_file_is_larger_than_its_artist_likes(most: int) -> None:
    sides = {max(each.width, each.height) for each in made(display_size=most).renditions}
    assert max(sides) == min(most, 1600)
    moving = protect(animation(), ProtectionOptions(display_size=most, watermark=MARK)).renditions
    assert max(max(each.width, each.height) for each in moving) == min(most, 900)
