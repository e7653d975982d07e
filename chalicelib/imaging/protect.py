"""The protection of one picture, from the bytes of an upload to the files that are served."""

from PIL import Image

from chalicelib.domain.protection import CloakReport, ProtectedPicture, ProtectionOptions, Rendition
from chalicelib.imaging.animation import protect_frames
from chalicelib.imaging.containers import examine
from chalicelib.imaging.decode import Opened, load, open_picture
from chalicelib.imaging.encode import FORMATS, encode
from chalicelib.imaging.fingerprint import blurhash, dominant_colors, perceptual_hash
from chalicelib.imaging.metadata import signals, xmp_packet
from chalicelib.imaging.scaling import make_master, rendition_sizes, shrink


def protect(data: bytes, options: ProtectionOptions) -> ProtectedPicture:
    """Make the renditions of an uploaded picture, clean of anything foreign and marked as not for AI training.

    The same bytes and options give the same result. A still picture becomes AVIF, WebP and JPEG at up to four sizes;
    an animation becomes animated WebP and a still JPEG at up to three.

    Args:
        data: the upload, whatever its name or declared type.
        options: what the artist asked for.

    Raises:
        PictureRejectedError: these bytes can never be published; its reason is written for the artist.
    """
    opened = open_picture(examine(data))
    packet = xmp_packet(options)
    if opened.source.frames > 1:
        first, renditions = protect_frames(opened, packet)
    else:
        first, renditions = _protect_still(opened, packet)
    width, height = opened.upright_size
    return ProtectedPicture(
        source_format=opened.source.format,
        width=width,
        height=height,
        frames=opened.source.frames,
        blurhash=blurhash(first),
        dominant_colors=dominant_colors(first),
        perceptual_hash=perceptual_hash(first),
        renditions=tuple(renditions),
        cloak=CloakReport(level=options.cloak, applied=False),
        signals=signals(options),
    )


def _protect_still(opened: Opened, packet: bytes) -> tuple[Image.Image, list[Rendition]]:
    """Return the picture at its largest size, as its artist made it, and every rendition, largest first."""
    sizes = rendition_sizes(*opened.upright_size)
    source = opened.source
    master = make_master(load(opened, long_side=max(sizes[0])), opened.icc, source.orientation, sizes[0])
    opened.image.close()  # its memory is needed by the encoders
    # The one place to change pixels for all renditions: fingerprints are those of ``master``, files are made of this.
    published = master
    pictures = shrink(published, sizes)
    return master, [encode(picture, name, packet) for picture in pictures for name in FORMATS]
