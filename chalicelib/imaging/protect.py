"""The protection of one picture, from the bytes of an upload to the files that are served."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from chalicelib.domain.noai import RESERVATIONS
from chalicelib.domain.protection import (
    CloakLevel,
    CloakReport,
    ProtectedPicture,
    ProtectionOptions,
    Provenance,
    Rendition,
)
from chalicelib.domain.screening import MAX_EVIDENCE, Screening
from chalicelib.domain.signatures import Signer
from chalicelib.imaging import rejections
from chalicelib.imaging.animation import frames, protect_frames
from chalicelib.imaging.cloak.levels import Strength
from chalicelib.imaging.color import is_recolored
from chalicelib.imaging.containers import examine
from chalicelib.imaging.decode import Opened, load, open_picture
from chalicelib.imaging.encode import FORMATS, encode
from chalicelib.imaging.fingerprint import blurhash, dominant_colors
from chalicelib.imaging.metadata import signals, xmp_packet
from chalicelib.imaging.orientation import UPRIGHT
from chalicelib.imaging.perceptual import fingerprints, perceptual_hash
from chalicelib.imaging.provenance.history import History
from chalicelib.imaging.provenance.sealing import ASSERTIONS, seal
from chalicelib.imaging.scaling import EDGES, limited, make_master, rendition_sizes, shrink
from chalicelib.imaging.screening import screen
from chalicelib.imaging.watermark import drawn

type Cloaking = Callable[[Image.Image, Strength, int], tuple[Image.Image, CloakReport]]
"""``chalicelib.imaging.cloak.engine.Cloak.apply``: a picture, a level and a seed give a picture and what was done."""


PREVIEW_EDGE = 640
"""Long side in pixels of what moderators see of a refused picture."""


def protect(
    data: bytes, options: ProtectionOptions, cloak: Cloaking | None = None, signer: Signer | None = None
) -> ProtectedPicture:
    """Make the renditions of an uploaded picture, clean of anything foreign and marked as not for AI training.

    What the upload declares about AI is read first, before anything of it is left out. The same bytes and options give
    the same result, but for signatures. A still picture becomes AVIF, WebP and JPEG at up to four sizes; an animation
    becomes animated WebP and a still JPEG at up to three.

    Args:
        data: the upload, whatever its name or declared type.
        options: what the artist asked for.
        cloak: changes the pixels of a still picture; needed for every level but ``off``. Animations are not cloaked.
        signer: signs what the files say of where they come from; None leaves that out, and the result says so.

    Raises:
        TemporaryError: the signer could not be asked this time.
        ValueError: a cloak was asked for and there is none: nothing may be called cloaked that is not.
        PictureRejectedError: these bytes can never be published; its reason is written for the artist.
    """
    source = examine(data)
    screening = _screened(data, options)
    if screening.verdict == "edited" and not options.cleared:
        options = replace(options, human_made=False)  # we do not sign what the file itself contradicts
    opened = open_picture(source)
    packet = xmp_packet(options)
    recolored = is_recolored(opened.image, opened.icc)
    if opened.source.frames > 1:
        first, renditions = protect_frames(opened, packet, options)
        report = CloakReport(options.cloak, applied=False)
    else:
        # a seed that no other picture has: what two cloaks have in common could be subtracted
        seed = int.from_bytes(hashlib.sha256(data).digest()[:6])
        first, renditions, report = _protect_still(opened, packet, options, _prepared(options.cloak, seed, cloak))
    width, height = opened.upright_size
    provenance, written = Provenance(), signals(options)
    if signer is not None:
        disputed = options.human_made and _may_declare(screening)
        history = _history(opened, options, report, recolored=recolored, disputed=disputed)
        renditions, provenance = seal(renditions, history, RESERVATIONS[options.data_mining], data, signer)
        written = (*written, *(f"c2pa:{label}" for label in ASSERTIONS))
    return ProtectedPicture(
        source_format=opened.source.format,
        width=width,
        height=height,
        frames=opened.source.frames,
        blurhash=blurhash(first),
        dominant_colors=dominant_colors(first),
        perceptual_hash=perceptual_hash(first),
        fingerprints=fingerprints(first),
        renditions=tuple(renditions),
        cloak=report,
        signals=written,
        provenance=provenance,
        screening=screening,
    )


def preview(data: bytes, options: ProtectionOptions) -> Rendition:
    """Make one small WebP of an upload that was refused, clean of anything foreign, for moderators alone.

    Raises:
        PictureRejectedError: it cannot be read.
    """
    source = examine(data)
    opened = open_picture(source)
    [size] = rendition_sizes(*opened.upright_size, (PREVIEW_EDGE,))
    if source.frames > 1:
        picture, _ = next(frames(opened, size))
    else:
        picture = make_master(load(opened, long_side=max(size)), opened.icc, source.orientation, size)
    return encode(picture, "webp", xmp_packet(options))


def _history(
    opened: Opened, options: ProtectionOptions, report: CloakReport, *, recolored: bool, disputed: bool
) -> History:
    return History(
        source_format=opened.source.format,
        size=opened.upright_size,
        frames=opened.source.frames,
        turned=opened.source.orientation != UPRIGHT,
        recolored=recolored,
        cloak=report,
        human_made=options.human_made,
        disputed=disputed,
        watermark=options.watermark,
    )


def _may_declare(screening: Screening) -> bool:
    """Tell whether the upload's manifest declares AI, as far as the evidence that was kept tells."""
    found = screening.evidence
    return len(found) >= MAX_EVIDENCE or any(each.signal.startswith("c2pa:") for each in found)


def _screened(data: bytes, options: ProtectionOptions) -> Screening:
    """Return what the upload declares about AI, unless that keeps it from being published."""
    screening = screen(data, pixels=options.pixels)
    if options.cleared or screening.verdict == "none":
        return screening
    if screening.verdict == "generated":
        raise rejections.declared_ai(screening)
    if screening.verdict in options.hold:
        raise rejections.held_for_review(screening)
    return screening


def _prepared(
    level: CloakLevel, seed: int, cloak: Cloaking | None
) -> Callable[[Image.Image], tuple[Image.Image, CloakReport]]:
    """Return what is done to the pixels of a still picture at a level."""
    if level == "off":
        return lambda master: (master, CloakReport(level, applied=False))
    if cloak is None:
        raise ValueError(f"a cloak of level {level} was asked for, and none is loaded")
    return lambda master: cloak(master, level, seed)


def _protect_still(
    opened: Opened,
    packet: bytes,
    options: ProtectionOptions,
    cloaked: Callable[[Image.Image], tuple[Image.Image, CloakReport]],
) -> tuple[Image.Image, list[Rendition], CloakReport]:
    """Return the picture at its largest size as its artist made it, every rendition, largest first, and the report."""
    sizes = rendition_sizes(*opened.upright_size, limited(EDGES, options.display_size))
    source = opened.source
    master = make_master(load(opened, long_side=max(sizes[0])), opened.icc, source.orientation, sizes[0])
    opened.image.close()  # its memory is needed by the encoders
    # fingerprints are those of ``master``, files are made of what is published
    published, report = cloaked(drawn(master, options.watermark))
    pictures = shrink(published, sizes)
    return master, [encode(picture, name, packet) for picture in pictures for name in FORMATS], report
