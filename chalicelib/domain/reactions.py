"""What people do with a post without a word: like it, keep it, pass it on."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from chalicelib.domain.cards import SharedCard

ReactionKind = Literal["like", "bookmark", "repost"]

REACTION_KINDS: tuple[ReactionKind, ...] = ("like", "bookmark", "repost")


@dataclass(frozen=True, slots=True)
class Reaction:
    """One account's reaction to a post.

    Attributes:
        kind: bookmarks are for their owner's eyes alone; reposts stand on a profile.
        account_id: who reacted.
        post_id: to what.
        made_at: RFC 3339 text.
        card: the post as it is shown in the account's list; it follows the post within a minute.
        post_version: the version of the post that the card is of.
    """

    kind: ReactionKind
    account_id: str
    post_id: str
    made_at: str
    card: SharedCard
    post_version: int

    @property
    def author_id(self) -> str:
        """Whose post it is."""
        return self.card.author.account_id

    @property
    def position(self) -> str:
        """Its place in lists, by time; the post makes it unique."""
        return f"{self.made_at}#{self.post_id}"


class ReactionKey(NamedTuple):
    """What names a reaction."""

    kind: ReactionKind
    account_id: str
    post_id: str


@dataclass(frozen=True, slots=True)
class ReactionKeys:
    """Some reactions to a post, and the position after them; None at the end."""

    keys: tuple[ReactionKey, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class ReactionPage:
    """Some of one account's reactions, newest first, and the position after them; None at the end."""

    reactions: tuple[Reaction, ...]
    position: str | None
