import struct
from io import BytesIO
from typing import Literal

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.corpus.bmff_files import HEIC_GRADIENT
from tests.corpus.jpeg_files import cmyk
from tests.corpus.pictures import artwork, encoded
from tests.corpus.png_files import with_chunk
from tests.unit.imaging.helpers import largest, pixels, protected

WHITE = np.array([0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290])  # D65


def matrix(*primaries: tuple[float, float]) -> np.ndarray:
    """Return the matrix from linear colors of these primaries (x, y) to XYZ."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    scaled: np.ndarray = columns * np.linalg.solve(columns, WHITE)
    return scaled


def to_srgb(color: tuple[int, ...], *primaries: tuple[float, float]) -> tuple[int, ...]:
    """Work out the sRGB values of a color without any colour engine; what lies outside is clipped."""
    xyz = matrix(*primaries) @ (np.array(color) / 255) ** 2.2
    linear = np.clip(np.linalg.solve(matrix(*SRGB), xyz), 0, 1)
    curved = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple(int(value) for value in np.rint(curved * 255))


SRGB = (0.640, 0.330), (0.300, 0.600), (0.150, 0.060)
P3 = (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)
ADOBE = (0.640, 0.330), (0.210, 0.710), (0.150, 0.060)


def matrix_profile(red: tuple[float, float], green: tuple[float, float], blue: tuple[float, float]) -> bytes:
    """Return an ICC profile of the given primaries (x, y), white D65 and gamma 2.2, written by hand."""
    to_xyz = matrix(red, green, blue)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50 = np.array([0.96422, 1.0, 0.82521])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ WHITE)) @ bradford
    columns = (adapt @ to_xyz).T

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: np.ndarray) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(number(float(value)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78 + 3)
    tags = {
        b"desc": text,
        b"wtpt": xyz(d50),
        b"rXYZ": xyz(columns[0]),
        b"gXYZ": xyz(columns[1]),
        b"bXYZ": xyz(columns[2]),
    }
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    start, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + b"".join(number(float(value)) for value in d50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


DISPLAY_P3 = matrix_profile(*P3)
ADOBE_RGB = matrix_profile(*ADOBE)


def flat(color: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (64, 48), color)


def middle(data: bytes, name: str = "webp") -> tuple[int, ...]:
    return tuple(int(value) for value in pixels(largest(protected(data), name))[24, 32])


def near(one: tuple[int, ...], other: tuple[int, ...], tolerance: int = 4) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("primaries", [P3, ADOBE], ids=["p3", "adobe"])
@pytest.mark.parametrize("given", [(255, 0, 0), (200, 100, 50), (100, 150, 100), (128, 128, 128), (30, 60, 200)])
def test_profiles_are_honoured(given: tuple[int, ...], primaries: tuple[tuple[float, float], ...]) -> None:
    data = encoded(flat(given), "PNG", icc_profile=matrix_profile(*primaries))
    for name in ("avif", "webp", "jpeg"):
        assert near(middle(data, name), to_srgb(given, *primaries), tolerance=5), name


def test_a_red_of_display_p3_is_the_reddest_there_is() -> None:
    assert near(middle(encoded(flat((255, 0, 0)), "JPEG", quality=95, icc_profile=DISPLAY_P3)), (255, 0, 0))


def test_alpha_survives_a_profile() -> None:
    picture = artwork(64, 48, alpha=True)
    data = encoded(picture, "PNG", icc_profile=DISPLAY_P3)
    alpha = pixels(largest(protected(data), "webp"), "RGBA")[..., 3]
    assert np.array_equal(alpha, np.asarray(picture.getchannel("A")))


@pytest.mark.parametrize("broken", [b"garbage", b"\0" * 200, DISPLAY_P3[:300]])
def test_a_broken_profile_is_ignored(broken: bytes) -> None:
    assert near(middle(encoded(flat((200, 100, 50)), "JPEG", quality=95, icc_profile=broken)), (200, 100, 50))


def test_a_grey_profile_on_colors_is_ignored() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert near(middle(encoded(flat((200, 100, 50)), "PNG", icc_profile=lab)), (200, 100, 50))


@pytest.mark.parametrize(
    ("ink", "expected"),
    [((0, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 255), (0, 0, 0)), ((0, 255, 255, 0), (255, 0, 0))],
)
@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_inks_become_plausible_colors(name: str, ink: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert near(middle(encoded(flat(ink, "CMYK"), name)), expected, tolerance=8)


def test_adobe_inverted_inks_look_like_the_original() -> None:
    shown = pixels(largest(protected(cmyk(adobe=True)), "webp"))
    assert np.abs(shown - np.asarray(artwork(64, 48), np.int16)).mean() < 12


def test_sixteen_bit_grey_keeps_its_ramp() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    for data in (encoded(Image.fromarray(ramp), "PNG"), encoded(Image.fromarray(ramp), "TIFF")):
        row = pixels(largest(protected(data), "webp"))[32, :, 0]
        assert np.abs(row - np.arange(256)).max() <= 4
        assert len(np.unique(row)) > 60  # neither clipped nor reduced to a few steps


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
def test_floating_numbers_keep_their_ramp(white: float) -> None:
    ramp = np.tile(np.linspace(0, white, 256, dtype=np.float32), (64, 1))
    row = pixels(largest(protected(encoded(Image.fromarray(ramp), "TIFF")), "webp"))[32, :, 0]
    assert np.abs(row - np.arange(256)).max() <= 4


def test_lab_becomes_the_color_it_was() -> None:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.applyTransform(flat((200, 100, 50)), ImageCms.buildTransform(*profiles, "RGB", "LAB"))
    assert lab is not None
    assert near(middle(encoded(lab, "TIFF")), (200, 100, 50), tolerance=6)


def test_palette_with_transparency_keeps_both() -> None:
    picture = artwork(640, 480).quantize(8)
    data = encoded(picture, "PNG", transparency=bytes([0, 128] + [255] * 6))
    with Image.open(BytesIO(data)) as reference:
        expected = np.asarray(reference.convert("RGBA"))
    rendition = largest(protected(data), "webp")
    assert np.array_equal(pixels(rendition, "RGBA")[..., 3], expected[..., 3])


def test_one_transparent_grey_of_sixteen_bits() -> None:
    values = np.full((48, 64), 30000, np.uint16)
    values[:, :32] = 1000
    data = with_chunk(b"tRNS", (1000).to_bytes(2), data=encoded(Image.fromarray(values), "PNG"))
    shown = pixels(largest(protected(data), "webp"), "RGBA")
    assert (shown[24, 8, 3], shown[24, 56, 3]) == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "YCbCr", "I;16", "I", "F"])
def test_every_mode_of_tiff_and_png_is_read(mode: str) -> None:
    name: Literal["PNG", "TIFF"] = "TIFF" if mode in {"YCbCr", "I", "F"} else "PNG"
    picture = (
        artwork(64, 48).convert("L").convert(mode) if mode in {"I;16", "I", "F"} else artwork(64, 48).convert(mode)
    )
    assert largest(protected(encoded(picture.convert(mode), name)), "avif").width == 64


def test_heic_shows_its_gradient() -> None:
    shown = pixels(largest(protected(HEIC_GRADIENT), "webp"))
    assert shown.shape == (32, 48, 3)
    assert near(tuple(shown[2, 45]), (240, 16, 96), tolerance=24)
    assert near(tuple(shown[29, 2]), (10, 239, 96), tolerance=24)
