"""The change reaches the whole picture: at every size, in bounded memory, and not what is transparent."""

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from chalicelib.imaging.cloak.applying import WORKING, applied, working_copy
from chalicelib.imaging.cloak.levels import LEVELS
from chalicelib.imaging.cloak.mask import visibility_mask
from chalicelib.imaging.cloak.measures import color_difference, psnr, sample, ssim
from chalicelib.imaging.cloak.visibility import eased


def textured(size: tuple[int, int]) -> Image.Image:
    random = np.random.default_rng(1)
    coarse = Image.fromarray(random.integers(0, 256, (20, 20, 3), np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def a_change(height: int, width: int) -> NDArray[np.float32]:
    return np.random.default_rng(2).uniform(-0.05, 0.05, (3, height, width)).astype(np.float32)


def test_of_one_size_it_is_added_and_rounded() -> None:
    image, change = textured((40, 30)), a_change(30, 40)
    expected = np.clip(np.rint(np.asarray(image, np.float32) + 255 * change.transpose(1, 2, 0)), 0, 255)
    assert np.abs(np.asarray(applied(image, change), np.float32) - expected).max() <= 1


def test_strips_leave_no_seams() -> None:
    image, change = Image.new("RGB", (300, 700), (128, 128, 128)), a_change(70, 30)
    smooth = np.asarray(applied(image, change), np.float32)
    steps = np.abs(np.diff(smooth, axis=0)).max((1, 2))
    assert steps[127::128].max() <= steps.max()
    assert steps.max() <= 4  # a tenth of the greatest difference between neighbours of the small change, and rounding


def test_the_given_picture_stays_as_it_was() -> None:
    image = textured((64, 64))
    before = image.tobytes()
    applied(image, a_change(64, 64))
    assert image.tobytes() == before


def test_opacity_stays_and_hides_from_the_mask() -> None:
    image = textured((80, 60)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture, opacity = working_copy(image)
    assert picture.shape == (3, 60, 80)
    assert opacity[0].max() < 0.02
    assert opacity[-1].min() > 0.98
    changed = applied(image, a_change(60, 80))
    assert changed.mode == "RGBA"
    assert changed.getchannel("A").tobytes() == image.getchannel("A").tobytes()


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (5000, 3), (3, 5000), (900, 700)])
def test_the_working_copy_is_small_and_has_pixels(size: tuple[int, int]) -> None:
    picture, opacity = working_copy(Image.new("RGB", size))
    assert picture.shape[1:] == opacity.shape
    assert min(opacity.shape) >= 1
    assert max(opacity.shape) <= WORKING


def test_memory_for_a_large_picture_is_the_picture_and_little_more() -> None:
    image = Image.new("RGB", (6000, 4000))
    tracemalloc.start()
    try:
        applied(image, a_change(341, 512))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80e6  # Python's side; Pillow holds the picture and its copy, 4 bytes a pixel each


def test_a_sample_is_even_and_bounded() -> None:
    assert sample(Image.new("RGB", (200, 150))).size == (200, 150)
    small = sample(Image.new("RGB", (4000, 3000)))
    assert small.width * small.height <= 2**16


def test_flat_places_may_change_least_and_texture_most() -> None:
    pixels = np.full((3, 100, 200), 0.5, np.float32)
    pixels[:, :, 100:] += np.random.default_rng(1).normal(0, 0.15, (100, 100)).astype(np.float32)
    mask = visibility_mask(pixels)
    assert mask[:, :80].max() < 0.01
    assert mask[20:80, 130:180].min() > 1


@pytest.mark.parametrize("level", ["low", "default", "high"])
def test_a_change_is_eased_to_what_the_level_lets_be_seen(level: str) -> None:
    limits = LEVELS[level]  # type: ignore[index]
    image = textured((200, 150))
    picture, _ = working_copy(image)
    changed = applied(image, eased(picture, a_change(150, 200) * np.float32(4), limits))
    assert psnr(image, changed) >= limits.psnr - 0.1
    assert ssim(image, changed) >= limits.ssim - 0.003
    assert color_difference(image, changed) <= limits.color * 1.02


def test_a_change_that_shows_less_stays_as_it_is() -> None:
    picture, _ = working_copy(textured((200, 150)))
    change = a_change(150, 200) / np.float32(50)
    assert np.array_equal(eased(picture, change, LEVELS["default"]), change)
