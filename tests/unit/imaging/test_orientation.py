import numpy as np
import pytest
from PIL import Image

from chalicelib.imaging.orientation import read_orientation
from tests.corpus.pictures import encoded
from tests.unit.imaging.helpers import largest, opened, pixels, protected

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)


def upright() -> Image.Image:
    """Return four quarters of a wide picture: red, green above blue, white."""
    picture = Image.new("RGB", (160, 96))
    for color, corner in ((RED, (0, 0)), (GREEN, (80, 0)), (BLUE, (0, 48)), (WHITE, (80, 48))):
        picture.paste(color, (*corner, corner[0] + 80, corner[1] + 48))
    return picture


# How the pixels lie in the file so that the orientation turns them upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation: int, name: str) -> None:
    turn = STORED[orientation]
    stored = upright() if turn is None else upright().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = protected(encoded(stored, name, exif=exif.tobytes()))
    assert (picture.width, picture.height) == (160, 96)
    for format_name in ("avif", "webp", "jpeg"):
        rendition = largest(picture, format_name)
        shown = pixels(rendition)
        for (y, x), color in {(20, 30): RED, (20, 130): GREEN, (75, 30): BLUE, (75, 130): WHITE}.items():
            assert np.abs(shown[y, x] - color).max() < 16, (format_name, y, x)
        assert opened(rendition).getexif().get(0x0112) is None


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*" + b"\xff" * 99, b"nothing"]
)
def test_a_broken_block_means_upright(exif: bytes) -> None:
    assert read_orientation(exif) == 1
