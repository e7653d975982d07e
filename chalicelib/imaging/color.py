"""Colours: any mode and profile to 8 bit sRGB."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")  # D50, as TIFF 6.0 section 23 has it

_PROFILE_SPACES = {"RGB": "RGB", "RGBA": "RGB", "L": "GRAY", "CMYK": "CMYK"}
_ROWS = 256  # converted at a time: bounds the memory of 16 and 32 bit numbers
_SIXTEEN_BIT = 65535.0
_EIGHT_BIT = 255.0


def to_resizable(image: Image.Image) -> Image.Image:
    """Bring any mode that a file can have to one that can be resized: ``L RGB RGBA CMYK LAB``.

    Palettes become colours first, since indices cannot be averaged; transparency of any kind becomes an alpha channel.
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _to_eight_bit(image)
    if image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA") if image.mode != "RGBA" else image
    if image.mode in {"L", "RGB", "RGBA", "CMYK", "LAB"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert ``L RGB RGBA CMYK LAB`` to sRGB, as RGB or RGBA, by its profile if that fits and works.

    Without one, pixels are taken as sRGB, as browsers do; CMYK is inverted.
    """
    profile = _LAB if image.mode == "LAB" else _read_profile(image.mode, icc)
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(
                image,
                profile,
                _SRGB,
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode=target,
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile without the tables for this direction; the pixels themselves are sound.
            converted = None
        if converted is not None:
            return converted
    return image.convert(target)


def is_recolored(image: Image.Image, icc: bytes | None) -> bool:
    """Tell whether ``to_resizable`` and ``to_srgb`` change the colours of a picture of such a mode and profile."""
    if image.mode in {"I", "F", "CMYK", "LAB"} or image.mode.startswith("I;16"):
        return True
    grey = image.mode in {"L", "1"} and "transparency" not in image.info
    return _read_profile("L" if grey else "RGB", icc) is not None


def _read_profile(mode: str, icc: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """Return the profile if it is readable and made for the kind of colours the picture has."""
    if not icc:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return profile if space == _PROFILE_SPACES.get(mode) else None


def _to_eight_bit(image: Image.Image) -> Image.Image:
    """Bring one channel of 16 bit, 32 bit or floating numbers to 8 bit grey, keeping black and white where they are."""
    with np.errstate(all="ignore"):  # files may hold what is no number
        return _scale_numbers(image)


def _scale_numbers(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image)
    low, high = _range(pixels, image.mode)
    result = np.empty(pixels.shape, np.uint8)
    for top in range(0, pixels.shape[0], _ROWS):
        part = np.nan_to_num(pixels[top : top + _ROWS].astype(np.float64), nan=low, posinf=high, neginf=low)
        scaled = (part - low) * (_EIGHT_BIT / (high - low))
        result[top : top + _ROWS] = np.clip(np.rint(scaled), 0, _EIGHT_BIT)
    grey = Image.fromarray(result)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(pixels == transparent, 0, 255).astype(np.uint8)))
        return grey.convert("RGBA")
    return grey


def _range(pixels: np.ndarray, mode: str) -> tuple[float, float]:
    """Return which numbers mean black and white.

    16 bit has them by definition. Files of 32 bit or floating numbers do not say: the usual ranges 0 to 1, 0 to 255
    and 0 to 65535 are recognised, anything else is stretched from its least to its largest number.
    """
    if mode not in {"I", "F"}:
        return 0.0, _SIXTEEN_BIT
    finite = pixels[np.isfinite(pixels)] if mode == "F" else pixels
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    for white in (1.0, _EIGHT_BIT, _SIXTEEN_BIT) if mode == "F" else (_EIGHT_BIT, _SIXTEEN_BIT):
        if low >= 0 and high <= white:
            return 0.0, white
    # A single value is black; the distance must not vanish beside large numbers.
    return low, high if high > low else low + max(1.0, abs(low))
