"""What the protection of a picture takes and gives: plain values, shared by imaging, services and repositories."""

from dataclasses import dataclass, field
from typing import Literal

from chalicelib.domain import noai
from chalicelib.domain.fingerprints import Fingerprint
from chalicelib.domain.noai import DataMining
from chalicelib.domain.screening import NOTHING, Screening, Verdict

CloakLevel = Literal["off", "low", "default", "high"]
"""How strongly a picture is cloaked, as its artist chose it."""

RenditionFormat = Literal["avif", "webp", "jpeg"]

CONTENT_TYPES: dict[RenditionFormat, str] = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
"""Media type by rendition format."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a picture was refused or failed, in words that its artist understands.

    Attributes:
        code: a stable machine-readable name in kebab case, such as ``unsupported-type``.
        message: one or two plain sentences saying what is wrong and what the artist can do.
        evidence: what was found, one short text each; empty where there is nothing to show.
    """

    code: str
    message: str
    evidence: tuple[str, ...] = ()


class PictureRejectedError(Exception):
    """The picture cannot be published, now or later: the same bytes will always end so, unless a moderator clears it.

    Attributes:
        state: ``refused`` is a rule of the platform, ``failed`` a file that cannot be read.
        reason: why, for its artist.
        screening: what the file declares about AI; None where that was not the reason.
    """

    def __init__(self, state: Literal["refused", "failed"], reason: Reason, screening: Screening | None = None) -> None:
        """Take the attributes."""
        super().__init__(f"{state}: {reason.code}: {reason.message}")
        self.state: Literal["refused", "failed"] = state
        self.reason = reason
        self.screening = screening


UploadManifest = Literal["none", "kept", "not-kept", "invalid"]
"""What came of the Content Credentials that an upload brought along: there were none; kept as those of an ingredient;
valid, but too large or not to be freed of pictures; not valid."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the files say of where they come from.

    Attributes:
        signed: whether each carries a signed C2PA manifest.
        upload_manifest: what came of the upload's own.
        human_made: whether they say that the artist states to have made it without generative AI.
    """

    signed: bool = False
    upload_manifest: UploadManifest = "none"
    human_made: bool = False


WatermarkPosition = Literal["top-left", "top-right", "center", "bottom-left", "bottom-center", "bottom-right"]

DISPLAY_SIZES = (640, 1280, 2048)
"""Long sides in pixels that an artist may limit what is public to; the last one is the largest there is."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """What an artist has drawn visibly over pictures.

    Attributes:
        text: a line of up to 60 signs that the font has: ASCII, and the sign of copyright.
        position: where.
        opacity: from 0.1 to 1.
    """

    text: str
    position: WatermarkPosition = "bottom-right"
    opacity: float = 0.5


@dataclass(frozen=True, slots=True)
class ProtectionOptions:
    """What the artist and the platform ask of the protection.

    Attributes:
        cloak: the level the artist chose.
        creator: the artist's name as written into the metadata; None leaves it out.
        credit: the line to credit the picture by; None: the creator.
        rights: the copyright notice; None: the usual one.
        usage_terms: the artist's own; what machines may do is said after them, or instead.
        web_statement: address of the page that states the rights; None leaves it out.
        data_mining: what machines are told that they may do.
        human_made: whether the artist states to have made it without generative AI.
        cleared: whether a moderator decided for the artist: what the file declares is recorded, and refuses nothing.
        hold: verdicts of the screening that wait for a moderator; ``generated`` is refused in any case.
        display_size: long side in pixels of the largest file that is made; None for no limit of the artist's own.
        watermark: what is drawn over the picture before it is cloaked; None for nothing.
        pixels: whether the screening decodes the picture as well, to look for a mark in its transparency.
    """

    cloak: CloakLevel = "off"
    creator: str | None = None
    credit: str | None = None
    rights: str | None = None
    usage_terms: str | None = None
    web_statement: str | None = None
    data_mining: DataMining = noai.DEFAULT
    human_made: bool = False
    cleared: bool = False
    hold: frozenset[Verdict] = frozenset()
    display_size: int | None = None
    watermark: Watermark | None = None
    pixels: bool = False


@dataclass(frozen=True, slots=True)
class Rendition:
    """One protected, encoded picture.

    Attributes:
        width: pixels.
        height: pixels.
        format: the encoding.
        data: the encoded file.
        sha256: lower-case hex digest of ``data``.
        animated: whether it holds more than one frame.
    """

    width: int
    height: int
    format: RenditionFormat
    data: bytes = field(repr=False)
    sha256: str
    animated: bool = False


@dataclass(frozen=True, slots=True)
class EncoderEffect:
    """How far one encoder's view of the picture was shifted, in D.

    D is (1 - cosine between the embeddings of the cloaked and of the clean picture, both processed alike) divided by
    the median of 1 - cosine between unrelated pictures: 1.0 is as far away as an unrelated picture.

    Attributes:
        encoder: its name.
        served: D as served, as JPEG of the quality that is published.
        jpeg75: after JPEG at quality 75.
        jpeg75_half: at half the width and height, and then JPEG at quality 75.
    """

    encoder: str
    served: float
    jpeg75: float
    jpeg75_half: float


@dataclass(frozen=True, slots=True)
class CloakReport:
    """What the cloak did to one picture. What was not measured is None.

    Attributes:
        level: the level asked for.
        applied: whether any pixel was changed by a cloak.
        psnr_db: of the cloaked against the clean picture, before any encoding.
        ssim: of the same.
        color_difference: mean ΔE00 of the same, over an even sample of at most 65,536 pixels.
        steps: steps of the optimisation.
        floor: least mean D of the encoders after JPEG 75 at half size that the level stands for.
        floor_reached: whether they were shifted so far.
        cpu_seconds: processor time of all of this.
        encoders: the effect on each encoder that the cloak was computed against.
    """

    level: CloakLevel
    applied: bool
    psnr_db: float | None = None
    ssim: float | None = None
    color_difference: float | None = None
    steps: int = 0
    floor: float | None = None
    floor_reached: bool | None = None
    cpu_seconds: float | None = None
    encoders: tuple[EncoderEffect, ...] = ()

    @property
    def effect(self) -> float | None:
        """Mean D of the encoders as served; None where none was measured."""
        return sum(each.served for each in self.encoders) / len(self.encoders) if self.encoders else None


CLOAK_LIMITS = (
    "D says how far the cloak shifts the features of an encoder, on this picture: 1 is as far as an unrelated picture.",
    "On encoders of other families the effect is about half; on one that reads style alone, hardly any.",
    "Not shown: that it prevents training, or what it does to CLIP, to diffusion models, to LoRA or DreamBooth.",
    "Known to weaken or undo it: noise and upscaling, diffusion purification, removers (LightShed, 2025), strong blur.",
)
"""What must be said to artists with each measured effect; docs/protection.md says it at length."""


@dataclass(frozen=True, slots=True)
class ProtectedPicture:
    """The result of the protection.

    Attributes:
        source_format: what the upload really was: ``jpeg png webp gif tiff avif heic``.
        width: pixels of the upright original.
        height: pixels of the upright original.
        frames: 1 for a still picture.
        blurhash: https://blurha.sh of the picture, 4 by 3 components.
        dominant_colors: up to five ``#rrggbb``, most frequent first.
        perceptual_hash: 64 bits as 16 lower-case hex digits.
        renditions: every file to be served.
        cloak: what the cloak did.
        signals: names of the opt-out signals that stand in every rendition, such as ``xmp:plus:DataMining``.
        provenance: what the files say of where they come from.
        fingerprints: how it looks, as it is and without a plain border; none where there is too little to see.
        screening: what the upload declares about AI.
    """

    source_format: str
    width: int
    height: int
    frames: int
    blurhash: str
    dominant_colors: tuple[str, ...]
    perceptual_hash: str
    renditions: tuple[Rendition, ...]
    cloak: CloakReport
    signals: tuple[str, ...]
    provenance: Provenance = field(default_factory=Provenance)
    fingerprints: tuple[Fingerprint, ...] = ()
    screening: Screening = NOTHING
