"""What one account is to another: who follows, asks to follow, blocks and mutes whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.domain.people import Person

RelationKind = Literal["follow", "request", "block", "mute"]
FollowState = Literal["following", "requested"]
Side = Literal["account", "other"]
"""Which of the two of a relation: the one whose it is, or the one it is to."""

MAX_FOLLOWS = 5000
"""Whom one account may follow or ask to follow at once; feeds are measured with 2,000."""

MAX_BLOCKS = 5000
MAX_MUTES = 2000
MAX_MUTED_TEXTS = 200
"""Muted tags, and as many muted words."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One account's relation to another.

    Attributes:
        kind: ``request`` waits for the answer of a protected profile.
        account_id: who follows, asks, blocks or mutes.
        other_id: whom.
        made_at: RFC 3339 text.
        account, other: the two as lists name them, as far as they are at hand.
        accepted: of a follow, whether a request came before it that the other accepted.
    """

    kind: RelationKind
    account_id: str
    other_id: str
    made_at: str
    account: Person | None = None
    other: Person | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whom and what an account is not to see, in one item, so that lists can be filtered at the price of one read.

    Attributes:
        blocked: accounts that it blocked.
        blocked_by: accounts that blocked it.
        muted: accounts that it muted.
        muted_tags: canonical tags that it muted.
        muted_words: words that it muted, case folded.
    """

    blocked: frozenset[str] = field(default_factory=frozenset)
    blocked_by: frozenset[str] = field(default_factory=frozenset)
    muted: frozenset[str] = field(default_factory=frozenset)
    muted_tags: frozenset[str] = field(default_factory=frozenset)
    muted_words: frozenset[str] = field(default_factory=frozenset)

    def parted_from(self, account_id: str) -> bool:
        """Tell whether one of the two blocked the other: neither is to notice the other anywhere."""
        return account_id in self.blocked or account_id in self.blocked_by

    def hides(self, author_id: str, *, tags: Iterable[str] = (), text: str = "") -> bool:
        """Tell whether something is to be left out of lists: for its author, one of its tags, or a word in its text."""
        if self.parted_from(author_id) or author_id in self.muted or not self.muted_tags.isdisjoint(tags):
            return True
        folded = text.casefold()
        return any(word in folded for word in self.muted_words)


NO_BOUNDS = Bounds()
"""Those of a stranger."""


@dataclass(frozen=True, slots=True)
class Between:
    """How things stand between an account and another, read at one moment.

    Attributes:
        kinds: what the account is to the other.
        parted: whether one of the two blocked the other.
        follows: how many the account follows or asked to follow.
    """

    kinds: frozenset[RelationKind]
    parted: bool
    follows: int


@dataclass(frozen=True, slots=True)
class MutedTexts:
    """Muted tags and words, each with the RFC 3339 time until which it is, None for good; ``version`` of the whole."""

    tags: Mapping[str, str | None] = field(default_factory=dict)
    words: Mapping[str, str | None] = field(default_factory=dict)
    version: int = 0
