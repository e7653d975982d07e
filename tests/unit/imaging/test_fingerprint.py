import numpy as np
from PIL import Image

from chalicelib.imaging.blurhash import encode_blurhash
from chalicelib.imaging.fingerprint import dominant_colors
from tests.corpus.pictures import artwork, encoded
from tests.unit.imaging.helpers import protected


# Worked out with the PyPI package blurhash 1.1.5.
def test_blurhash_equals_the_reference() -> None:
    y, x = np.mgrid[0:24, 0:32]
    slopes = np.stack([x * 8, y * 10, (x + y) * 4], -1).astype(np.uint8)
    assert encode_blurhash(slopes) == "LxH27b2kwzX5mAWYjuf7gKfkfQfj"
    assert encode_blurhash(np.zeros((16, 16, 3), np.uint8)) == "L00000fQfQfQfQfQfQfQfQfQfQfQ"
    assert encode_blurhash(np.full((16, 16, 3), 255, np.uint8)) == "LKTSUA~qfQ~q~qoffQoffQfQfQfQ"
    halves = np.zeros((30, 20, 3), np.uint8)
    halves[:15, :, 0], halves[15:, :10, 1], halves[15:, 10:, 2] = 230, 200, 77
    assert encode_blurhash(halves) == "L~JYtDtxf$rv{On9e=ocr@jaf7j@"
    longer = "f~JYtDtxf$rvfQt3{On9e=ocfQnlr@jaf7j@fQjaKMbrfja#fQbGfQfQfQfQfQfQ"
    assert encode_blurhash(halves, (6, 5)) == longer


def test_blurhash_of_a_picture_has_four_by_three_components() -> None:
    assert len(protected(encoded(artwork(300, 200), "PNG")).blurhash) == 28


def test_dominant_colors_come_in_the_order_of_their_area() -> None:
    picture = Image.new("RGB", (300, 200), (200, 20, 20))
    picture.paste((20, 20, 200), (0, 0, 100, 200))
    picture.paste((20, 200, 20), (0, 0, 100, 50))
    assert dominant_colors(picture) == ("#c81414", "#1414c8", "#14c814")


def test_invisible_pixels_have_no_color() -> None:
    picture = Image.new("RGBA", (96, 96), (255, 0, 255, 0))
    assert dominant_colors(picture) == ()
    picture.paste((10, 200, 30, 255), (0, 0, 30, 30))
    assert dominant_colors(picture) == ("#0ac81e",)


def test_there_are_at_most_five_colors() -> None:
    colors = dominant_colors(artwork(500, 400))
    assert len(set(colors)) == len(colors) == 5
