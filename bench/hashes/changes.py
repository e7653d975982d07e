"""What happens to a picture on its way around."""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageOps

_R = Image.Resampling


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Return the picture as JPEG makes it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    with Image.open(io.BytesIO(file.getvalue())) as opened:
        return opened.convert("RGB")


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Return the picture at another size."""
    return image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))), _R.LANCZOS)


def cropped(image: Image.Image, share: float, *, corner: bool = False) -> Image.Image:
    """Return the picture without a share of its width and height, of all sides or of one corner's two."""
    width, height = image.size
    across, down = round(width * share), round(height * share)
    if corner:
        return image.crop((across, down, width, height))
    return image.crop((across // 2, down // 2, width - (across - across // 2), height - (down - down // 2)))


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Return the picture turned, without the corners that became empty."""
    width, height = image.size
    slope = math.sin(math.radians(degrees))
    across, down = int(height * slope / 2) + 1, int(width * slope / 2) + 1
    return image.rotate(degrees, _R.BICUBIC).crop((across, down, width - across, height - down))


def _gamma(image: Image.Image, gamma: float) -> Image.Image:
    return image.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)


def _hue(image: Image.Image) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    return Image.merge("HSV", (hue.point(lambda each: (each + 14) % 256), saturation, value)).convert("RGB")


def _framed(image: Image.Image, share: float, color: str) -> Image.Image:
    return jpeg(ImageOps.expand(image, round(max(image.size) * share), color), 80)


def _screenshot(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (image.width, round(image.height * 1.3)), (18, 18, 18))
    sheet.paste(image, (0, round(image.height * 0.15)))
    return jpeg(sheet, 80)


def _several(image: Image.Image) -> Image.Image:
    recolored = ImageEnhance.Color(ImageEnhance.Brightness(image).enhance(1.1)).enhance(1.2)
    return jpeg(scaled(cropped(recolored, 0.03, corner=True), 0.5), 60)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half size, JPEG 75": lambda each: jpeg(scaled(each, 0.5), 75),
    "JPEG 50": lambda each: jpeg(each, 50),
    "quarter size, JPEG 85": lambda each: jpeg(scaled(each, 0.25), 85),
    "third size, JPEG 50": lambda each: jpeg(scaled(each, 1 / 3), 50),
    "stretched by 20 %": lambda each: each.resize((round(each.width * 1.2), each.height)),
    "brightness x 1.25": lambda each: ImageEnhance.Brightness(each).enhance(1.25),
    "brightness x 0.75": lambda each: ImageEnhance.Brightness(each).enhance(0.75),
    "contrast x 1.3": lambda each: ImageEnhance.Contrast(each).enhance(1.3),
    "contrast x 0.7": lambda each: ImageEnhance.Contrast(each).enhance(0.7),
    "saturation x 1.5": lambda each: ImageEnhance.Color(each).enhance(1.5),
    "gamma 0.7": lambda each: _gamma(each, 0.7),
    "gamma 1.4": lambda each: _gamma(each, 1.4),
    "hue by 20 degrees": _hue,
    "grayscale": lambda each: each.convert("L").convert("RGB"),
    "2 % cropped all around": lambda each: cropped(each, 0.02),
    "5 % cropped all around": lambda each: cropped(each, 0.05),
    "10 % cropped all around": lambda each: cropped(each, 0.10),
    "2 % cropped at a corner": lambda each: cropped(each, 0.02, corner=True),
    "5 % cropped at a corner": lambda each: cropped(each, 0.05, corner=True),
    "10 % cropped at a corner": lambda each: cropped(each, 0.10, corner=True),
    "turned by 1 degree": lambda each: turned(each, 1),
    "turned by 2 degrees": lambda each: turned(each, 2),
    "turned by 5 degrees": lambda each: turned(each, 5),
    "mirrored": ImageOps.mirror,
    "white border of 2 %": lambda each: _framed(each, 0.02, "white"),
    "white border of 10 %": lambda each: _framed(each, 0.10, "white"),
    "black border of 10 %": lambda each: _framed(each, 0.10, "#141414"),
    "screenshot with dark bars": _screenshot,
    "brighter, cropped 3 %, half, JPEG 60": _several,
}
