"""Liking, keeping and passing on posts."""

from dataclasses import dataclass, field

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.errors import ConflictError, NotFoundError
from chalicelib.domain.handles import is_handle
from chalicelib.domain.ids import is_id
from chalicelib.domain.reactions import Reaction, ReactionKey, ReactionKind
from chalicelib.domain.relations import Bounds
from chalicelib.services.cards import card_author
from chalicelib.services.ports import Clock, ReactionStore
from chalicelib.services.sight import Seen, Sight, no_post

MOST_ASKED = 4
"""Of how many authors, in one page, it is asked whether the reader follows them."""


@dataclass(frozen=True, slots=True)
class ListedCards:
    """A page of posts of several artists."""

    cards: tuple[SharedCard, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class ReactionService:
    """Reactions, as accounts make them and take them back, and their lists."""

    reactions: ReactionStore
    sight: Sight
    now: Clock = clock.now

    def put(self, kind: ReactionKind, post_id: str, account_id: str) -> None:
        """React to a post; done before, it stays as it was.

        Raises:
            ConflictError: the account has no profile (``profile-needed``), or the repost is of an own post
                (``own-post``) or of one that is not for everyone (``not-public``).
            NotFoundError: there is no such post for this account.
        """
        seen = self.sight.published(account_id, post_id)
        if self.sight.profiles.get(account_id) is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        if kind == "repost":
            _check_repost(seen, account_id)
        version = seen.post.version
        made_at = clock.to_text(self.now())
        self.reactions.put(Reaction(kind, account_id, post_id, made_at, seen.shared, version))
        self._follow_up(ReactionKey(kind, account_id, post_id), version)

    def remove(self, kind: ReactionKind, post_id: str, account_id: str) -> None:
        """Take a reaction back, whatever became of the post; where there is none nothing happens.

        Raises:
            NotFoundError: that is no post's id.
        """
        if not is_id(post_id):
            raise no_post(post_id)
        self.reactions.remove(kind, account_id, post_id)

    def list_own(self, kind: ReactionKind, account_id: str, *, limit: int, position: str | None) -> ListedCards:
        """List the posts that an account reacted to and may see now, newest reaction first; a page may be short."""
        return self._list(kind, account_id, account_id, limit, position)

    def list_reposts(self, handle: str, account_id: str | None, *, limit: int, position: str | None) -> ListedCards:
        """List what an artist passed on, as far as somebody may see it, newest first; a page may be short.

        Of an artist who approves followers that is for followers.

        Raises:
            NotFoundError: there is no such artist, or the two are parted.
        """
        profile = self.sight.profiles.get_by_handle(handle) if is_handle(handle) else None
        if profile is None or self.sight.bounds(account_id).parted_from(profile.account_id):
            raise NotFoundError(f"There is no artist @{handle}.")
        author = card_author(profile)
        if author.protected and account_id != author.account_id and not self._follows(account_id, author.account_id):
            return ListedCards((), None)
        return self._list("repost", author.account_id, account_id, limit, position)

    def _follows(self, account_id: str | None, other_id: str) -> bool:
        return account_id is not None and self.sight.relations.follows(account_id, other_id)

    def _list(self, kind: ReactionKind, of: str, reader: str | None, limit: int, position: str | None) -> ListedCards:
        page = self.reactions.of_account(of, kind, limit=limit, position=position)
        look = _Look(self.sight, reader, self.sight.bounds(reader))
        cards: list[SharedCard] = []
        last = position
        for reaction in page.reactions:
            if look.is_dear(reaction.card):
                return ListedCards(tuple(cards), last)
            if look.shows(reaction.card):
                cards.append(reaction.card)
            last = reaction.position
        return ListedCards(tuple(cards), page.position)

    def _follow_up(self, key: ReactionKey, version: int) -> None:
        """Look once more: what follows the post's changes may have passed before this reaction was there."""
        found = self.sight.posts.get_with_card(key.post_id)
        if found is None or found[0].state == "deleted":
            self.reactions.remove(*key)
            raise no_post(key.post_id)
        post, card = found
        author = self.sight.profiles.get(post.author_id) if post.version != version else None
        if author is not None:
            self.reactions.refresh([key], SharedCard(card, card_author(author)), post.version)


@dataclass(slots=True)
class _Look:
    """What one reader may see of one page."""

    sight: Sight
    reader: str | None
    bounds: Bounds
    asked: dict[str, bool] = field(default_factory=dict)

    def is_dear(self, shared: SharedCard) -> bool:
        """Tell whether it would have to be asked about one author more than a page may ask about."""
        return self._asks(shared) and len(self.asked) >= MOST_ASKED and shared.author.account_id not in self.asked

    def shows(self, shared: SharedCard) -> bool:
        """Tell whether the reader may see it and wants to."""
        if shared.hidden_by(self.bounds):
            return False
        return shared.visible_to(self.reader, follows=self._asks(shared) and self._follows(shared.author.account_id))

    def _asks(self, shared: SharedCard) -> bool:
        own = self.reader == shared.author.account_id
        return shared.for_followers and self.reader is not None and not own and not shared.hidden_by(self.bounds)

    def _follows(self, author_id: str) -> bool:
        if author_id not in self.asked:
            self.asked[author_id] = self.sight.relations.follows(self.reader or "", author_id)
        return self.asked[author_id]


def _check_repost(seen: Seen, account_id: str) -> None:
    """Let only what is for everyone be passed on, and not by its own author, who would only push it up again."""
    if seen.post.author_id == account_id:
        raise ConflictError("An own post cannot be reposted.", code="own-post")
    if seen.post.fields.visibility != "public" or seen.shared.for_followers:
        raise ConflictError("Only posts that everyone may see can be reposted.", code="not-public")
