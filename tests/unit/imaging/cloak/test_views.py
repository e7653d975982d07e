"""Scaling and colours are linear, with exact adjoints; windows stay within the picture."""

import numpy as np
import pytest
from PIL import Image

from chalicelib.imaging.cloak import color
from chalicelib.imaging.cloak.views import WHOLE, WINDOWS, Window, jittered, look, resampling


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", [(90, 130), (300, 1), (17, 400)])
def test_going_back_is_the_adjoint_of_seeing(window: Window, size: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    at = look(*size, window, 56)
    picture = random.standard_normal((3, *size)).astype(np.float32)
    seen = random.standard_normal((3, 56, 56)).astype(np.float32)
    assert float((at.see(picture) * seen).sum()) == pytest.approx(
        float((picture * at.back(seen)).sum()), rel=1e-3, abs=0.05
    )


@pytest.mark.parametrize(("length", "result"), [(100, 30), (30, 100), (64, 64), (1, 5), (5, 1)])
def test_scaling_keeps_what_is_flat(length: int, result: int) -> None:
    assert resampling(length, result) @ np.ones(length, np.float32) == pytest.approx(np.ones(result), abs=1e-6)


def test_seeing_the_whole_is_what_pillow_makes_of_it() -> None:
    random = np.random.default_rng(4)
    pixels = random.integers(0, 256, (120, 90), np.uint8)
    ours = look(120, 90, WHOLE, 40).see(np.repeat(pixels[np.newaxis].astype(np.float32), 3, 0))[0]
    pillows = np.asarray(Image.fromarray(pixels).resize((40, 40), Image.Resampling.BILINEAR), np.float32)
    assert np.abs(ours - pillows).max() < 1.5


def test_a_moved_window_stays_within_the_picture() -> None:
    random = np.random.default_rng(5)
    for window in WINDOWS:
        for _ in range(20):
            moved = jittered(window, random, 0.03)
            assert 0 <= moved.top < moved.bottom <= 1
            assert 0 <= moved.left < moved.right <= 1


def test_colours_go_back_by_the_adjoint() -> None:
    random = np.random.default_rng(6)
    matrix = color.basis(0.5)
    change, gradient = random.standard_normal((2, 3, 8, 9)).astype(np.float32)
    there = float((color.to_rgb(change, matrix) * gradient).sum())
    assert there == pytest.approx(float((change * color.to_basis(gradient, matrix)).sum()), rel=1e-4)


def test_brightness_comes_before_tints() -> None:
    brightness, tint = np.zeros((2, 3, 1, 1), np.float32)
    brightness[0], tint[1] = 1, 1
    assert np.ptp(color.to_rgb(brightness, color.basis(0.5))) == 0
    assert abs(float(color.to_rgb(tint, color.basis(0.5)).sum())) < 1e-6
