"""Looking after what should have moved on by itself and did not: nothing is ever stuck."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.media import EXHAUSTED_REASON, EXPIRED_REASON, Media
from chalicelib.services.exposure import ExposureService
from chalicelib.services.ports import Clock, MediaStore, OriginalStore, PostStore
from chalicelib.services.publication import PublicationService

WAITING_SECONDS = 3600
"""How soon a post that waits for its pictures is looked after again: the pictures themselves bring it on sooner."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many media and posts were looked after, and how many could not be this time."""

    media: int
    posts: int
    failed: int


@dataclass(frozen=True, slots=True)
class SweepService:
    """Ends uploads that never came and tries that never ended, publishes what is scheduled, resumes what was cut off.

    The function that runs it never reads an original: it only asks whether one is there.
    """

    media: MediaStore
    posts: PostStore
    originals: OriginalStore
    exposure: ExposureService
    publication: PublicationService
    now: Clock = clock.now

    def run(self, since: datetime) -> SweepReport:
        """Look after everything that became due since a moment; one failure does not keep the others waiting."""
        until = self.now()
        media_ids, post_ids = self.media.due(since, until), self.posts.due(since, until)
        failed = 0
        for media_id in media_ids:
            failed += not self._try(self._look_after, media_id)
        for post_id in post_ids:
            failed += not self._try(self._settle, post_id)
        return SweepReport(len(media_ids), len(post_ids), failed)

    def _try(self, work: Callable[[str], object], key: str) -> bool:
        try:
            work(key)
        except (LostRaceError, TemporaryError):
            log.warning("could not look after %s this time", key, exc_info=True)
            return False
        except Exception:  # whatever is wrong with this one, the others must not wait for it
            log.exception("could not look after %s", key)
            return False
        return True

    def _settle(self, post_id: str) -> None:
        """Settle a post; one that goes on waiting for its pictures is looked after again, whatever happens to them."""
        post = self.publication.settle(post_id)
        if post is not None and post.state == "processing":
            self.posts.postpone(post_id, clock.later(self.now(), WAITING_SECONDS))

    def _look_after(self, media_id: str) -> None:
        media = self.media.get(media_id, consistent=True)
        if media is None or not media.overdue(self.now()):
            return
        if media.exposure == "changing":
            self.exposure.reconcile(media_id)
        else:
            changed = self.media.save_state(media, self._moved_on(media), self.now())
            self.publication.settle_users(changed)

    def _moved_on(self, media: Media) -> Media:
        if media.state != "awaiting_upload":
            return replace(media, state="failed", reason=EXHAUSTED_REASON, lease_until=None, attempt=None)
        if self.originals.arrived(media.original_key):
            return replace(media, state="queued")
        return replace(media, state="failed", reason=EXPIRED_REASON)
