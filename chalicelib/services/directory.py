"""What everyone can find: the latest posts, and posts by what they are of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.disclosure import names_ai
from chalicelib.domain.relations import NO_BOUNDS
from chalicelib.services.ports import BoundsStore, Clock, Directory, SearchIndex, SharedCardPage

BOUNDS_COST = 1
"""Half units that a reader's bounds cost, while they have up to 100 entries: a page reads so much less beside them."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a reader wants left out, whoever they are.

    Attributes:
        without_ai: posts that say AI had a part in them.
        without_warnings: posts with a content warning, whichever.
    """

    without_ai: bool = False
    without_warnings: bool = False

    def allow(self, shared: SharedCard) -> bool:
        """Tell whether a post may stay."""
        if self.without_ai and names_ai(shared.card.ai_disclosure):
            return False
        return not (self.without_warnings and shared.card.content_warnings)


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """Lists of public posts by many artists, newest first, without what the reader is not to see."""

    directory: Directory
    index: SearchIndex
    bounds: BoundsStore
    now: Clock = clock.now

    def latest(self, account_id: str | None, wishes: Wishes, *, limit: int, position: str | None) -> SharedCardPage:
        """List all public posts; for an account (None: a stranger) without those that its bounds hide."""
        keep, today = self.keep(account_id, wishes), clock.to_text(self.now())[:10]
        return self.directory.latest(
            keep, limit=limit, position=position, today=today, spent=BOUNDS_COST if account_id else 0
        )

    def search(
        self, terms: Sequence[str], account_id: str | None, wishes: Wishes, *, limit: int, position: str | None
    ) -> SharedCardPage:
        """List the public posts that all of some terms find (:func:`chalicelib.domain.search.asked`)."""
        keep = self.keep(account_id, wishes)
        spent = BOUNDS_COST if account_id else 0
        return self.index.posts(terms, keep, limit=limit, position=position, year=self.now().year, spent=spent)

    def keep(self, account_id: str | None, wishes: Wishes) -> Callable[[SharedCard], bool]:
        """Return what tells whether a post of a public list may be shown to a reader: half a unit for an account."""
        bounds = self.bounds.bounds(account_id) if account_id else NO_BOUNDS

        def shown(shared: SharedCard) -> bool:
            return shared.visible_to(None) and wishes.allow(shared) and not shared.hidden_by(bounds)

        return shown
