"""Pictures follow whether their artist approves followers: what was open to everyone is closed, or opened again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.profiles import Profile
from chalicelib.services.ports import ErrandQueue, PostStore
from chalicelib.services.publication import PublicationService

KIND = "settle-author"
"""The errand that goes through an author's public posts, and has the pictures of each looked at anew."""

_PIECE = 20


@dataclass(frozen=True, slots=True)
class AuthorExposureConsumer:
    """Sends errands for authors who approve followers now and did not before, or no longer do."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Follow some changes of profiles."""
        for change in changes:
            old, new = change.old, change.new
            if old is not None and new is not None and old.fields.protected != new.fields.protected:
                self.errands.put(Errand(KIND, new.account_id))


@dataclass(frozen=True, slots=True)
class AuthorExposure:
    """The worker of the errand. It moves no files: it notes what the sweep then settles, within minutes."""

    posts: PostStore
    publication: PublicationService

    def work(self, errand: Errand) -> Errand | None:
        """Do one piece.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        page = self.posts.own_cards(
            errand.subject,
            lambda card: card.state == "published" and card.visibility == "public" and card.media_count > 0,
            limit=_PIECE,
            position=errand.cursor,
        )
        for card in page.cards:
            self.publication.unsettle(card.post_id)
        return replace(errand, cursor=page.position) if page.position else None
