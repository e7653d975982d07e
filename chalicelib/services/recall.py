"""Bringing a picture back into the queue: one that a moderator has cleared, or that is to be made anew."""

from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.media import Media
from chalicelib.services.ports import Clock, MediaStore, UploadQueue
from chalicelib.services.publication import PublicationService


@dataclass(frozen=True, slots=True)
class RecallService:
    """Sends the message that S3 sends but once. Whoever is cut short before it is noted, the sweep does it again."""

    media: MediaStore
    queue: UploadQueue
    publication: PublicationService
    now: Clock = clock.now

    def bring(self, media: Media) -> Media:
        """Put a recalled media into the queue, and have posts that were refused for its sake wait for it again.

        Returns:
            The media as it is now.

        Raises:
            TemporaryError: something did not answer; the sweep does it later.
        """
        moment = self.now()
        self.queue.announce(media.original_key, media.refused_version)
        try:
            media = self.media.save_state(media, replace(media, recalled=False), moment)
        except LostRaceError:  # the protection function was quick
            media = self.media.get(media.media_id, consistent=True) or media
        self.publication.settle_users(media)
        return media
