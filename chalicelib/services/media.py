"""Uploads and the media that come of them, as their owner and the public ask for them."""

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.media import UPLOAD_SECONDS, Media, UploadRequest
from chalicelib.domain.noai import DataMining
from chalicelib.services.ports import Clock, DerivativeStore, MediaStore, OriginalStore, Sleep
from chalicelib.services.recall import RecallService

MAX_WAIT_SECONDS = 20
"""Longest time an answer is held: API Gateway gives up after 29 seconds."""

_POLL_SECONDS = 0.5
_ENDS = {"refused": "was refused", "failed": "has failed"}
_ATTEMPTS = 5

_LOOKS_A_LISTING = 4
"""S3 is asked whether the file is there at every so many looks: a listing costs forty times a read of the table."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A media that awaits its upload, and the form ``{"url", "fields"}`` by which it comes."""

    media: Media
    form: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MediaService:
    """Starts uploads and tells what became of them."""

    media: MediaStore
    originals: OriginalStore
    derivatives: DerivativeStore
    recall: RecallService
    now: Clock = clock.now
    sleep: Sleep = time.sleep

    def start_upload(self, account_id: str, request: UploadRequest) -> NewUpload:
        """Make a media and a form that lets its owner, and nobody else, upload exactly what was announced."""
        moment = self.now()
        media = Media(
            media_id=new_id(),
            owner_id=account_id,
            request=request,
            state="awaiting_upload",
            version=1,
            created_at=clock.to_text(moment),
            updated_at=clock.to_text(moment),
            expires_at=clock.later(moment, UPLOAD_SECONDS),
            correlation_id=telemetry.correlation_id(),
        )
        self.media.create(media, moment)
        telemetry.note(media_id=media.media_id)
        return NewUpload(media, self.originals.upload_form(media.original_key, request.content_type, request.bytes))

    def get(self, media_id: str, account_id: str | None) -> Media:
        """Return a media to its owner, or to everyone once it is published.

        Raises:
            NotFoundError: there is none, or none that the asker may know of.
        """
        return self._noting_arrival(self._visible(media_id, account_id))

    def choose(self, media_id: str, account_id: str, choice: DataMining) -> Media:
        """Change what machines may do with an own picture; files that were made already are made anew.

        That is for pictures that nothing shows: files that can be fetched, and may be kept by caches for a year, go on
        saying what they say.

        Raises:
            NotFoundError: there is no such media of this account.
            ConflictError: something published shows it (``media-shown``), it is being protected right now, or was
                refused or failed for good (``media-not-ready``).
            TemporaryError: the same again will succeed; if nobody asks, the sweep brings what was noted.
        """
        for _ in range(_ATTEMPTS):
            media = self.media.get(media_id, consistent=True) if is_id(media_id) else None
            if media is None or media.owner_id != account_id:
                raise NotFoundError(f"There is no media {media_id} of yours.")
            if media.data_mining == choice and not media.retryable:
                return self.recall.bring(media) if media.recalled else media  # an earlier request was cut short
            _check_changeable(media)
            try:
                saved = self.media.save_request(media, _chosen(media, choice), self.now())
            except LostRaceError:
                continue
            return self.recall.bring(saved) if saved.recalled else saved
        raise TemporaryError(f"media {media_id} is being changed by others")

    def record(self, media: Media) -> str | None:
        """Return the signed protection record of a ready picture; None where it was protected without one.

        Raises:
            TemporaryError: it could not be read this time.
        """
        name = media.picture.record if media.picture else None
        return self.derivatives.read_record(media.media_id, name) if name else None

    def wait(self, media_id: str, account_id: str | None, seconds: float) -> Media:
        """Return a media as soon as its state changes, at the latest after some seconds (at most 20)."""
        deadline = self.now().timestamp() + min(max(seconds, 0), MAX_WAIT_SECONDS)
        first = media = self.get(media_id, account_id)
        looks = 0
        while not media.final and media.state == first.state:
            left = deadline - self.now().timestamp()
            if left <= 0:
                break
            self.sleep(min(_POLL_SECONDS, left))
            looks += 1
            media = self._visible(media_id, account_id)
            if looks % _LOOKS_A_LISTING == 0:
                media = self._noting_arrival(media)
        return media

    def _visible(self, media_id: str, account_id: str | None) -> Media:
        media = self.media.get(media_id, consistent=True) if is_id(media_id) else None
        if media is None or (media.owner_id != account_id and media.exposure != "public"):
            raise NotFoundError(f"There is no media {media_id}.")
        return media

    def _noting_arrival(self, media: Media) -> Media:
        """Turn ``awaiting_upload`` into ``queued`` once the file is there, long before its turn comes in a surge."""
        if media.state != "awaiting_upload" or not self.originals.arrived(media.original_key):
            return media
        try:
            queued = self.media.save_state(media, replace(media, state="queued"), self.now())
        except LostRaceError:
            return self.media.get(media.media_id, consistent=True) or media
        log.info("picture queued", extra={"media_id": media.media_id, "correlation_id": media.correlation_id})
        return queued


def _chosen(media: Media, choice: DataMining) -> Media:
    """Return a media with another choice, recalled where its files are to be made anew, or for the first time."""
    chosen = replace(media, request=replace(media.request, data_mining=choice))
    if media.picture is not None:  # of that very version, whatever else was posted by the form meanwhile
        version = media.picture.original_version
        chosen = replace(chosen, picture=None, refused_version=version, cleared=media.clears(version))
    return replace(chosen, state="queued", reason=None, recalled=True) if media.final else chosen


def _check_changeable(media: Media) -> None:
    if media.state in {"refused", "failed"} and not media.retryable:
        raise ConflictError(
            f"The picture {_ENDS[media.state]}: there are no files that could say what you choose. Upload it again.",
            code="media-not-ready",
        )
    if media.state == "processing":
        raise ConflictError("The picture is being protected. Try again in a minute.", code="media-not-ready")
    if media.exposure != "held":
        raise ConflictError(
            "Something published shows this picture. Hide it first (visibility private, another avatar), then choose.",
            code="media-shown",
        )
