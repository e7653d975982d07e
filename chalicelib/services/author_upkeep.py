"""What names an author follows the author: the cards of their posts where others keep them, and their comments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.profiles import Profile
from chalicelib.services import comment_upkeep, reaction_upkeep
from chalicelib.services.cards import card_author
from chalicelib.services.ports import ErrandQueue, PostStore

KIND = "follow-author"
"""The errand that goes through an author's posts, and sends one for each that was published."""

_PIECE = 50


@dataclass(frozen=True, slots=True)
class AuthorConsumer:
    """Sends errands for authors who are called differently now, or approve followers now and did not before."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Follow some changes of profiles."""
        renamed = [
            change.new.account_id
            for change in changes
            if change.old is not None and change.new is not None and card_author(change.old) != card_author(change.new)
        ]
        errands = [Errand(kind, account_id) for account_id in renamed for kind in (KIND, comment_upkeep.RENAME)]
        for delay in (0, reaction_upkeep.SECOND_LOOK_SECONDS):  # what was written meanwhile named them as before
            self.errands.put_all(errands, delay)


@dataclass(frozen=True, slots=True)
class AuthorUpkeep:
    """The worker of the errand."""

    posts: PostStore
    errands: ErrandQueue

    def work(self, errand: Errand) -> Errand | None:
        """Do one piece.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        page = self.posts.own_cards(
            errand.subject, lambda card: card.published_at is not None, limit=_PIECE, position=errand.cursor
        )
        self.errands.put_all(Errand(reaction_upkeep.KIND, card.post_id) for card in page.cards)
        return replace(errand, cursor=page.position) if page.position else None
