"""Looking after what should have moved on by itself and did not: nothing is ever stuck."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.media import EXHAUSTED_REASON, EXPIRED_REASON, Media
from chalicelib.domain.posts import ready_to_publish
from chalicelib.domain.telemetry import Metric
from chalicelib.services.exposure import ExposureService
from chalicelib.services.ports import Clock, MediaStore, OriginalStore, PostStore
from chalicelib.services.publication import PublicationService
from chalicelib.services.recall import RecallService

WAITING_SECONDS = 3600
"""How soon a post that waits for its pictures is looked after again: the pictures themselves bring it on sooner."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did.

    Attributes:
        media, posts: how many were looked after.
        failed: how many of them could not be this time.
        rescued: how many of them had been left behind and are on their way again; a post whose time had come, an upload
            that never came and a picture that is given up are none.
    """

    media: int
    posts: int
    failed: int
    rescued: int = 0


class DueKind(Protocol):
    """Something else that becomes due."""

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the keys of what became due between two moments."""

    def look_after(self, key: str, /) -> bool:
        """Do what is to be done about it, and tell whether it had been left behind."""


@dataclass(frozen=True, slots=True)
class SweepService:
    """Ends uploads that never came and tries that never ended, publishes what is scheduled, resumes what was cut off.

    The function that runs it never reads an original: it only asks whether one is there.

    Attributes:
        others: what else becomes due.
        decided: has what shows a picture follow a moderator's decision about it.
        deleted: has what is left of a picture removed if it was deleted, and tells whether it was.
    """

    media: MediaStore
    posts: PostStore
    originals: OriginalStore
    exposure: ExposureService
    publication: PublicationService
    recall: RecallService
    now: Clock = clock.now
    others: tuple[DueKind, ...] = ()
    deleted: Callable[[str], bool] | None = None
    decided: Callable[[str], None] = lambda _: None

    def run(self, since: datetime) -> SweepReport:
        """Look after everything that became due since a moment; one failure does not keep the others waiting."""
        until = self.now()
        media_ids, post_ids = self.media.due(since, until), self.posts.due(since, until)
        results = [self._try(self._look_after, each) for each in media_ids]
        results += [self._try(self._settle, each) for each in post_ids]
        for kind in self.others:
            results += [self._try(kind.look_after, key) for key in kind.due(since, until)]
        return SweepReport(len(media_ids), len(post_ids), results.count("failed"), results.count("rescued"))

    def _try(self, work: Callable[[str], bool], key: str) -> Literal["rescued", "done", "failed"]:
        """Do some work, which tells whether it rescued something."""
        with telemetry.part():
            try:
                return "rescued" if work(key) else "done"
            except (LostRaceError, TemporaryError):
                log.warning("could not look after %s this time", key, exc_info=True)
            except Exception:  # whatever is wrong with this one, the others must not wait for it
                log.exception("could not look after %s", key)
            return "failed"

    def _settle(self, post_id: str) -> bool:
        """Settle a post; one that goes on waiting, for its pictures or its suspended author, is looked after again."""
        before = self.posts.get(post_id, consistent=True)
        post = self.publication.settle(post_id)
        if post is not None and (post.state == "processing" or ready_to_publish(post, self.now())):
            self.posts.postpone(post_id, clock.later(self.now(), WAITING_SECONDS))
        return before is not None and before.state != "scheduled" and (post is None or post.version != before.version)

    def _look_after(self, media_id: str) -> bool:
        media = self.media.get(media_id, consistent=True)
        if media is None:
            return self.deleted is not None and self.deleted(media_id)
        return media.overdue(self.now()) and self._end(media)

    def _end(self, media: Media) -> bool:
        """End what a media was left behind in, and tell whether that was nobody's plan."""
        media_id = media.media_id
        telemetry.correlate(media.correlation_id)
        if media.renewing:
            self.decided(media_id)
            log.info("picture follows a decision", extra={"media_id": media_id})
            return True
        if media.exposure == "changing":
            self.exposure.reconcile(media_id)
            log.info("picture's exposure settled", extra={"media_id": media_id})
            return True
        if media.final and media.replaced is not None:
            self.exposure.clear(media)
            log.info("picture's former files removed", extra={"media_id": media_id})
            return False
        if media.state == "queued" and media.recalled:
            self.recall.bring(media)
            log.info("picture recalled", extra={"media_id": media_id})
            return True
        changed = self.media.save_state(media, self._moved_on(media), self.now())
        log.info("picture moved on", extra={"media_id": media_id, "before": media.state, "state": changed.state})
        if changed.retryable:
            telemetry.measure(Metric.PROTECTION_FAILED, reason=EXHAUSTED_REASON.code)
        self.publication.settle_users(changed)
        return not changed.final

    def _moved_on(self, media: Media) -> Media:
        if media.state != "awaiting_upload":
            return replace(media, state="failed", reason=EXHAUSTED_REASON, lease_until=None, attempt=None)
        if self.originals.arrived(media.original_key):
            return replace(media, state="queued")
        return replace(media, state="failed", reason=EXPIRED_REASON)
