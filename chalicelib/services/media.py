"""Uploads and the media that come of them, as their owner and the public ask for them."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import clock, telemetry
from chalicelib.domain.allowances import WAITS, Allowance, TooManyRequestsError, client_key
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.media import UPLOAD_SECONDS, Media, Replaced, UploadRequest
from chalicelib.domain.noai import DataMining
from chalicelib.services.allowing import Allowances
from chalicelib.services.ports import AllowanceStore, Clock, DerivativeStore, MediaStore, OriginalStore, Sleep
from chalicelib.services.recall import RecallService

MAX_WAIT_SECONDS = 20
"""Longest time an answer is held: API Gateway gives up after 29 seconds."""

CHANGES, WINDOW_SECONDS = 100, 24 * 3600
"""How many pictures an account may have made anew in how many seconds, for another choice: five full posts a day."""

_TRY_SECONDS = 600
"""After this a try that was under way has surely ended, whatever came of it."""

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
    allowances: AllowanceStore
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

        What is shown goes on being shown as it is, in every form of the former choice, until the new files stand at
        their own addresses; then the old ones are taken away.

        Raises:
            NotFoundError: there is no such media of this account.
            ConflictError: it was refused or failed for good (``media-not-ready``).
            TooManyRequestsError: the account has had too many files made anew.
            TemporaryError: the same again will succeed; if nobody asks, the sweep brings what was noted.
        """
        counted = False
        for _ in range(_ATTEMPTS):
            media = self.media.get(media_id, consistent=True) if is_id(media_id) else None
            if media is None or media.owner_id != account_id:
                raise NotFoundError(f"There is no media {media_id} of yours.")
            if media.request.data_mining == choice and not media.retryable:
                return self.recall.bring(media) if media.recalled else media  # an earlier request was cut short
            _check_changeable(media)
            moment = self.now()
            chosen = _chosen(media, choice, moment)
            if chosen.recalled and not counted:
                self._use_allowance(account_id)
                counted = True
            try:
                saved = self.media.save_request(media, chosen, moment)
            except LostRaceError:
                continue
            return self.recall.bring(saved) if saved.recalled else saved
        raise TemporaryError(f"media {media_id} is being changed by others")

    def choose_all(self, account_id: str, media_ids: Iterable[str], choice: DataMining) -> None:
        """Change what machines may do with several own pictures, as :meth:`choose` does with one."""
        for media_id in media_ids:
            self.choose(media_id, account_id, choice)

    def _use_allowance(self, account_id: str) -> None:
        """Count a picture that is to be made anew: each costs a cloak and a signature for each file.

        Raises:
            TooManyRequestsError: there were too many today.
        """
        moment = int(self.now().timestamp())
        window = moment // WINDOW_SECONDS
        ends = (window + 1) * WINDOW_SECONDS
        used = self.allowances.use(f"choices#{client_key(account_id, '')}#{window}", ends + WINDOW_SECONDS)
        if used > CHANGES:
            raise TooManyRequestsError(Allowance(CHANGES, used, WINDOW_SECONDS, ends - moment))

    def record(self, media: Media) -> str | None:
        """Return the signed protection record of a ready picture; None where it was protected without one.

        Raises:
            TemporaryError: it could not be read this time.
        """
        name = media.picture.record if media.picture else None
        return self.derivatives.read_record(media.media_id, name) if name else None

    def wait(self, media_id: str, account_id: str | None, seconds: float) -> Media:
        """Return a media as soon as its state changes, at the latest after some seconds (at most 20).

        Its owner alone waits, and as often as :data:`chalicelib.domain.allowances.WAITS` says; others, and whoever asks
        more often, are answered at once: each who waits takes up a process that everybody's requests need.
        """
        first = media = self.get(media_id, account_id)
        if seconds <= 0 or media.final or media.owner_id != account_id or not self._may_wait(account_id):
            return media
        deadline = self.now().timestamp() + min(seconds, MAX_WAIT_SECONDS)
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

    def _may_wait(self, account_id: str) -> bool:
        try:
            Allowances(self.allowances, self.now).use(account_id, WAITS)
        except TooManyRequestsError:
            return False
        return True

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


def _chosen(media: Media, choice: DataMining, moment: datetime) -> Media:
    """Return a media with another choice, recalled where its files are to be made anew, or for the first time.

    A try that is under way finds its hold gone at its end, and what it made is not taken.
    """
    chosen = replace(media, request=replace(media.request, data_mining=choice))
    if media.picture is not None and media.picture.data_mining == choice:  # taken back before it came to anything
        earlier = media.replaced.digests if media.replaced else ()
        left = Replaced(earlier, clock.later(moment, _TRY_SECONDS))  # by a try that is under way
        return replace(
            chosen, state="ready", reason=None, recalled=False, lease_until=None, attempt=None, replaced=left
        )
    if media.picture is not None:  # of that very version, whatever else was posted by the form meanwhile
        version = media.picture.original_version
        chosen = replace(chosen, refused_version=version, cleared=media.clears(version))
    if media.state in {"awaiting_upload", "queued"}:
        return chosen
    return replace(chosen, state="queued", reason=None, recalled=True, lease_until=None, attempt=None)


def _check_changeable(media: Media) -> None:
    if media.state in {"refused", "failed"} and not media.retryable and not media.showable:
        raise ConflictError(
            f"The picture {_ENDS[media.state]}: there are no files that could say what you choose. Upload it again.",
            code="media-not-ready",
        )
