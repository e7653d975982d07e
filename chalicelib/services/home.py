"""The home feed, as its reader sees it: whom I follow, newest first, and nothing else."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.feeds import KEPT_DAYS, FeedEntry, FeedPage, FeedState, merged, pushable
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.relations import NO_BOUNDS, Bounds
from chalicelib.services.cards import card_author
from chalicelib.services.directory import Wishes
from chalicelib.services.hub_days import HubDays
from chalicelib.services.ports import BoundsStore, Clock, ErrandQueue, FeedStore, ProfileStore

FILL_FEED = "fill-feed"

_SETTLING_SECONDS = 5
"""A feed is filled so long after it was noted that it is read: what was pushed until then knew nothing of it."""

_TOP = "~"


@dataclass(frozen=True, slots=True)
class Below:
    """Where a page begins, and the hubs that its reader follows, by the first page's word.

    Whoever makes one up sees public posts of others among those of whom they follow, and nothing that is not public.
    """

    position: str
    hubs: bytes = b""

    def to_text(self) -> str:
        """Write it as a cursor carries it."""
        return f"{self.position}|{base64.urlsafe_b64encode(self.hubs).decode()}"

    @classmethod
    def from_text(cls, text: str) -> "Below":
        """Read what :meth:`to_text` wrote."""
        position, _, hubs = text.rpartition("|")
        return cls(position, base64.urlsafe_b64decode(hubs))


@dataclass(frozen=True, slots=True)
class Home:
    """A page of a feed.

    Attributes:
        cards: newest first.
        position: after them; None at the end.
        complete: False while the feed is being filled, as it was not read for long: some posts are missing.
    """

    cards: Sequence[SharedCard]
    position: str | None
    complete: bool


@dataclass(frozen=True, slots=True)
class HomeService:
    """Merges what was pushed to a reader with what is pulled from hubs."""

    feeds: FeedStore
    hub_days: HubDays
    relations: BoundsStore
    errands: ErrandQueue
    now: Clock = clock.now

    def page(self, reader_id: str, wishes: Wishes, *, limit: int, position: str | None) -> Home:
        """Return a page of a reader's feed."""
        below = Below.from_text(position) if position else None
        read = self.feeds.page(reader_id, limit=limit, below=below.position if below else None)
        complete = True
        if below is None:
            complete = self._noted(reader_id, read.state)
            below = Below(f"{clock.later(self.now(), 60)}{_TOP}", read.state.hubs if read.state else b"")
        shown, last = self._merged(read, below, limit)
        # a later page does not read the state; who never read may have bounds from before
        bounded = read.state is None or read.state.bounded
        bounds = self.relations.bounds(reader_id) if bounded else NO_BOUNDS
        pushed = frozenset(entry.position for entry in read.entries)
        cards = self._visible(reader_id, shown, pushed, wishes, bounds)
        return Home(cards, Below(last, below.hubs).to_text() if last else None, complete)

    def _merged(self, read: FeedPage, below: Below, limit: int) -> tuple[list[FeedEntry], str | None]:
        """Return the entries of a page, and the position after them; None at the end."""
        horizon = clock.to_text(self.now() - timedelta(days=KEPT_DAYS))
        floor = read.entries[-1].position if read.more and read.entries else horizon
        pulled, known_to = self.hub_days.between(below.hubs, below.position, floor, limit)
        found = merged(read.entries, pulled)
        if known_to > floor:  # below that, posts of hubs may be missing: they come with the next page
            found = [entry for entry in found if entry.position >= known_to]
        shown = found[:limit]
        if len(found) > limit:
            return shown, shown[-1].position
        if known_to > floor:
            return shown, known_to
        return shown, floor if read.more else None

    def _visible(
        self,
        reader_id: str,
        entries: Sequence[FeedEntry],
        pushed: frozenset[str],
        wishes: Wishes,
        bounds: Bounds,
    ) -> list[SharedCard]:
        """Leave out what the reader is not to see. What is pulled and for followers alone is asked about anew."""
        found = [entry for entry in entries if wishes.allow(entry.shared) and not entry.shared.hidden_by(bounds)]
        asked = {each.author_id for each in found if each.position not in pushed and each.shared.for_followers}
        strangers = {author for author in asked if not self.relations.follows(reader_id, author)}
        return [
            entry.shared
            for entry in found
            if entry.shared.visible_to(reader_id, follows=entry.position in pushed or entry.author_id not in strangers)
        ]

    def _noted(self, reader_id: str, state: FeedState | None) -> bool:
        """Note that a feed is read, once a day, and have it filled after a long time; tell whether it is complete."""
        today = clock.to_text(self.now())[:10]
        away = state is None or not state.active(self.now())
        if state is None or state.read_on != today:
            self.feeds.touch(reader_id, today, again=away)
        if away or not (state and (state.complete or state.read_on == today)):
            self.errands.put(Errand(FILL_FEED, reader_id), delay_seconds=_SETTLING_SECONDS)
        return state is not None and not away and state.complete


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """Puts an artist's post into their own feed as it is published, by whatever function: they look for it at once."""

    feeds: FeedStore
    profiles: ProfileStore

    def note(self, post: Post, card: Card) -> None:
        """Put a published post into its author's feed. If that fails now, the stream of posts brings it."""
        if not pushable(post):
            return
        with suppress(TemporaryError):
            author = self.profiles.get(post.author_id)
            if author is not None:
                self.feeds.push([post.author_id], FeedEntry(post.order_key, SharedCard(card, card_author(author))))
