"""Uploads and media."""

from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.domain.disclosure import AiDisclosure, names_ai
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.media import MAX_UPLOAD_BYTES, UPLOAD_TYPES, Media, MediaState, UploadRequest
from chalicelib.domain.noai import CONFIRMATION, DataMining, media_headers, prefix
from chalicelib.domain.protection import (
    CLOAK_LIMITS,
    CloakLevel,
    CloakReport,
    Reason,
    RenditionFormat,
    UploadManifest,
    Watermark,
    WatermarkPosition,
)
from chalicelib.schemas.base import Clean, OneLine, ReasonAnswer, Schema
from chalicelib.schemas.moderation import AppealAnswer, appeal_answer
from chalicelib.schemas.screening import ScreeningAnswer, screening_answer
from chalicelib.services.addresses import Seen
from chalicelib.services.media import MAX_WAIT_SECONDS, NewUpload
from chalicelib.services.records import signals_by_format


def _known_type(text: str) -> str:
    kind = text.strip().lower()
    if kind not in UPLOAD_TYPES:
        raise ValueError(f"must be one of {', '.join(UPLOAD_TYPES)}")
    return kind


def confirmed_choice[Choice: DataMining | None](choice: Choice, *, confirmed: bool) -> Choice:
    """Return an artist's choice.

    Raises:
        InvalidError: AI training would be allowed, and that is not confirmed.
    """
    if choice == "allowed" and not confirmed:
        raise InvalidError.of("confirm_ai_training", CONFIRMATION)
    return choice


class UploadBody(Schema):
    """What is going to be uploaded."""

    filename: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), Clean, OneLine]
    content_type: Annotated[str, AfterValidator(_known_type)] = Field(description="Media type of the file")
    bytes: int = Field(ge=1, le=MAX_UPLOAD_BYTES, description="Exact size of the file")
    cloak: CloakLevel = "default"
    ai_disclosure: AiDisclosure | None = Field(
        None, description="What part AI had in it: shown as a label, filtered by"
    )
    data_mining: DataMining = Field("ai-training", description="What is prohibited to machines; allowed: nothing")
    confirm_ai_training: bool = Field(default=False, description="Must be true where data_mining is allowed")
    human_made: bool = Field(default=False, description="I made this without generative AI: stated in the files")
    display_size: Literal[640, 1280, 2048] | None = Field(
        None, description="Long side in pixels of the largest file that is made"
    )
    watermark: bool = Field(default=False, description="Draw the watermark of my profile over it")

    def to_domain(self) -> UploadRequest:
        """Return the request as the domain knows it.

        Raises:
            InvalidError: AI training would be allowed, and that is not confirmed; or what is said of AI contradicts
                itself.
        """
        confirmed_choice(self.data_mining, confirmed=self.confirm_ai_training)
        if self.human_made and names_ai(self.ai_disclosure):
            raise InvalidError.of("human_made", "contradicts ai_disclosure: leave it out, or say that AI had no part")
        return UploadRequest(
            self.filename,
            self.content_type,
            self.bytes,
            self.cloak,
            self.ai_disclosure,
            self.data_mining,
            self.human_made,
            self.display_size,
            self.watermark,
        )


class ChoiceBody(Schema):
    """What machines may do with a picture."""

    data_mining: DataMining = Field(description="What is prohibited to machines; allowed: nothing")
    confirm_ai_training: bool = Field(default=False, description="Must be true where data_mining is allowed")

    def to_domain(self) -> DataMining:
        """Return the choice.

        Raises:
            InvalidError: AI training would be allowed, and that is not confirmed.
        """
        return confirmed_choice(self.data_mining, confirmed=self.confirm_ai_training)


class UploadForm(Schema):
    """A form to post: every field, then the file as the last field, ``file``."""

    url: str
    fields: dict[str, str]


class UploadAnswer(Schema):
    """An upload that was announced."""

    media_id: str
    state: MediaState
    upload: UploadForm
    expires_at: str


class MediaQuery(Schema):
    """How long the answer may be held for a change."""

    wait: int = Field(0, ge=0, le=MAX_WAIT_SECONDS, description="Seconds to wait for a change of state")


class RenditionAnswer(Schema):
    """A protected file."""

    url: str
    width: int
    height: int
    format: RenditionFormat
    bytes: int
    animated: bool


class PictureAnswer(Schema):
    """A picture to show."""

    media_id: str
    width: int
    height: int
    blurhash: str
    dominant_colors: list[str]
    renditions: list[RenditionAnswer]


class MediaAnswer(Schema):
    """What became of an upload. Fields of the picture are null until it is ready."""

    media_id: str
    state: MediaState
    reason: ReasonAnswer | None
    public: bool = Field(description="Whether the renditions can be fetched: something published shows them")
    data_mining: DataMining = Field(description="What is prohibited to machines")
    ai_disclosure: AiDisclosure | None = Field(None, description="What its artist says of the part of AI in it")
    screening: ScreeningAnswer | None = Field(None, description="What the uploaded file declares about AI")
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    blurhash: str | None = None
    dominant_colors: tuple[str, ...] = ()
    renditions: tuple[RenditionAnswer, ...] = ()
    created_at: str
    updated_at: str
    expires_at: str = Field(description="When the upload form expires")


class OwnMediaAnswer(MediaAnswer):
    """The same, as its owner sees it; to others these fields are not there."""

    filename: str | None = None
    content_type: str | None = None
    bytes: int | None = None
    cloak: CloakLevel | None = None
    data_mining_chosen: DataMining | None = Field(
        None, description="What is to be prohibited once the files are made anew; data_mining is what they say now"
    )
    human_made: bool | None = Field(None, description="Whether its artist states to have made it without generative AI")
    display_size: int | None = None
    watermark: bool | None = None
    appeal: AppealAnswer | None = None


class EncoderAnswer(Schema):
    """How far one encoder's view of the picture was shifted: D, where 1 is as far as an unrelated picture."""

    none: float = Field(description="As served")
    jpeg75: float = Field(description="After JPEG at quality 75")
    jpeg75_half: float = Field(description="At half the width and height, and then JPEG at quality 75")


class CloakAnswer(Schema):
    """What the cloak did, as measured on this picture; null where nothing was measured."""

    level: CloakLevel
    applied: bool
    psnr_db: float | None = Field(description="Of the cloaked against the clean picture, before encoding")
    ssim: float | None
    color_difference: float | None = Field(description="Mean ΔE00 of the same")
    cpu_seconds: float | None
    floor: float | None = Field(description="Least mean D after JPEG 75 at half size that the level stands for")
    floor_reached: bool | None
    encoders: dict[str, EncoderAnswer] = Field(description="By name, those that the cloak was computed against")
    limits: list[str] = Field(description="What these numbers do not say")


class ProtectedFile(Schema):
    """A protected file, by its digest."""

    url: str
    width: int
    height: int
    format: RenditionFormat
    bytes: int
    sha256: str


class ProvenanceAnswer(Schema):
    """What the files say of where they come from, as Content Credentials (C2PA)."""

    signed: bool
    upload_manifest: UploadManifest = Field(description="What came of the upload's own Content Credentials")
    human_made: bool = Field(description="The artist states to have made it without generative AI")


class WatermarkAnswer(Schema):
    """A line of text that is drawn visibly over pictures, before they are cloaked."""

    text: str
    position: WatermarkPosition
    opacity: float


class ProtectionAnswer(Schema):
    """What was done to protect a picture."""

    media_id: str
    protected_at: str
    data_mining: DataMining = Field(description="What is prohibited to machines, in each form")
    ai_disclosure: AiDisclosure | None = Field(description="What its artist says of the part of AI in it")
    screening: ScreeningAnswer | None = Field(description="What the uploaded file declares about AI")
    signals: list[str] = Field(description="Opt-out signals that stand in every file")
    signals_by_format: dict[RenditionFormat, list[str]]
    headers: dict[str, str] = Field(description="What every file is served with")
    provenance: ProvenanceAnswer
    cloak: CloakAnswer
    display_size: int | None = Field(description="Long side in pixels that its artist limited the files to")
    watermark: WatermarkAnswer | None = Field(description="What is drawn visibly over it")
    original_sha256: str = Field(description="Of the upload as it came")
    perceptual_hash: str
    renditions: list[ProtectedFile]
    signature: str | None = Field(
        description="The same, signed when it was done: a JWS (compact, ES256) by a key of /.well-known/jwks.json. "
        "tools/verify_record.py verifies it and files against it"
    )


def watermark_answer(mark: Watermark | None) -> WatermarkAnswer | None:
    """Return a watermark as clients see it."""
    return WatermarkAnswer(text=mark.text, position=mark.position, opacity=mark.opacity) if mark else None


def reason_answer(reason: Reason | None) -> ReasonAnswer | None:
    """Return a reason as clients see it."""
    if reason is None:
        return None
    return ReasonAnswer(code=reason.code, message=reason.message, evidence=list(reason.evidence))


def rendition_answers(media: Media, media_base_url: str, seen: Seen | None = None) -> list[RenditionAnswer]:
    """Return the files of a media, smallest first, at the addresses that everyone has unless a viewer is given."""
    stored = media.picture.renditions if media.picture else ()
    address = seen.picture(media) if seen else partial(media_url, media_base_url, media.data_mining, media.media_id)
    return [
        RenditionAnswer(
            url=address(item.name),
            width=item.width,
            height=item.height,
            format=item.format,
            bytes=item.bytes,
            animated=item.animated,
        )
        for item in sorted(stored, key=lambda item: (item.width, item.format))
    ]


def media_url(media_base_url: str, choice: DataMining, media_id: str, name: str) -> str:
    """Return the address of a file, below the path of its artist's choice: content-addressed, it never changes."""
    return f"{media_base_url}/{prefix(choice)}/{media_id}/{name}"


def upload_answer(upload: NewUpload) -> UploadAnswer:
    """Return an announced upload as its owner sees it."""
    media = upload.media
    form = UploadForm(url=upload.form["url"], fields=upload.form["fields"])
    return UploadAnswer(media_id=media.media_id, state=media.state, upload=form, expires_at=media.expires_at)


def picture_answer(media: Media, media_base_url: str, seen: Seen | None = None) -> PictureAnswer | None:
    """Return a ready picture; None for one that is not."""
    if media.picture is None:
        return None
    return PictureAnswer(
        media_id=media.media_id,
        width=media.picture.width,
        height=media.picture.height,
        blurhash=media.picture.blurhash,
        dominant_colors=list(media.picture.dominant_colors),
        renditions=rendition_answers(media, media_base_url, seen),
    )


def media_answer(
    media: Media, media_base_url: str, *, own: bool, seen: Seen | None = None
) -> MediaAnswer | OwnMediaAnswer:
    """Return a media as everyone, or its owner, sees it."""
    common: dict[str, object] = {
        "media_id": media.media_id,
        "state": media.state if own or media.picture is None else "ready",
        "reason": reason_answer(media.reason if own or media.picture is None else None),
        "public": media.exposure == "public",
        "data_mining": media.data_mining,
        "ai_disclosure": media.request.ai_disclosure,
        "screening": screening_answer(media, own=own),
        "created_at": media.created_at,
        "updated_at": media.updated_at,
        "expires_at": media.expires_at,
    }
    if media.picture is not None:
        common |= {
            "width": media.picture.width,
            "height": media.picture.height,
            "frames": media.picture.frames,
            "blurhash": media.picture.blurhash,
            "dominant_colors": list(media.picture.dominant_colors),
            "renditions": rendition_answers(media, media_base_url, seen),
        }
    if not own:
        return MediaAnswer.model_validate(common)
    request = media.request
    return OwnMediaAnswer.model_validate(
        common
        | {
            "filename": request.filename,
            "content_type": request.content_type,
            "bytes": request.bytes,
            "cloak": request.cloak,
            "human_made": request.human_made,
            "data_mining_chosen": request.data_mining,
            "display_size": request.display_size,
            "watermark": request.watermark,
            "appeal": appeal_answer(media.appeal),
        }
    )


def cloak_answer(report: CloakReport) -> CloakAnswer:
    """Return what the cloak did, to three digits."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 3)

    return CloakAnswer(
        level=report.level,
        applied=report.applied,
        psnr_db=rounded(report.psnr_db),
        ssim=rounded(report.ssim),
        color_difference=rounded(report.color_difference),
        cpu_seconds=rounded(report.cpu_seconds),
        floor=report.floor,
        floor_reached=report.floor_reached,
        encoders={
            each.encoder: EncoderAnswer(
                none=round(each.served, 3), jpeg75=round(each.jpeg75, 3), jpeg75_half=round(each.jpeg75_half, 3)
            )
            for each in report.encoders
        },
        limits=list(CLOAK_LIMITS) if report.applied else [],
    )


def protection_answer(media: Media, public_base_url: str, signature: str | None, seen: Seen) -> ProtectionAnswer | None:
    """Return what was done to protect a picture; None before it is ready."""
    address = seen.picture(media)
    picture = media.picture
    if picture is None:
        return None
    return ProtectionAnswer(
        media_id=media.media_id,
        protected_at=picture.protected_at,
        data_mining=picture.data_mining,
        ai_disclosure=media.request.ai_disclosure,
        screening=screening_answer(media, own=False),
        signals=list(picture.signals),
        signals_by_format=signals_by_format(picture),
        headers=media_headers(public_base_url, picture.data_mining),
        provenance=ProvenanceAnswer(
            signed=picture.provenance.signed,
            upload_manifest=picture.provenance.upload_manifest,
            human_made=picture.provenance.human_made,
        ),
        cloak=cloak_answer(picture.cloak),
        display_size=picture.display_size,
        watermark=watermark_answer(picture.watermark),
        original_sha256=picture.original_sha256,
        perceptual_hash=picture.perceptual_hash,
        renditions=[
            ProtectedFile(
                url=address(item.name),
                width=item.width,
                height=item.height,
                format=item.format,
                bytes=item.bytes,
                sha256=item.sha256,
            )
            for item in picture.renditions
        ],
        signature=signature,
    )
