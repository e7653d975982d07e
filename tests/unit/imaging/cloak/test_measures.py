"""PSNR, SSIM and ΔE00 against published values and their definitions."""

import numpy as np
import pytest
from PIL import Image

from chalicelib.imaging.cloak.measures import ciede2000, color_difference, psnr, ssim

# Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula" (2005), table 1: pairs that implementations get wrong.
SHARMA = [
    ((50.0000, 2.6772, -79.7751), (50.0000, 0.0000, -82.7485), 2.0425),
    ((50.0000, -1.3802, -84.2814), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, 0.0000, 0.0000), (50.0000, -1.0000, 2.0000), 2.3669),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0009), 7.1792),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0011), 7.2195),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0011, -2.4900), 4.7461),
    ((50.0000, 2.5000, 0.0000), (73.0000, 25.0000, -18.0000), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def picture(seed: int = 1, size: tuple[int, int] = (60, 40)) -> Image.Image:
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), np.uint8))


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_color_difference_is_that_of_the_paper(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    one, two = np.array([first]), np.array([second])
    assert ciede2000(one, two)[0] == pytest.approx(expected, abs=5e-5)
    assert ciede2000(two, one)[0] == pytest.approx(expected, abs=5e-5)


def test_color_difference_of_black_and_white_is_that_of_lightness() -> None:
    black, white = Image.new("RGB", (3, 3), "black"), Image.new("RGB", (3, 3), "white")
    assert color_difference(black, white) == pytest.approx(100, abs=0.05)


def test_equal_pictures_differ_in_nothing() -> None:
    one = picture()
    assert psnr(one, one) == float("inf")
    assert ssim(one, one) == pytest.approx(1)
    assert color_difference(one, one) == 0


def test_psnr_of_a_constant_step() -> None:
    assert psnr(Image.new("RGB", (9, 9), (100, 100, 100)), Image.new("RGB", (9, 9), (110, 110, 110))) == pytest.approx(
        20 * np.log10(25.5)
    )


def test_ssim_of_flat_pictures_is_its_luminance_term() -> None:
    constant = (0.01 * 255) ** 2
    expected = (2 * 100 * 120 + constant) / (100**2 + 120**2 + constant)
    assert ssim(Image.new("L", (20, 20), 100), Image.new("L", (20, 20), 120)) == pytest.approx(expected, abs=1e-4)


def test_ssim_of_unrelated_noise_is_near_nothing() -> None:
    assert abs(ssim(picture(1), picture(2))) < 0.05


@pytest.mark.parametrize("size", [(1, 1), (5, 40), (11, 11)])
def test_ssim_takes_the_smallest_pictures(size: tuple[int, int]) -> None:
    assert ssim(picture(1, size), picture(1, size)) == pytest.approx(1)
