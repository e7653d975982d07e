"""Watermarks that generators put into colours, in the way that the library invisible-watermark calls dwtDct.

A bit stands in each block of 4 by 4 of the Haar transform of U (of YUV): in which half of a step of 36 the largest
coefficient but the first lies; a message is repeated over all blocks (https://github.com/ShieldMnt/invisible-watermark).
It says little: scaling, cropping and strong compression destroy it, and anybody can put it into a photograph. So it is
a hint at most, and looked for only where that is asked for, as it costs a decoding.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.domain.screening import Finding, finding
from chalicelib.imaging.containers import examine
from chalicelib.imaging.decode import load, open_picture

_STEP, _BLOCK = 36.0, 4

MOST_PIXELS = 16_000_000
"""What generators make is smaller; a larger picture was scaled and has lost its mark."""

_REPEATED = 5
"""How often a message must stand in a picture for its bits to be told from chance."""

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "Stable Diffusion XL": "101100111110110010010000011110111011000110011110",
        # its leading zeros are lost on the way, as its authors write it as a number
        "FLUX": "1010101111111010000111100111001111010100101110",
        "Stable Diffusion 1": "".join(f"{byte:08b}" for byte in b"StableDiffusionV1"),
        "Stable Diffusion 2": "".join(f"{byte:08b}" for byte in b"SDV2"),
    }
)
"""Bits by generator, from the generators' published code."""


def find_watermark(data: bytes) -> Iterator[Finding]:
    """Yield a finding if a known message is there. A picture that cannot be decoded has none.

    One bit in twelve may be wrong; that a picture has so much of a message by chance is less likely than one in ten
    million, for each message.
    """
    import numpy as np

    try:
        source = examine(data)
        if source.frames > 1 or source.width * source.height > MOST_PIXELS:
            return
        image = load(open_picture(source), long_side=max(source.width, source.height)).convert("RGB")
    except PictureRejectedError:
        return
    pixels = np.asarray(image, np.float32)
    height, width = (side // (2 * _BLOCK) * 2 * _BLOCK for side in pixels.shape[:2])
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    chroma = np.clip(np.rint((pixels[..., 2] - luma) * 0.492 + 128), 0, 255)
    # blocks run over whole rows of the picture, those that are cut off at its right edge left out
    quads = chroma[:height, :width].reshape(height // 2, 2, width // 2, 2).sum((1, 3)) / 2
    blocks = quads.reshape(height // 8, _BLOCK, width // 8, _BLOCK).swapaxes(1, 2).reshape(-1, _BLOCK * _BLOCK)
    bits = np.abs(blocks[:, 1:]).max(1, initial=0) % _STEP > _STEP / 2
    for generator, message in MESSAGES.items():
        if len(bits) >= _REPEATED * len(message):
            shares = np.array([bits[place :: len(message)].mean() for place in range(len(message))])
            wrong = int(((shares > 0.5) != (np.array(list(message)) == "1")).sum())
            if wrong <= len(message) // 12:
                yield finding("hint", "dwtdct-watermark", "colours", generator)
