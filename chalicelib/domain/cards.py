"""Cards of posts in lists of posts by several artists: who made each, and who may see it, without another read."""

from dataclasses import dataclass

from chalicelib.domain.posts import Card, may_see
from chalicelib.domain.relations import Bounds


@dataclass(frozen=True, slots=True)
class CardAuthor:
    """Who made a post, as its card names them.

    Attributes:
        account_id: never shown; what bounds and visibility are decided by.
        handle, display_name: as they are at present: a change of them is carried into every card.
        protected: whether the author approves who follows.
    """

    account_id: str
    handle: str
    display_name: str
    protected: bool = False


@dataclass(frozen=True, slots=True)
class SharedCard:
    """A post as lists of several artists' posts show it."""

    card: Card
    author: CardAuthor

    @property
    def for_followers(self) -> bool:
        """Whether seeing it takes more than its address: who lists it must ask whether the reader follows."""
        hidden = self.author.protected and self.card.visibility == "public"
        return hidden or self.card.visibility == "followers"

    def visible_to(self, account_id: str | None, *, follows: bool = False, parted: bool = False) -> bool:
        """Tell whether an account may see the post: the rule of :func:`chalicelib.domain.posts.may_see`."""
        return self.card.state == "published" and may_see(
            self.card.visibility,
            self.author.account_id,
            account_id,
            follows=follows,
            parted=parted,
            protected=self.author.protected,
        )

    def hidden_by(self, bounds: Bounds) -> bool:
        """Tell whether a reader's bounds leave it out of lists."""
        return bounds.hides(self.author.account_id, tags=self.card.tags, text=self.card.words)
