"""The cloak as a whole, on the real models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from chalicelib.imaging.cloak.encoders import ModelError, load_encoders
from chalicelib.imaging.cloak.engine import START, Cloak
from chalicelib.imaging.cloak.gauge import Gauge
from chalicelib.imaging.cloak.levels import LEVELS
from chalicelib.imaging.cloak.measures import psnr, ssim
from tests.cloak.conftest import Cloaked, painting


def change(clean: Image.Image, cloaked: Image.Image) -> np.ndarray:
    return np.asarray(cloaked, np.float32) - np.asarray(clean, np.float32)


def test_a_picture_without_any_structure_is_not_called_cloaked(quick_cloak: Cloak) -> None:
    plain = Image.new("RGB", (256, 256), "teal")
    cloaked, report = quick_cloak.apply(plain, "low", 1)
    assert cloaked.tobytes() == plain.tobytes()
    assert not report.applied
    assert report.floor_reached is False


def test_no_swirls_show_in_a_sky(quick_cloak: Cloak) -> None:
    sky = Image.linear_gradient("L").resize((256, 256)).convert("RGB")
    cloaked, _ = quick_cloak.apply(sky, "low", 1)
    rim = 8  # where averages reach beyond the picture
    assert np.abs(change(sky, cloaked))[rim:-rim, rim:-rim].max() == 0


def test_the_same_picture_level_and_seed_give_the_same_bytes(quick_cloak: Cloak) -> None:
    image = painting()
    first, report = quick_cloak.apply(image, "low", 3)
    again, _ = quick_cloak.apply(image, "low", 3)
    assert first.tobytes() == again.tobytes()
    assert report.applied
    assert quick_cloak.apply(image, "low", 4)[0].tobytes() != first.tobytes()


def test_a_picture_below_its_floor_gets_more_steps_up_to_a_bound_and_the_report_says_so(quick_cloak: Cloak) -> None:
    drawing = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(drawing).line((20, 40, 270, 200), fill="black", width=2)
    _, report = quick_cloak.apply(drawing, "low", 1)
    assert report.steps == 5
    assert report.floor_reached is False


def test_the_report_is_what_can_be_measured(cloaked_painting: Callable[[int], Cloaked], models: Path) -> None:
    image, cloaked, report = cloaked_painting(1)
    assert report.psnr_db == pytest.approx(psnr(image, cloaked))
    assert report.color_difference is not None
    assert report.floor is not None
    assert report.cpu_seconds is not None
    assert report.ssim == pytest.approx(ssim(image, cloaked))
    assert report.color_difference <= LEVELS["default"].color + 0.2
    encoders = load_encoders(models, [effect.encoder for effect in report.encoders])
    assert Gauge(encoders, image).effects(cloaked) == report.encoders
    half = np.mean([effect.jpeg75_half for effect in report.encoders])
    assert report.floor_reached == bool(half >= report.floor)
    assert report.cpu_seconds > 0


def test_higher_levels_reach_further(cloak: Cloak, cloaked_painting: Callable[[int], Cloaked]) -> None:
    image, _, default = cloaked_painting(1)
    reports = (cloak.apply(image, "low", 1)[1], default, cloak.apply(image, "high", 1)[1])
    low, middle, high = (report.effect or 0 for report in reports)
    assert low < middle
    assert low < high
    # this far beyond unrelated pictures (1.0) there is little left to reach, and processors round differently
    assert high > 0.95 * middle
    assert middle > 0.5


def test_an_encoder_that_was_held_out_is_shifted_as_well(
    cloaked_painting: Callable[[int], Cloaked], models: Path
) -> None:
    image, cloaked, _ = cloaked_painting(1)
    (judge,) = Gauge(load_encoders(models, ["efficientnet-lite2"]), image).effects(cloaked)
    assert judge.served > 0.4


def test_the_change_is_made_for_the_picture_and_no_fixed_pattern(cloaked_painting: Callable[[int], Cloaked]) -> None:
    (first, *_), _ = pair = cloaked_painting(1), cloaked_painting(7)
    one, two = (change(image, cloaked) for image, cloaked, _ in pair)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] < 0.5
    start = Image.fromarray(np.load(START)[0].astype(np.float32)).resize(first.size, Image.Resampling.BICUBIC)
    for each in (one, two):
        for mirrored in (start, start.transpose(Image.Transpose.FLIP_LEFT_RIGHT)):
            assert abs(np.corrcoef(each.mean(2).ravel(), np.asarray(mirrored).ravel())[0, 1]) < 0.6


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (9, 700), (700, 9)])
def test_tiny_and_narrow_pictures_come_back_in_their_size(quick_cloak: Cloak, size: tuple[int, int]) -> None:
    cloaked, report = quick_cloak.apply(painting(size) if min(size) > 8 else Image.new("RGB", size, "teal"), "low", 1)
    assert cloaked.size == size
    assert len(report.encoders) == 3


def test_transparent_pixels_and_opacity_stay(quick_cloak: Cloak) -> None:
    image = painting().convert("RGBA")
    opacity = Image.new("L", image.size, 255)
    opacity.paste(0, (0, 0, 160, 240))
    image.putalpha(opacity)
    cloaked, report = quick_cloak.apply(image, "low", 1)
    assert cloaked.mode == "RGBA"
    assert cloaked.getchannel("A").tobytes() == opacity.tobytes()
    changed = np.abs(change(image, cloaked)).max(2)
    assert changed[:, :150].max() == 0
    assert changed[:, 170:].max() > 3
    assert report.applied


def test_flat_places_are_left_as_they_are(quick_cloak: Cloak) -> None:
    drawing = Image.new("RGB", (400, 400), (236, 190, 120))
    ImageDraw.Draw(drawing).ellipse((120, 120, 280, 280), fill=(90, 40, 60))
    cloaked, _ = quick_cloak.apply(drawing, "low", 1)
    moved = np.abs(change(drawing, cloaked))
    assert moved[:60, :60].max() == 0
    assert moved[100:300, 100:300].max() > 3


def test_a_damaged_model_is_an_error_before_any_picture(models: Path, tmp_path: Path) -> None:
    for path in models.iterdir():
        (tmp_path / path.name).symlink_to(path)
    damaged = next(tmp_path.glob("dinov2-s-*.onnx"))
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.unlink()
    damaged.write_bytes(data)
    with pytest.raises(ModelError, match="damaged"):
        Cloak(tmp_path)
