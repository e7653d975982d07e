"""How large a picture may be, checked on what its header declares and before anything is decoded."""

from chalicelib.imaging import rejections

MAX_BYTES = 50 * 2**20
"""Bytes of an upload."""

MAX_PIXELS = 100_000_000
"""Pixels of one frame: decoded as RGBA with its premultiplied copy this is 800 MB of a 1769 MB function."""

MAX_SIDE = 30_000
"""Pixels of one side. JPEG ends at 65,535, WebP at 16,383; nothing that is drawn or photographed comes near."""

MAX_FRAMES = 300
"""Frames of an animation."""

MAX_ANIMATION_PIXELS = 300_000_000
"""Pixels of all frames together, as declared by the canvas.

Animations of 400 MP were measured at 47 and 55 CPU seconds (docs/adr/0007-imaging-pipeline.md); the function may take
120, on a processor that may be slower.
"""

MAX_ANIMATED_CANVAS = 16_000_000
"""Pixels of one frame of an animation: composing it takes five copies, 320 MB."""

MAX_ICC_BYTES = 4 * 2**20
"""Bytes of a colour profile that is still honoured; the largest printing profiles in use have about 3 MB."""


def check_bytes(data: bytes) -> None:
    """Raise PictureRejectedError (``empty-file``, ``too-large-file``) unless the upload has an acceptable length."""
    if not data:
        raise rejections.empty_file()
    if len(data) > MAX_BYTES:
        raise rejections.too_large_file(len(data), MAX_BYTES)


def check_size(width: int, height: int) -> None:
    """Raise PictureRejectedError unless a picture of so many pixels may be decoded.

    Codes: ``damaged-file`` for a side without pixels, ``too-long-side``, ``too-many-pixels``.
    """
    if width < 1 or height < 1:
        raise rejections.damaged_file(f"declares {width} x {height} pixels")
    if max(width, height) > MAX_SIDE:
        raise rejections.too_long_side(width, height, MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise rejections.too_many_pixels(width, height, MAX_PIXELS)


def check_frames(width: int, height: int, frames: int) -> None:
    """Raise PictureRejectedError (``too-many-frames``, ``animation-too-large``) unless all frames may be decoded."""
    if frames > MAX_FRAMES:
        raise rejections.too_many_frames(MAX_FRAMES)
    if frames > 1 and (width * height > MAX_ANIMATED_CANVAS or width * height * frames > MAX_ANIMATION_PIXELS):
        raise rejections.animation_too_large(width, height, frames)
