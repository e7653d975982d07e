import hashlib

import numpy as np
import pytest
from PIL import Image

from chalicelib.domain.protection import CloakReport, ProtectionOptions
from chalicelib.imaging.protect import protect
from chalicelib.imaging.sniff import sniff
from tests.corpus.jpeg_files import two_pictures
from tests.corpus.pictures import animation, artwork, encoded
from tests.unit.imaging.helpers import largest, opened, pixels, protected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((200, 100), [(200, 100)]),
        ((320, 320), [(320, 320)]),
        ((900, 600), [(900, 600), (640, 427), (320, 213)]),
        ((600, 900), [(600, 900), (427, 640), (213, 320)]),
        ((2048, 8), [(2048, 8), (1280, 5), (640, 2), (320, 1)]),
        ((3000, 10), [(2048, 7), (1280, 4), (640, 2), (320, 1)]),
        ((10, 6000), [(3, 2048), (2, 1280), (1, 640), (1, 320)]),
        ((1, 1), [(1, 1)]),
    ],
)
def test_sizes_are_never_larger_than_the_picture(size: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    picture = protected(encoded(artwork(*size), "PNG"))
    assert (picture.width, picture.height) == size
    for name in ("avif", "webp", "jpeg"):
        assert [(item.width, item.height) for item in picture.renditions if item.format == name] == expected
    for item in picture.renditions:
        assert opened(item).size == (item.width, item.height)


@pytest.mark.parametrize(("width", "height"), [(4096, 2100), (4095, 1000), (2049, 300), (2100, 4200)])
def test_a_large_jpeg_keeps_its_detail(width: int, height: int) -> None:
    """Lines of three pixels, shown at half the size, vanish if the decoder scales below what is shown."""
    lines = np.zeros((height, width), np.uint8)
    lines[:, ::6] = lines[:, 1::6] = lines[:, 2::6] = 255
    picture = protected(encoded(Image.fromarray(lines), "JPEG", quality=95))
    rendition = largest(picture, "jpeg")
    assert max(rendition.width, rendition.height) == 2048
    assert pixels(rendition)[..., 0].std() > 60


def test_files_are_what_they_are_called_and_hashed() -> None:
    for item in protected(encoded(artwork(700, 500), "PNG")).renditions:
        assert sniff(item.data) == item.format
        assert item.sha256 == hashlib.sha256(item.data).hexdigest()
        assert not item.animated


def test_the_same_upload_gives_the_same_files() -> None:
    data, options = encoded(artwork(900, 700, alpha=True), "PNG"), ProtectionOptions(creator="Ana")
    assert protected(data, options) == protected(data, options)


def test_renditions_look_like_the_picture() -> None:
    original = artwork(640, 480)
    picture = protected(encoded(original, "PNG"))
    for name in ("avif", "webp", "jpeg"):
        assert np.abs(pixels(largest(picture, name)) - np.asarray(original, np.int16)).mean() < 6


def test_invisible_colors_do_not_bleed_into_edges() -> None:
    """A white disc on invisible black: averaged with care its edge stays white."""
    picture = Image.new("RGBA", (1000, 1000), (0, 0, 0, 0))
    disc = np.hypot(*np.meshgrid(np.arange(1000) - 500, np.arange(1000) - 500)) < 400
    picture.paste((255, 255, 255, 255), mask=Image.fromarray((disc * 255).astype(np.uint8)))
    for item in protected(encoded(picture, "PNG")).renditions:
        if item.format == "jpeg":
            assert pixels(item).min() > 245  # white on white
        elif item.width == 320 and item.format == "webp":
            shown = pixels(item, "RGBA")
            assert shown[shown[..., 3] > 40][:, :3].min() > 235


def test_transparency_is_kept_where_it_can_be() -> None:
    picture = protected(encoded(artwork(400, 300, alpha=True), "PNG"))
    assert opened(largest(picture, "webp")).mode == "RGBA"
    assert opened(largest(picture, "avif")).mode == "RGBA"
    jpeg = opened(largest(picture, "jpeg"))
    assert jpeg.mode == "RGB"
    corner = jpeg.getpixel((0, 0))
    assert isinstance(corner, tuple)
    assert min(corner) > 250


def test_an_opaque_alpha_channel_is_dropped() -> None:
    picture = artwork(64, 48)
    picture.putalpha(255)
    assert opened(largest(protected(encoded(picture, "PNG")), "webp")).mode == "RGB"


def test_of_two_pictures_the_first_is_shown() -> None:
    shown = pixels(largest(protected(two_pictures()), "webp"))
    assert np.abs(shown - np.asarray(artwork(64, 48), np.int16)).mean() < 12


def test_nothing_is_called_cloaked_that_is_not() -> None:
    still, moving = encoded(artwork(64, 48), "PNG"), animation("GIF")
    with pytest.raises(ValueError, match="none is loaded"):
        protected(still, ProtectionOptions(cloak="high"))
    report = protected(moving, ProtectionOptions(cloak="high")).cloak
    assert (report.level, report.applied, report.encoders) == ("high", False, ())
    assert protected(still, ProtectionOptions(cloak="off")).cloak == CloakReport("off", applied=False)


def test_every_file_is_made_of_what_the_cloak_returned_and_fingerprints_are_of_the_picture_itself() -> None:
    asked: list[tuple[str, int]] = []

    def darkened(image: Image.Image, level: str, seed: int) -> tuple[Image.Image, CloakReport]:
        asked.append((level, seed))
        return image.point(lambda value: value // 4), CloakReport("low", applied=True, psnr_db=9.0)

    data, other = encoded(artwork(700, 500), "PNG"), encoded(artwork(500, 700), "PNG")
    clean, done = protect(data, ProtectionOptions()), protect(data, ProtectionOptions(cloak="low"), darkened)
    assert done.cloak == CloakReport("low", applied=True, psnr_db=9.0)
    assert (done.perceptual_hash, done.blurhash) == (clean.perceptual_hash, clean.blurhash)
    for before, after in zip(clean.renditions, done.renditions, strict=True):
        assert pixels(after).mean() < pixels(before).mean() / 3
    protect(data, ProtectionOptions(cloak="low"), darkened)
    protect(other, ProtectionOptions(cloak="low"), darkened)
    assert asked[0] == asked[1]
    assert asked[0][1] != asked[2][1]
