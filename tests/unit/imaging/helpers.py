"""What several tests of the imaging need."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions, Rendition
from chalicelib.domain.signatures import Signer
from chalicelib.imaging.protect import protect

PLAIN = ProtectionOptions()


def protected(data: bytes, options: ProtectionOptions = PLAIN, signed_by: Signer | None = None) -> ProtectedPicture:
    return protect(data, options, signer=signed_by)


def largest(picture: ProtectedPicture, name: str) -> Rendition:
    return max((item for item in picture.renditions if item.format == name), key=lambda item: item.width * item.height)


def opened(rendition: Rendition) -> Image.Image:
    image = Image.open(BytesIO(rendition.data))
    image.load()
    return image


def pixels(rendition: Rendition, mode: str = "RGB") -> NDArray[np.int16]:
    return np.asarray(opened(rendition).convert(mode), np.int16)
