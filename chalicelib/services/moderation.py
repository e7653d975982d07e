"""What moderators see."""

from dataclasses import dataclass

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.media import Media, StoredRendition
from chalicelib.domain.moderation import Case, CaseKind
from chalicelib.services.addresses import Addresses
from chalicelib.services.appeals import media_key
from chalicelib.services.message_reports import MessageReports, SeenMessage
from chalicelib.services.ports import (
    AuditLog,
    LogPage,
    MediaStore,
    ModerationStore,
    QueuePage,
)

LINK_SECONDS = 300
"""A moderator's link to a picture that nobody else can see works for at least so long, and for twice that at most."""


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """A picture as a moderator sees it: files that are ready, each with a link that soon ends."""

    media: Media
    files: tuple[tuple[StoredRendition, str], ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with the media that it is about, where it is about one, those that were added to it, and messages."""

    case: Case
    subject: SeenPicture | None
    pictures: tuple[SeenPicture, ...]
    messages: tuple[SeenMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class ModerationService:
    """Shows cases and the log. Who may look, the routes decide."""

    media: MediaStore
    cases: ModerationStore
    log: AuditLog
    addresses: Addresses
    messages: MessageReports | None = None

    def queue(self, kind: CaseKind | None, *, limit: int, position: str | None) -> QueuePage:
        """List open cases, oldest first; a page may be short."""
        return self.cases.queue(kind, limit=limit, position=position)

    def entries(self, target: str, *, limit: int, position: str | None) -> LogPage:
        """List what was decided about a target, newest first."""
        return self.log.page(target, limit=limit, position=position)

    def case(self, case_key: str) -> CaseView:
        """Return a case with links to what may be seen of it.

        Raises:
            NotFoundError: there is none.
        """
        case = self.cases.get(case_key)
        if case is None:
            raise NotFoundError(f"There is no case {case_key}.")
        subject = [key] if (key := media_key(case.target)) else []
        messages = self.messages.seen(case) if self.messages else ()
        added = (*case.pictures, *(media_id for each in messages if each.reported for media_id in each.message.media))
        found = self.media.get_many([*subject, *added]) if subject or added else {}
        seen = {media_id: self._seen(media) for media_id, media in found.items()}
        pictures = tuple(seen[media_id] for media_id in added if media_id in seen)
        return CaseView(case, seen.get(subject[0]) if subject else None, pictures, messages)

    def _seen(self, media: Media) -> SeenPicture:
        made = media.made.renditions if media.made else ()
        stored = made or ((media.review,) if media.review else ())
        shown = [item for item in stored if item.format == "webp"] or stored
        address = self.addresses.signed(media.media_id, LINK_SECONDS)
        files = ((item, address(item.name)) for item in shown)
        return SeenPicture(media, tuple(files))
