"""The perceptual hash, on synthetic pictures; on real ones it is measured by bench/hashes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from bench.hashes.changes import CHANGES
from chalicelib.domain.fingerprints import (
    FORMLESS,
    NEAR,
    SIMPLE,
    SIMPLE_DETAIL,
    Fingerprint,
    Look,
    asked_keys,
    bucket_keys,
    distance,
    registered_keys,
    simplicity,
)
from chalicelib.imaging.perceptual import fingerprints, perceptual_hash, without_border
from tests.corpus.pictures import artwork, encoded
from tests.unit.imaging.helpers import protected
from tools.perceptual_hash import main

ARTWORKS = [artwork(480, 360, seed=seed) for seed in range(6)]
SURVIVED = (
    "half size, JPEG 75",
    "JPEG 50",
    "quarter size, JPEG 85",
    "gamma 1.4",
    "grayscale",
    "2 % cropped all around",
)


def finds(copy: Fingerprint, original: Fingerprint) -> bool:
    """Tell whether the one is found when the other is looked for."""
    shared = set(registered_keys(original)) & set(asked_keys(copy))
    return bool(shared) and Look(copy.hash, copy.detail).sees(original.hash, original.detail) is not None


@pytest.mark.parametrize("change", SURVIVED)
def test_a_changed_copy_is_found(change: str) -> None:
    for picture in ARTWORKS:
        original, copy = fingerprints(picture)[0], fingerprints(CHANGES[change](picture))[0]
        assert finds(copy, original)
        assert original.hash == perceptual_hash(picture)


def test_the_hash_alone_finds_a_smaller_copy() -> None:
    for picture in ARTWORKS:
        original, copy = fingerprints(picture)[0], perceptual_hash(picture.resize((240, 180)))
        assert set(bucket_keys(copy)) & set(registered_keys(original))
        assert Look(copy).sees(original.hash, original.detail) is not None


def test_no_artwork_is_taken_for_another() -> None:
    looks = [fingerprints(picture)[0] for picture in ARTWORKS]
    for at, one in enumerate(looks):
        for other in looks[:at]:
            assert distance(one.hash, other.hash) > 14
            assert not finds(one, other)
            assert not finds(one.mirrored, other)


def test_the_mirror_image_is_known_without_seeing_it() -> None:
    for picture in ARTWORKS:
        mirrored = fingerprints(picture)[0].mirrored
        seen = fingerprints(ImageOps.mirror(picture))[0]
        assert distance(mirrored.hash, seen.hash) <= 1
        assert distance(mirrored.detail, seen.detail) <= 6
        assert finds(seen.mirrored, fingerprints(picture)[0])
        assert mirrored.mirrored == fingerprints(picture)[0]


@pytest.mark.parametrize("color", ["white", "#141414"])
def test_a_picture_in_a_plain_border_is_known_by_what_is_inside(color: str) -> None:
    picture = ARTWORKS[0]
    framed = ImageOps.expand(picture, 60, color)
    assert without_border(picture) is picture
    assert [finds(each, fingerprints(picture)[0]) for each in fingerprints(framed)] == [False, True]


def gradient(size: int = 256) -> Image.Image:
    return Image.linear_gradient("L").convert("RGB").resize((size, size))


def stripes() -> Image.Image:
    flag = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(flag).rectangle((0, 100, 300, 200), fill="red")
    return flag


@pytest.mark.parametrize("make", [lambda: Image.new("RGB", (300, 200), "#ecbe78"), gradient, stripes])
def test_what_has_no_structure_is_not_found_by_its_look(make: Callable[[], Image.Image]) -> None:
    assert fingerprints(make()) == ()
    assert len(perceptual_hash(make())) == 16
    noisy = np.asarray(make(), np.int16) + np.random.default_rng(1).integers(-1, 2, (make().height, make().width, 3))
    assert fingerprints(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))) == ()


def glow(width: float, seed: int) -> Image.Image:
    """Light in a corner on a grainy ground: one of many pictures that show nothing else."""
    down, across = np.mgrid[0:256, 0:256] / 256
    light = 200 * np.exp(-(down**2 + across**2) / width)
    grain = np.random.default_rng(seed).normal(0, 6, light.shape)
    return Image.fromarray(np.clip(light + grain + 20, 0, 255).astype(np.uint8)).convert("RGB")


def test_a_single_smooth_shape_tells_no_picture_from_others() -> None:
    one, other = fingerprints(glow(0.02, 1))[0], fingerprints(glow(0.022, 2))[0]
    assert distance(one.hash, other.hash) <= NEAR, "by their hashes they would be the same"
    assert simplicity(one.hash) >= SIMPLE
    assert not finds(one, other)
    assert Look(one.hash).sees(other.hash, other.detail) is None


def test_a_picture_of_few_shapes_is_known_by_a_close_copy_alone() -> None:
    picture = Image.new("RGB", (256, 256), "white")
    drawn = ImageDraw.Draw(picture)
    drawn.ellipse((40, 60, 170, 200), fill="#703010")
    drawn.rectangle((150, 20, 236, 76), fill="#204080")
    original = fingerprints(picture)[0]
    assert SIMPLE <= simplicity(original.hash) < FORMLESS
    assert finds(fingerprints(CHANGES["half size, JPEG 75"](picture))[0], original)
    apart = int(original.detail, 16) ^ ((1 << SIMPLE_DETAIL + 1) - 1)
    assert not finds(replace(original, detail=f"{apart:064x}"), original)


def test_simplicity_is_that_of_a_product_of_signs() -> None:
    assert [simplicity(each) for each in ("0" * 16, "f" * 16, "ff00" * 4, "a5" * 8, "5a" * 4 + "a5" * 4)] == [64] * 5
    assert simplicity("0" * 15 + "1") == 63
    assert max(simplicity(fingerprints(picture)[0].hash) for picture in ARTWORKS) < SIMPLE


def test_what_is_transparent_counts_as_white() -> None:
    cut_out = artwork(300, 300, alpha=True)
    sheet = Image.new("RGB", cut_out.size, "white")
    sheet.paste(cut_out, mask=cut_out.getchannel("A"))
    assert fingerprints(cut_out) == fingerprints(sheet)


def test_a_protected_picture_is_known_by_its_upright_clean_look() -> None:
    picture = artwork(640, 480)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = encoded(picture.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif.tobytes())
    assert [finds(each, fingerprints(picture)[0]) for each in protected(stored).fingerprints] == [True]


def test_fingerprints_are_as_long_as_they_are_stored() -> None:
    look = fingerprints(ARTWORKS[0])[0]
    assert [len(look.hash), len(look.detail), len(look.weakest)] == [16, 64, 36]
    assert len(set(registered_keys(look))) == 15
    assert len(set(asked_keys(look))) == 30
    assert set(bucket_keys(look.hash)) < set(registered_keys(look)) < set(asked_keys(look))
    assert Look.parse(look.long_hash) == Look(look.hash, look.detail)
    assert [Look.parse(each) for each in ("0" * 15, "0" * 64, "g" * 16, "0" * 16 + "\n")] == [None] * 4


def test_the_weakest_bits_are_those_that_turn_first() -> None:
    original = fingerprints(ARTWORKS[1])[0]
    copy = fingerprints(ImageEnhance.Brightness(ARTWORKS[1]).enhance(1.3))[0]
    turned = int(original.hash, 16) ^ int(copy.hash, 16)
    places = {place for place in range(64) if turned >> (63 - place) & 1}
    assert places <= {int(original.weakest[at : at + 2], 16) for at in range(0, 36, 2)}


def test_the_tool_prints_what_the_registry_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one.png", "other.jpg"):
        (tmp_path / name).write_bytes(encoded(ARTWORKS[0], "PNG" if name.endswith("png") else "JPEG"))
    (tmp_path / "none.png").write_bytes(b"no picture")
    assert main([str(tmp_path / "one.png"), str(tmp_path / "other.jpg")]) == 0
    one, other = (Look.parse(line) for line in capsys.readouterr().out.split())
    original = fingerprints(ARTWORKS[0])[0]
    assert one == Look(original.hash, original.detail)
    assert other is not None
    assert other.sees(original.hash, original.detail) is not None
    assert main([str(tmp_path / "none.png")]) == 2
    assert main([str(tmp_path / "missing.png")]) == 2
