"""What may happen to a picture on its way to a model, by accident or to undo the cloak."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageFilter

from chalicelib.imaging.cloak.gauge import as_jpeg, halved

Attack = Callable[[Image.Image], Image.Image]


def cropped(picture: Image.Image) -> Image.Image:
    """Keep the middle 80% of width and height."""
    left, top = picture.width // 10, picture.height // 10
    return picture.crop((left, top, picture.width - left, picture.height - top))


def noised(deviation: float) -> Attack:
    """Return what adds white noise, the same to clean and cloaked pictures of one size."""

    def attack(picture: Image.Image) -> Image.Image:
        random = np.random.default_rng(11)
        noise = random.normal(0, 255 * deviation, (picture.height, picture.width, 3))
        return Image.fromarray(np.clip(np.asarray(picture) + noise + 0.5, 0, 255).astype(np.uint8))

    return attack


def noised_and_smoothed(picture: Image.Image) -> Image.Image:
    """Add noise, halve and double again: a crude stand-in for purification by upscaling."""
    small = halved(noised(0.05)(picture))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


ATTACKS: Mapping[str, Attack] = {
    "nothing": lambda picture: picture,
    "JPEG 90": as_jpeg(90),
    "JPEG 75": as_jpeg(75),
    "JPEG 50": as_jpeg(50),
    "half size": halved,
    "half, JPEG 75": lambda picture: as_jpeg(75)(halved(picture)),
    "crop 80%": cropped,
    "blur 1.5 px": lambda picture: picture.filter(ImageFilter.GaussianBlur(1.5)),
    "noise .05": noised(0.05),
    "noise .10": noised(0.10),
    "median 5 px": lambda picture: picture.filter(ImageFilter.MedianFilter(5)),
    "noise .05, half, double": noised_and_smoothed,
}
