"""Watermarks of generators in the colours of a picture."""

import io

import numpy as np
import pytest
from PIL import Image

from chalicelib.imaging.screening import screen
from chalicelib.imaging.screening.dwtdct import MESSAGES
from tests.corpus import pictures


def encoded(image: Image.Image, format_: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def marked(message: str, size: tuple[int, int] = (512, 384)) -> Image.Image:
    """Return a picture with a message in it, put there block by block as the generators do.

    It has soft colours: in others the mark of many a block undoes itself, with the generators as here.
    """
    soft = pictures.artwork(*size).convert("L").convert("RGB").point(lambda level: 60 + level // 2)
    pixels = np.asarray(soft, np.float64)
    luma = pixels @ [0.299, 0.587, 0.114]
    chroma = np.rint((pixels[..., 2] - luma) * 0.492 + 128)
    changed = chroma.copy()
    number = 0
    for top in range(0, chroma.shape[0] - 7, 8):
        for left in range(0, chroma.shape[1] - 7, 8):
            block = np.array(
                [
                    [chroma[top + 2 * y : top + 2 * y + 2, left + 2 * x : left + 2 * x + 2].sum() / 2 for x in range(4)]
                    for y in range(4)
                ]
            )
            place = int(np.argmax(np.abs(block.reshape(-1)[1:]))) + 1
            y, x = divmod(place, 4)
            wanted = (block[y, x] // 36 + 0.25 + 0.5 * int(message[number % len(message)])) * 36
            changed[top + 2 * y : top + 2 * y + 2, left + 2 * x : left + 2 * x + 2] += (wanted - block[y, x]) / 2
            number += 1
    # blue carries it: U is but blue less luma
    blue = pixels[..., 2] + (changed - chroma) / (0.492 * (1 - 0.114))
    green = pixels[..., 1]
    out = np.stack([pixels[..., 0], green, blue], -1)
    return Image.fromarray(np.clip(np.rint(out), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("generator", MESSAGES)
def test_a_known_message_is_a_hint_and_no_more(generator: str) -> None:
    data = encoded(marked(MESSAGES[generator]))
    found = screen(data, pixels=True)
    assert found.verdict == "hint"
    assert [(each.signal, each.value) for each in found.evidence] == [("dwtdct-watermark", generator)]
    assert screen(data).verdict == "none", "it costs a decoding: it is looked for only where that is asked for"


def test_it_survives_a_good_jpeg_and_not_another_size() -> None:
    image = marked(MESSAGES["Stable Diffusion XL"])
    assert screen(encoded(image, "JPEG", quality=97, subsampling=0), pixels=True).verdict == "hint"
    assert screen(encoded(image.resize((400, 300))), pixels=True).verdict == "none"


@pytest.mark.parametrize("seed", range(6))
def test_pictures_without_a_message_have_none(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    another = "".join(str(bit) for bit in np.random.default_rng(seed).integers(0, 2, 48))
    for image in (pictures.artwork(300 + seed, 256), Image.fromarray(noise), marked(another, (256, 256))):
        assert screen(encoded(image), pixels=True).verdict == "none"


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (64, 64)])
def test_a_small_picture_has_no_room_for_one(size: tuple[int, int]) -> None:
    assert screen(encoded(Image.new("RGB", size, "red")), pixels=True).verdict == "none"
