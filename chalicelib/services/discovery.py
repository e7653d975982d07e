"""Discovery: dealing tickets to readers, and keeping each artist's ticket true."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.discovery import DEALT, Hand, Place, deal, ends_at, following, shuffled, ticket_key, turn_of
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.listings import Listing, listing_of
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.services.cards import card_author
from chalicelib.services.directory import DirectoryService, Wishes
from chalicelib.services.listing import differs
from chalicelib.services.ports import Clock, DrawStore, ErrandQueue, PostStore, ProfileStore

DRAW_TICKET = "draw-ticket"

_READS = 3
"""Requests for a page, which reach once around a ring of few: as a rule one, of one unit."""

_ATTEMPTS = 5
_NEWEST = 3


@dataclass(frozen=True, slots=True)
class Dealt:
    """Some cards, in no order that means anything, and the position after them; None at the end."""

    cards: tuple[SharedCard, ...]
    position: str | None


@dataclass(slots=True)
class DiscoveryService:
    """Deals the tickets of the turn."""

    draws: DrawStore
    lists: DirectoryService
    now: Clock = clock.now
    _hand: Hand | None = field(default=None)

    def page(self, account_id: str | None, wishes: Wishes, *, limit: int, position: str | None) -> Dealt:
        """Deal some tickets: at first the turn's, then those that lie behind them, once around."""
        keep, moment = self.lists.keep(account_id, wishes), clock.to_text(self.now())
        place = Place.from_text(position) if position else Place.begin(self._start())
        dealt = deal(self.draws, place, limit, moment, _READS)
        cards = [ticket.shared for ticket in shuffled(dealt.tickets, place.at)]
        return Dealt(tuple(filter(keep, cards)), dealt.place.to_text() if dealt.place else None)

    def _start(self) -> str:
        """Return where the hand deals from in this turn; who asks first in a turn moves it on."""
        turn = turn_of(self.now())
        if self._hand is None or self._hand.turn != turn:
            last = self.draws.hand(turn)
            if last is None or last.turn != turn:
                start = last.following if last else ticket_key(turn)
                dealt = deal(self.draws, Place.begin(start), DEALT, clock.to_text(self.now()), _READS)
                self.draws.note_hand(Hand(turn, start, following(start, dealt)))
                noted = self.draws.hand(turn)  # by who was first
                last = noted if noted and noted.turn == turn else Hand(turn, start, start)
            self._hand = last
        return self._hand.start


@dataclass(frozen=True, slots=True)
class TicketService:
    """Keeps each artist's ticket: their newest public post, for some days."""

    posts: PostStore
    profiles: ProfileStore
    draws: DrawStore
    now: Clock = clock.now

    def draw(self, errand: Errand) -> Errand | None:
        """Renew the ticket of an artist, the errand's subject. ``post`` names the post that changed, if one did."""
        if self.profiles.get(errand.subject) is None:
            self.draws.forget(errand.subject)
            return None
        for _ in range(_ATTEMPTS):
            try:
                self.draws.renew(errand.subject, lambda: self._newest(errand.subject, errand.arguments.get("post")))
            except LostRaceError:
                continue
            return None
        raise TemporaryError(f"the ticket of {errand.subject} is being renewed by others")

    def _newest(self, author_id: str, changed: str | None) -> Listing | None:
        """Return an artist's newest public post, each looked at as it is now: lists may be a moment behind."""
        profile = self.profiles.get(author_id)
        if profile is None:
            return None
        page = self.posts.public_cards(author_id, portfolio=False, limit=_NEWEST, position=None)
        found = [
            self._listing(post_id, profile) for post_id in {changed, *(card.post_id for card in page.cards)} if post_id
        ]
        fresh = [
            each for each in found if each and ends_at(each.position.partition("#")[0]) > clock.to_text(self.now())
        ]
        return max(fresh, key=lambda each: each.position, default=None)

    def _listing(self, post_id: str, profile: Profile) -> Listing | None:
        found = self.posts.get_with_card(post_id)
        return listing_of(*found, card_author(profile)) if found else None


@dataclass(frozen=True, slots=True)
class PostsDrawn:
    """Follows the changes of posts: what becomes public, is changed, or is public no more, may change a ticket."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Have the tickets of those renewed whose public posts changed."""
        told = [each for change in changes if differs(change) for each in (change.old, change.new)]
        listed = {(post.post_id, post.author_id): None for post in told if post and post.listed}
        self.queue.put_all(Errand(DRAW_TICKET, author_id, None, {"post": post_id}) for post_id, author_id in listed)


@dataclass(frozen=True, slots=True)
class AuthorsDrawn:
    """Follows the changes of profiles: an author's name stands on the ticket."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have the tickets of those renewed whom their cards name otherwise."""
        for old, new in ((change.old, change.new) for change in changes):
            if old is not None and (new is None or card_author(old) != card_author(new)):
                self.queue.put(Errand(DRAW_TICKET, old.account_id))
