"""Animations: frame by frame from any animated type to one animated WebP for each size."""

from collections.abc import Iterator

# Pillow's public way to save an animation takes all frames at once: 300 of them would not fit into memory. This
# encoder takes them one by one and keeps them compressed.
from PIL import Image, _webp

from chalicelib.domain.protection import ProtectionOptions, Rendition
from chalicelib.imaging.decode import Opened, careful
from chalicelib.imaging.encode import WEBP_QUALITY, encode, make_rendition
from chalicelib.imaging.scaling import limited, make_master, rendition_sizes, shrink
from chalicelib.imaging.watermark import drawn

EDGES = (1280, 640, 320)
"""Long sides in pixels, largest first: 300 frames of 2048 pixels would take more than the time of a function."""

_HASTY, _USUAL, _LONGEST = 10, 100, 600_000
"""Milliseconds. Browsers show frames of 10 or less for 100; ten minutes keep all times within 31 bits."""

_KEYFRAMES = (9, 17)
_NO_BACKGROUND = 0

# In the VP8X chunk, which a file with XMP always begins with (RFC 9649, section 2.7.1).
_FLAGS_AT, _ALPHA_FLAG = 20, 0x10


def frames(opened: Opened, size: tuple[int, int]) -> Iterator[tuple[Image.Image, int]]:
    """Yield each composed frame, upright sRGB at ``size``, and how long it is shown in milliseconds.

    Raises PictureRejectedError with ``damaged-file`` as soon as a frame cannot be read.
    """
    image, source = opened.image, opened.source
    # An APNG may begin with a picture for programs that do not animate; it is no frame.
    first = 1 if getattr(image, "default_image", False) else 0
    for index in range(first, first + source.frames):
        with careful(f"decoding frame {index - first + 1}"):
            image.seek(index)
            image.load()
            frame = image.convert("RGBA" if image.has_transparency_data else "RGB")
            duration = round(image.info.get("duration", 0))
        if frame.size != (source.width, source.height):
            # Frames that stick out of the canvas are cut at its edge, as browsers do.
            frame = frame.crop((0, 0, source.width, source.height))
        yield make_master(frame, opened.icc, source.orientation, size), _shown_for(duration)


def protect_frames(opened: Opened, packet: bytes, options: ProtectionOptions) -> tuple[Image.Image, list[Rendition]]:
    """Encode an animation: an animated WebP and a still JPEG of the first frame for each size.

    Only one frame is held at a time; libwebp keeps the compressed ones.

    Returns:
        the first frame at the largest size, and the renditions, largest first.
    """
    sizes = rendition_sizes(*opened.upright_size, limited(EDGES, options.display_size))
    encoders = [_AnimatedWebP(size, opened.source.plays) for size in sizes]
    posters: list[Rendition] = []
    first: Image.Image | None = None
    for frame, duration in frames(opened, sizes[0]):
        for encoder, picture in zip(encoders, shrink(drawn(frame, options.watermark), sizes), strict=True):
            encoder.add(picture, duration)
            if first is None:
                posters.append(encode(picture, "jpeg", packet))
        first = first or frame
    if first is None:
        raise RuntimeError("an animation has at least two frames")
    animated = [
        make_rendition(size, "webp", encoder.finish(packet), animated=True)
        for size, encoder in zip(sizes, encoders, strict=True)
    ]
    return first, [rendition for pair in zip(animated, posters, strict=True) for rendition in pair]


class _AnimatedWebP:
    """One animated WebP in the making."""

    def __init__(self, size: tuple[int, int], plays: int) -> None:
        minimize_size, allow_mixed, verbose = False, False, False
        self._encoder = _webp.WebPAnimEncoder(
            size, _NO_BACKGROUND, plays, minimize_size, *_KEYFRAMES, allow_mixed, verbose
        )
        self._time = 0
        self._has_alpha = False

    def add(self, picture: Image.Image, duration: int) -> None:
        """Append a frame shown for ``duration`` milliseconds."""
        lossless, alpha_quality, method = False, 100, 0
        self._encoder.add(picture.getim(), self._time, lossless, WEBP_QUALITY, alpha_quality, method)
        self._time += duration
        self._has_alpha |= picture.mode == "RGBA"

    def finish(self, packet: bytes) -> bytes:
        """Return the file with its XMP packet."""
        lossless, alpha_quality, method = False, 100, 0
        self._encoder.add(None, self._time, lossless, WEBP_QUALITY, alpha_quality, method)
        icc, exif = b"", b""
        data = bytearray(self._encoder.assemble(icc, exif, packet))
        if self._has_alpha:
            # Where opaque parts lie on a transparent canvas libwebp leaves the flag out, and readers fill it black.
            data[_FLAGS_AT] |= _ALPHA_FLAG
        return bytes(data)


def _shown_for(duration: int) -> int:
    return _USUAL if duration <= _HASTY else min(duration, _LONGEST)
