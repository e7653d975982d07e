"""Media: an upload on its way from the artist's disk to protected renditions.

::

    awaiting_upload ──▶ queued ──▶ processing ──▶ ready
          │               ▲  ▲         │  │
          │               │  └─retry───┘  ├─────▶ refused   (against a rule)
          │               │               └─────▶ failed    (cannot be read)
          └─▶ failed      ├─redrive── failed    (tries exhausted)
              (expired)   └─appeal─── refused   (a moderator granted it)

Each change is a conditional write on the state it leaves, so that an event which comes twice, late or out of order
changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.domain import clock, noai
from chalicelib.domain.disclosure import AiDisclosure, strongest
from chalicelib.domain.fingerprints import Fingerprint
from chalicelib.domain.moderation import Appeal
from chalicelib.domain.noai import DataMining
from chalicelib.domain.protection import CloakLevel, CloakReport, Provenance, Reason, RenditionFormat, Watermark
from chalicelib.domain.screening import NOTHING, Screening

MediaState = Literal["awaiting_upload", "queued", "processing", "ready", "refused", "failed"]

FINAL_STATES: frozenset[MediaState] = frozenset(("ready", "refused", "failed"))

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
"""Largest upload, in bytes."""

UPLOAD_SECONDS = 15 * 60
"""How long an upload form may be used."""

ARRIVAL_GRACE_SECONDS = 30 * 60
"""How long after its form's end an upload still counts as on its way: 50 MB take half
an hour at 0.25 Mbit/s."""

QUEUED_PATIENCE_SECONDS = 24 * 3600
"""How long a picture may wait in the queue, in a surge, before its artist is told that something is wrong."""

PROCESSING_PATIENCE_SECONDS = 15 * 60
"""How long after a try's lease ran out the queue has to bring the next try before the picture shows as failed."""

UPLOAD_TYPES: dict[str, str] = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heic",
}
"""Media types that can be uploaded. What a file really is, its bytes decide."""

EXHAUSTED = "processing-exhausted"
"""Reason of a failure that another try may mend."""

DECLARED_AI = "declared-ai-generated"
"""Reason of a refusal: the file itself says that it was generated. Its artist may appeal."""

HELD_FOR_REVIEW = "held-for-review"
"""Reason of a refusal that waits for a moderator's word."""

REMOVED = "removed"
"""Reason of a refusal by a moderator, of what had been shown already."""

APPEALABLE = frozenset((DECLARED_AI, HELD_FOR_REVIEW))
"""Reasons of a refusal that an artist may appeal against: what people can judge better than the platform."""

APPEAL_DAYS = 30
"""How long after its refusal a picture may be appealed for. An original whose form was posted twice is kept as long
(``replaced-originals`` in infra/base.yaml), others are kept anyway."""

RECALL_SECONDS = 60
"""How soon somebody looks whether the message is there of a picture that is to be processed once more."""

EXPIRED_REASON = Reason(
    "upload-expired", "The picture did not arrive before its upload form expired. Please upload it again."
)
EXHAUSTED_REASON = Reason(
    EXHAUSTED,
    "We could not process the picture after several tries; the fault is ours. Your upload is kept, and once we have "
    "mended the fault it may still become ready. You can also upload it again.",
)
MISSING_REASON = Reason("upload-missing", "The uploaded picture is no longer there. Please upload it again.")

MAX_USES = 100
"""How many posts may show one picture: whatever happens to it is told to each of them."""

Exposure = Literal["held", "changing", "public"]
"""Whether a picture's renditions can be fetched: not, perhaps (being changed), or by everyone."""


@dataclass(frozen=True, slots=True)
class StoredRendition:
    """A rendition in the derivatives bucket; ``name`` is its content-addressed file name."""

    name: str
    width: int
    height: int
    format: RenditionFormat
    bytes: int
    sha256: str
    animated: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a protected picture; see :class:`chalicelib.domain.protection.ProtectedPicture`.

    ``original_version`` is the object version that was protected: the form can be posted twice. ``arrived_at`` is when
    it arrived, where that is known. ``data_mining`` is what its files say. ``record`` is
    the name of its signed protection record. ``fingerprints`` is how it looks. ``display_size`` and ``watermark`` are
    what its artist asked for.
    """

    source_format: str
    width: int
    height: int
    frames: int
    blurhash: str
    dominant_colors: tuple[str, ...]
    perceptual_hash: str
    cloak: CloakReport
    signals: tuple[str, ...]
    protected_at: str
    renditions: tuple[StoredRendition, ...]
    data_mining: DataMining = noai.DEFAULT
    provenance: Provenance = field(default_factory=Provenance)
    record: str | None = None
    original_sha256: str = ""
    screening: Screening = NOTHING
    original_version: str | None = None
    arrived_at: str | None = None
    fingerprints: tuple[Fingerprint, ...] = ()
    display_size: int | None = None
    watermark: Watermark | None = None


REPLACED_SECONDS = 120
"""How long files that were made anew can still be fetched after no answer names them any more: lists that name them are
kept a minute by the CDN. The next sweep after that takes them away."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Files of a picture that was protected anew: each says what its artist chose before, at the address that fits it.

    Attributes:
        digests: SHA-256 of them, as they are registered; none where only tries that came to nothing left files.
        until: when they are taken away, RFC 3339.
    """

    digests: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What an artist says of a picture before uploading it.

    Attributes:
        filename, content_type, bytes: of the file.
        cloak: how strongly to cloak it.
        ai_disclosure: what the artist says of AI in it.
        data_mining: what machines are to be told.
        human_made: whether the artist states that they made it without generative AI.
        display_size: long side in pixels of the largest file that is to be made.
        watermark: whether the mark of the artist's profile is to be drawn over it.
    """

    filename: str
    content_type: str
    bytes: int
    cloak: CloakLevel = "default"
    ai_disclosure: AiDisclosure | None = None
    data_mining: DataMining = noai.DEFAULT
    human_made: bool = False
    display_size: int | None = None
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A stored media.

    Attributes:
        media_id: ULID.
        owner_id: account of the uploader.
        request: what was said before the upload.
        state: see the module.
        version: grows by one with each change of state.
        created_at, updated_at, expires_at: RFC 3339 texts; ``expires_at`` is the end of the upload form.
        lease_until: while processing, when the present try gives up its hold.
        attempt: while processing, the id of the present try.
        tries: how many times processing was begun.
        reason: of a refusal or failure.
        picture: once ready. It stays while its files are made anew: what is shown goes on being shown.
        used_by: ids of the posts that may show it, and ``profile`` where its owner's profile may, ``studio#SLUG``
            for a studio's logo: all that do, and some that did or were never stored.
        exposure: whether its renditions can be fetched.
        exposure_version: grows by one with each change of the exposure.
        correlation_id: of the request that announced it: whatever happens to it later is logged with it.
        cleared: whether a moderator decided that it may be shown, whatever the file declares about AI.
        appeal: what moderators were asked about its refusal, and said.
        recalled: whether it is queued without a message: S3 announces an upload once, and another try is up to us.
        refused_version: the object version that was refused, or is to be protected anew: that one a recall brings, and
            no other a moderator clears.
        replaced: files that were made anew, until they are taken away.
        review: of a refused picture, a small file for moderators.
        deleted_at: when its owner deleted it, RFC 3339; what is left of it is found by that alone.
        withheld: its picture, where a moderator removed it: there is none for whoever shows pictures then.
        removed_by: id of the decision that removed it; an appeal against that names it.
        labels: content warnings that moderators gave it; posts that show it have them.
        renewing: whether what shows it has yet to follow a moderator's decision.
    """

    media_id: str
    owner_id: str
    request: UploadRequest
    state: MediaState
    version: int
    created_at: str
    updated_at: str
    expires_at: str
    lease_until: str | None = None
    attempt: str | None = None
    tries: int = 0
    reason: Reason | None = None
    picture: Picture | None = None
    used_by: frozenset[str] = field(default_factory=frozenset)
    exposure: Exposure = "held"
    exposure_version: int = 0
    correlation_id: str | None = None
    cleared: bool = False
    appeal: Appeal | None = None
    recalled: bool = False
    refused_version: str | None = None
    replaced: Replaced | None = None
    review: StoredRendition | None = None
    deleted_at: str | None = None
    withheld: Picture | None = None
    removed_by: str | None = None
    labels: tuple[str, ...] = ()
    renewing: bool = False

    @property
    def made(self) -> Picture | None:
        """Its picture, shown or withheld: what there are files of."""
        return self.picture or self.withheld

    @property
    def arrived_at(self) -> str:
        """When its upload arrived; where that is not known, when it was announced."""
        return (self.picture.arrived_at if self.picture else None) or self.created_at

    @property
    def data_mining(self) -> DataMining:
        """What its files say, once there are any; before, what they will say."""
        return self.made.data_mining if self.made else self.request.data_mining

    @property
    def ai_disclosure(self) -> AiDisclosure | None:
        """What is said about AI in it: by its artist, and by its file unless a moderator decided otherwise.

        A file that declares AI edits counts as assisted. One that declares more is published only once it was cleared.
        """
        shown = self.picture
        edited = shown is not None and shown.screening.verdict == "edited" and not self.clears(shown.original_version)
        return strongest((self.request.ai_disclosure, "assisted" if edited else None))

    @property
    def original_key(self) -> str:
        """Key of the upload in the originals bucket."""
        return original_key(self.owner_id, self.media_id)

    @property
    def final(self) -> bool:
        """Whether no change of state is to be expected."""
        return self.state in FINAL_STATES

    @property
    def remade(self) -> bool:
        """Whether its files were made anew a moment ago, so that lists may still name others."""
        return self.replaced is not None and bool(self.replaced.digests)

    @property
    def showable(self) -> bool:
        """Whether it can be shown as it is: ready, or ready once and not to be made anew after all."""
        return self.final and self.picture is not None

    @property
    def retryable(self) -> bool:
        """Whether it failed in a way that another try may mend."""
        return self.state == "failed" and self.reason is not None and self.reason.code == EXHAUSTED

    @property
    def appealable(self) -> bool:
        """Whether it was refused for a reason that moderators may see otherwise."""
        return self.state == "refused" and self.reason is not None and self.reason.code in APPEALABLE

    def clears(self, version: str | None) -> bool:
        """Return whether a moderator cleared this version of the upload: the form can be posted twice.

        A version that nobody knows is none that anybody looked at.
        """
        return self.cleared and version is not None and version == self.refused_version

    def overdue(self, moment: datetime) -> bool:
        """Whether its state should have changed by then."""
        due_at = self.due_at(clock.from_text(self.updated_at))
        return due_at is not None and due_at <= clock.to_text(moment)

    def due_at(self, moment: datetime) -> str | None:
        """Return when somebody must look after this media if its state has not changed by then."""
        match self.state:
            case "awaiting_upload":
                return clock.later(clock.from_text(self.expires_at), ARRIVAL_GRACE_SECONDS)
            case "queued":
                return clock.later(moment, RECALL_SECONDS if self.recalled else QUEUED_PATIENCE_SECONDS)
            case "processing":
                until = clock.from_text(self.lease_until) if self.lease_until else moment
                return clock.later(until, PROCESSING_PATIENCE_SECONDS)
            case _:
                if self.exposure == "changing" or self.renewing:
                    return clock.later(moment, 60)
                return max(self.replaced.until, clock.to_text(moment)) if self.replaced else None


ORIGINALS = "originals"
"""Prefix of uploads in their bucket."""


def original_key(owner_id: str, media_id: str) -> str:
    """Return the key of an upload: its owner before the media, so that export and deletion are a prefix."""
    return f"{ORIGINALS}/{owner_id}/{media_id}"


def media_id_of(key: str) -> str | None:
    """Return the media that a key of the originals bucket belongs to, or None where it is no such key."""
    match key.split("/"):
        case [prefix, _, media_id] if prefix == ORIGINALS:
            return media_id
        case _:
            return None
