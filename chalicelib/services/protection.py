"""From an upload that arrived to protected renditions: the work of the protection function."""

import hashlib
import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import new_id
from chalicelib.domain.media import (
    EXHAUSTED_REASON,
    HELD_FOR_REVIEW,
    MAX_UPLOAD_BYTES,
    MISSING_REASON,
    REPLACED_SECONDS,
    Media,
    Picture,
    Replaced,
    StoredRendition,
    media_id_of,
)
from chalicelib.domain.moderation import Case
from chalicelib.domain.profiles import Rights
from chalicelib.domain.protection import (
    CloakReport,
    PictureRejectedError,
    ProtectedPicture,
    ProtectionOptions,
    Reason,
    Rendition,
)
from chalicelib.domain.screening import Verdict
from chalicelib.domain.telemetry import Metric
from chalicelib.services.appeals import media_target
from chalicelib.services.ports import (
    CaseStore,
    Clock,
    DerivativeStore,
    MediaStore,
    OriginalStore,
    Preview,
    ProfileStore,
    Protect,
    SignRecord,
)
from chalicelib.services.publication import PublicationService
from chalicelib.services.records import record
from chalicelib.services.works import WorkService

_EXTENSIONS = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
_ATTEMPTS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An upload that S3 says has arrived.

    Attributes:
        key: where.
        version: of the object, where the bucket keeps versions.
        at: when, where that is known.
    """

    key: str
    version: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProtectionService:
    """Protects what arrives.

    Attributes:
        protect: :func:`chalicelib.imaging.protect.protect`.
        preview: :func:`chalicelib.imaging.protect.preview`.
        lease_seconds: how long one try may take before another may begin.
        sign_record: signs a protection record, and returns it as JWS.
        public_base_url: the origin people see, which the record names as its issuer.
        web_statement: address of the policy that is written into each file.
        screening_hold: verdicts of the screening that wait for a moderator.
    """

    media: MediaStore
    profiles: ProfileStore
    originals: OriginalStore
    derivatives: DerivativeStore
    publication: PublicationService
    works: WorkService
    cases: CaseStore
    protect: Protect
    preview: Preview
    sign_record: SignRecord
    lease_seconds: int
    public_base_url: str
    web_statement: str
    screening_hold: frozenset[Verdict] = frozenset()
    now: Clock = clock.now

    def handle(self, arrival: Arrival, *, last_try: bool) -> None:
        """Bring an arrived upload to its final state. An arrival that comes again, late or too early changes nothing.

        Args:
            arrival: what arrived.
            last_try: whether the queue will give up after this try; then the picture shows as failed at once.

        Raises:
            TemporaryError: it did not work this time: the queue must bring it again.
        """
        media = self._known(arrival)
        if media is None:
            log.warning("ignored an object that no upload was announced for")
            return
        telemetry.correlate(media.correlation_id)
        telemetry.note(media_id=media.media_id)
        claimed = self._claim(media, arrival.version)
        final = self._process(claimed, arrival, last_try=last_try) if claimed else self.media.get(media.media_id)
        if final is not None and final.final:
            telemetry.note(state=final.state, attempts=final.tries)
            self._conclude(final)

    def _conclude(self, final: Media) -> None:
        """Tell everybody what became of a media, first what waits for it; all of it may be done again."""
        if final.used_by:  # what shows it may have come to do so while its files were made anew
            self.publication.exposure.reconcile(final.media_id, certain=not final.remade)
        self.publication.settle_users(final)
        if final.reason is not None and final.reason.code == HELD_FOR_REVIEW:
            self.cases.open(_held_case(final, final.reason))
        self.works.check(final)

    def requeue(self, media_id: str) -> bool:
        """Show a picture whose tries were exhausted as queued again, before its message is put back into the queue.

        Returns:
            Whether there is anything to try again.
        """
        media = self.media.get(media_id, consistent=True)
        if media is None or not media.retryable:
            return media is not None and not media.final
        try:
            queued = self.media.save_state(media, replace(media, state="queued", reason=None), self.now())
        except LostRaceError:
            return True
        self.publication.settle_users(queued)
        return True

    def _known(self, arrival: Arrival) -> Media | None:
        media_id = media_id_of(arrival.key)
        media = self.media.get(media_id, consistent=True) if media_id else None
        return media if media and media.original_key == arrival.key else None

    def _claim(self, media: Media, version: str | None) -> Media | None:
        """Take hold of a media; None where nothing is left to do.

        The version is noted with it: should this try never end, whoever shows it as failed knows which file it was.

        Raises:
            TemporaryError: another try holds it.
        """
        for _ in range(_ATTEMPTS):
            moment = self.now()
            if media.final and not media.retryable:
                return None
            if media.state == "processing" and (media.lease_until or "") > clock.to_text(moment):
                raise TemporaryError(f"media {media.media_id} is being processed by another try")
            claim = replace(
                media,
                state="processing",
                attempt=new_id(),
                tries=media.tries + 1,
                lease_until=clock.later(moment, self.lease_seconds),
                reason=None,
                recalled=False,
                refused_version=media.refused_version if media.cleared else version,
            )
            try:
                return self.media.save_state(media, claim, moment)
            except LostRaceError:
                media = self.media.get(media.media_id, consistent=True) or media
        raise TemporaryError(f"media {media.media_id} is being changed by others")

    def _process(self, claimed: Media, arrival: Arrival, *, last_try: bool) -> Media:
        try:
            picture = self._make(claimed, arrival)
        except PictureRejectedError as rejection:
            rejected = self._finish(claimed, self._rejected(claimed, rejection, arrival))
            telemetry.measure(Metric.REFUSED, reason=rejection.reason.code)
            return rejected
        except NotFoundError:
            missing = self._finish(claimed, replace(claimed, state="failed", reason=MISSING_REASON))
            telemetry.measure(Metric.PROTECTION_FAILED, reason=MISSING_REASON.code)
            return missing
        except Exception as error:
            log.exception("try %d of media %s failed", claimed.tries, claimed.media_id)
            version = claimed.refused_version if claimed.cleared else arrival.version
            retry = (
                replace(claimed, state="failed", reason=EXHAUSTED_REASON, refused_version=version)
                if last_try
                else replace(claimed, state="queued")
            )
            given_up = self._finish(claimed, retry)
            if given_up.final:
                telemetry.measure(Metric.PROTECTION_FAILED, reason=EXHAUSTED_REASON.code)
                self.publication.settle_users(given_up)
            raise TemporaryError(f"media {claimed.media_id}: {type(error).__name__}") from error
        made = replace(claimed, state="ready", picture=picture, replaced=self._replaced(claimed), review=None)
        if claimed.picture is not None:
            shown = self.media.get(claimed.media_id, consistent=True)
            self.publication.exposure.prepare(replace(made, exposure=shown.exposure if shown else "held"))
        ready = self._finish(claimed, made)
        telemetry.measure(Metric.UPLOAD_TO_READY, clock.milliseconds(ready.arrived_at, self.now()))
        return ready

    def _replaced(self, claimed: Media) -> Replaced | None:
        """Return what is to be taken away once new files are shown, and lists that name old ones are gone.

        A try that was cut short may have left files as well.
        """
        if claimed.picture is None and claimed.tries <= 1:
            return None
        earlier = claimed.replaced.digests if claimed.replaced else ()
        served = [each.sha256 for each in claimed.picture.renditions] if claimed.picture else []
        return Replaced(tuple(dict.fromkeys((*earlier, *served))), clock.later(self.now(), REPLACED_SECONDS))

    def _rejected(self, claimed: Media, rejection: PictureRejectedError, arrival: Arrival) -> Media:
        cleared = claimed.clears(arrival.version)  # what was said of another version is not said of this one
        rejected = replace(claimed, state=rejection.state, reason=rejection.reason)
        review = self._review(claimed, arrival) if rejected.appealable else None
        return replace(rejected, refused_version=arrival.version, cleared=cleared, review=review)

    def _review(self, media: Media, arrival: Arrival) -> StoredRendition | None:
        """Make and store what moderators are shown of a picture they may be asked about; they do without as well."""
        try:
            data = self.originals.read(arrival.key, arrival.version)
            rendition = self.preview(data, self._options(media, arrival))
            self.derivatives.put(media.media_id, [(_name(rendition), rendition)])
        except Exception:
            log.warning("moderators will not see media %s", media.media_id, exc_info=True)
            return None
        return _stored(_name(rendition), rendition)

    def _finish(self, claimed: Media, new: Media) -> Media:
        """End a try.

        Raises:
            TemporaryError: its lease had run out and another try has taken over: the message stays until that one, or
                the next, has come to an end.
        """
        try:
            ended = self.media.save_state(claimed, replace(new, lease_until=None, attempt=None), self.now())
        except LostRaceError as error:
            raise TemporaryError(f"another try has taken over media {claimed.media_id}") from error
        telemetry.note(state=ended.state, attempts=ended.tries)
        return ended

    def _make(self, media: Media, arrival: Arrival) -> Picture:
        data = self.originals.read(arrival.key, arrival.version)
        if len(data) > MAX_UPLOAD_BYTES:
            raise PictureRejectedError("refused", Reason("too-large", "The file is larger than 50 MB."))
        options = self._options(media, arrival)
        protected = self._protected(data, options)
        files = [(_name(rendition), rendition) for rendition in protected.renditions]
        self.derivatives.put(media.media_id, files)
        picture = replace(
            self._picture(protected, files),
            data_mining=options.data_mining,
            original_sha256=hashlib.sha256(data).hexdigest(),
            original_version=arrival.version,
            arrived_at=clock.to_text(arrival.at) if arrival.at else None,
            display_size=options.display_size,
            watermark=options.watermark,
        )
        return replace(picture, record=self._recorded(media, picture))

    def _recorded(self, media: Media, picture: Picture) -> str:
        """Sign and store the protection record, before the picture can become ready, and return its name."""
        signed = self.sign_record(record(media, picture, self.public_base_url))
        name = f"{hashlib.sha256(signed.encode()).hexdigest()[:32]}.jws"
        self.derivatives.put_record(media.media_id, name, signed)
        return name

    def _options(self, media: Media, arrival: Arrival) -> ProtectionOptions:
        profile, request = self.profiles.get(media.owner_id), media.request
        rights = profile.fields.rights if profile else Rights()
        # the policy reserves what this artist allows
        statement = self.web_statement if request.data_mining != "allowed" else None
        return ProtectionOptions(
            cloak=request.cloak,
            creator=rights.creator or (profile.fields.display_name if profile else None),
            credit=rights.credit or None,
            rights=rights.rights or None,
            usage_terms=rights.usage_terms or None,
            web_statement=rights.web_statement or statement,
            data_mining=request.data_mining,
            human_made=request.human_made,
            cleared=media.clears(arrival.version) or _accepted(media, arrival),
            hold=self.screening_hold,
            display_size=request.display_size,
            watermark=profile.fields.watermark if profile and request.watermark else None,
        )

    def _protected(self, data: bytes, options: ProtectionOptions) -> ProtectedPicture:
        """Protect and measure what it takes, of refused pictures too; the CPU of encoders' own threads is counted."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            protected = self.protect(data, options)
        finally:
            telemetry.measure(Metric.PROTECTION_CPU, time.process_time() - cpu)
            telemetry.measure(Metric.PROTECTION_TIME, time.perf_counter() - wall)
        _measure_cloak(protected.cloak)
        return protected

    def _picture(self, protected: ProtectedPicture, files: list[tuple[str, Rendition]]) -> Picture:
        return Picture(
            source_format=protected.source_format,
            width=protected.width,
            height=protected.height,
            frames=protected.frames,
            blurhash=protected.blurhash,
            dominant_colors=protected.dominant_colors,
            perceptual_hash=protected.perceptual_hash,
            fingerprints=protected.fingerprints,
            cloak=protected.cloak,
            signals=protected.signals,
            provenance=protected.provenance,
            screening=protected.screening,
            protected_at=clock.to_text(self.now()),
            renditions=tuple(_stored(name, rendition) for name, rendition in files),
        )


def _accepted(media: Media, arrival: Arrival) -> bool:
    """Tell whether this very file was let through before: making it anew is no occasion to judge it once more."""
    return (
        media.picture is not None and arrival.version is not None and media.picture.original_version == arrival.version
    )


def _held_case(media: Media, reason: Reason) -> Case:
    """Return what a moderator is asked about a picture; of another version of the upload they are asked anew."""
    target, version = media_target(media.media_id), media.refused_version
    return Case("held", target, None, "", reason.evidence, media.updated_at, version=version)


def _stored(name: str, rendition: Rendition) -> StoredRendition:
    return StoredRendition(
        name=name,
        width=rendition.width,
        height=rendition.height,
        format=rendition.format,
        bytes=len(rendition.data),
        sha256=rendition.sha256,
        animated=rendition.animated,
    )


def _measure_cloak(report: CloakReport) -> None:
    if report.applied and report.cpu_seconds is not None:
        telemetry.measure(Metric.CLOAK_SECONDS, report.cpu_seconds)
    if report.applied and report.effect is not None:
        telemetry.measure(Metric.CLOAK_EFFECT, report.effect)


def _name(rendition: Rendition) -> str:
    """Return a rendition's content-addressed file name: 128 bits of its digest, short enough for lists to carry."""
    return f"{rendition.sha256[:32]}.{_EXTENSIONS[rendition.format]}"
