"""Posts: what an artist shows, and when it may be seen.

::

    draft ──▶ scheduled ──▶ processing ──▶ published
      └───────────┴────────────┘  └──▶ refused ──▶ (its media brought back) published

``removed`` is what a moderator took away: its author alone sees it, and why. Restored it has its old place.
``deleted`` is a tombstone that is gone as soon as its pictures are withdrawn; nobody sees it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.disclosure import AiDisclosure
from chalicelib.domain.mentions import Mention
from chalicelib.domain.moderation import Appeal
from chalicelib.domain.noai import DEFAULT, DataMining
from chalicelib.domain.protection import Reason
from chalicelib.domain.ranks import between

Commenting = Literal["everyone", "followers", "nobody"]
PostState = Literal["draft", "scheduled", "processing", "published", "refused", "removed", "deleted"]
Visibility = Literal["public", "followers", "unlisted", "private"]

REMOVED: PostState = "removed"

MAX_MEDIA = 20
MAX_TEXT = 5000
MAX_ORDERED = 50
"""How many posts of a portfolio are put in order at once."""

_PLACE = "="
"""How ranks begin that are a place between two keys."""

SETTLE_SECONDS = 60
"""How soon a post is looked after again whose change was begun and perhaps not ended."""

SCHEDULE_DAYS = 365
"""How far ahead a post may be scheduled."""


def may_see(
    visibility: Visibility,
    author_id: str,
    account_id: str | None,
    *,
    follows: bool = False,
    parted: bool = False,
    protected: bool = False,
) -> bool:
    """Tell whether somebody may see what is published: the one rule that every read goes by.

    Args:
        visibility: what its author chose.
        author_id: its author, who sees it always.
        account_id: who asks; None for a stranger.
        follows: whether the asker follows the author.
        parted: whether one of the two blocked the other.
        protected: whether the author approves who follows: what is public is then for followers; an unlisted post
            stays open to whoever was given its address.
    """
    if account_id == author_id:
        return True
    if parted or visibility == "private":
        return False
    if visibility == "followers" or (visibility == "public" and protected):
        return account_id is not None and follows
    return True


@dataclass(frozen=True, slots=True)
class PostMedia:
    """One picture of a post. ``focus`` is the point a crop keeps, x and y from 0 to 1 from the top left."""

    media_id: str
    alt: str = ""
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PostFields:
    """What an artist says in a post. ``mentions`` is whom the text names, found by us."""

    title: str = ""
    text: str = ""
    media: tuple[PostMedia, ...] = ()
    tags: tuple[str, ...] = ()
    mediums: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    portfolio: bool = False
    visibility: Visibility = "public"
    content_warnings: tuple[str, ...] = ()
    quote_post_id: str | None = None
    comments: Commenting = "everyone"
    mentions: tuple[Mention, ...] = ()
    cover_media_id: str | None = None

    @property
    def cover(self) -> PostMedia | None:
        """The picture that stands for all in lists: the one its author chose, else the first."""
        chosen = (item for item in self.media if item.media_id == self.cover_media_id)
        return next(chosen, self.media[0] if self.media else None)

    @property
    def cover_ids(self) -> tuple[str, ...]:
        """The id of the cover, alone, or nothing."""
        return (self.cover.media_id,) if self.cover else ()

    @property
    def open(self) -> bool:
        """Whether, once published, everyone who has the address may see it, and so its pictures."""
        return self.visibility in {"public", "unlisted"}

    @property
    def listed(self) -> bool:
        """Whether, once published, it stands in public lists."""
        return self.visibility == "public"


@dataclass(frozen=True, slots=True)
class Post:
    """A stored post.

    Attributes:
        post_id: ULID.
        author_id: account of its author.
        fields: what its author says.
        state: see the module.
        version: grows by one with each change.
        created_at, updated_at: RFC 3339 texts.
        publish_at: when a scheduled post is to be published.
        published_at: when it was.
        reason: why it was refused.
        unsettled: pictures whose being public or not has yet to follow a change of this post.
        counted: whether the author's count of posts includes it.
        ai_disclosure: the strongest of what is said about AI in its pictures; None where nothing is.
        labels: content warnings that moderators added; its author cannot take them off.
        media_labels: those that moderators gave its pictures.
        removed_by: id of the decision by which it was removed.
        appeal: what its author said against its removal, and what came of that.
        pinned_comment_id: the comment that stands first below it.
        renewed: how often lists were told that the files of its cover are others now.
        rank: its place in the portfolio, as :func:`portfolio_ranks` or :func:`rank_between` made it; None where its
            artist gave it none.
    """

    post_id: str
    author_id: str
    fields: PostFields
    state: PostState
    version: int
    created_at: str
    updated_at: str
    publish_at: str | None = None
    published_at: str | None = None
    reason: Reason | None = None
    unsettled: frozenset[str] = field(default_factory=frozenset)
    counted: bool = False
    ai_disclosure: AiDisclosure | None = None
    pinned_comment_id: str | None = None
    rank: str | None = None
    labels: tuple[str, ...] = ()
    removed_by: str | None = None
    appeal: Appeal | None = None
    renewed: int = 0
    media_labels: tuple[str, ...] = ()

    @property
    def content_warnings(self) -> tuple[str, ...]:
        """What it is labelled with, by its author and by moderators: wherever it shows, and its pictures."""
        return tuple(dict.fromkeys((*self.fields.content_warnings, *self.labels, *self.media_labels)))

    @property
    def media_ids(self) -> tuple[str, ...]:
        """Ids of its pictures, in order."""
        return tuple(item.media_id for item in self.fields.media)

    @property
    def open(self) -> bool:
        """Whether everyone who has its address may see it now."""
        return self.state == "published" and self.fields.open

    @property
    def listed(self) -> bool:
        """Whether it stands in public lists now."""
        return self.state == "published" and self.fields.listed

    @property
    def awaits_media(self) -> bool:
        """Whether it is to be published as soon as its pictures are ready, refused for their sake included."""
        return self.state in {"processing", "refused"}

    @property
    def order_key(self) -> str:
        """What lists are ordered by: time of publication, else of making; the id makes it unique."""
        return f"{self.published_at or self.created_at}#{self.post_id}"

    @property
    def portfolio_key(self) -> str:
        """What the portfolio is ordered by, backwards: what has a rank, then the newest, and what was moved between."""
        if self.rank and self.rank.startswith(_PLACE):
            return f"{self.rank.removeprefix(_PLACE)}#{self.post_id}"
        return f"~{self.rank}#{self.post_id}" if self.rank else self.order_key

    def visible_to(
        self, account_id: str | None, *, follows: bool = False, parted: bool = False, protected: bool = False
    ) -> bool:
        """Tell whether an account, or a stranger (None), may see this post: see :func:`may_see`."""
        if self.state == "deleted":
            return False
        if account_id == self.author_id:
            return True
        return self.state == "published" and may_see(
            self.fields.visibility, self.author_id, account_id, follows=follows, parted=parted, protected=protected
        )

    def due_at(self, moment: datetime) -> str | None:
        """Return when somebody must look after this post if nothing has changed by then."""
        if self.state in {"processing", "deleted"} or self.unsettled:
            return clock.later(moment, SETTLE_SECONDS)
        return self.publish_at if self.state == "scheduled" else None


@dataclass(frozen=True, slots=True)
class CardCover:
    """The first picture of a post as lists show it.

    ``thumbnails`` are ``(width, height, format, name)``; what its artist chose decides where those stand.
    """

    media_id: str
    width: int
    height: int
    blurhash: str
    alt: str
    thumbnails: tuple[tuple[int, int, str, str], ...]
    data_mining: DataMining = DEFAULT
    focus: tuple[float, float] | None = None


EXCERPT_BYTES = 160
"""Most of a text that a card keeps, in bytes of UTF-8: a cover takes as much."""


@dataclass(frozen=True, slots=True)
class Card:
    """A post as lists show it: small, because a page of 20 must cost one or two read units.

    ``excerpt`` is the beginning of its text where there is no cover, which leaves room for it. It is not shown.
    """

    post_id: str
    title: str
    state: PostState
    visibility: Visibility
    portfolio: bool
    published_at: str | None
    created_at: str
    media_count: int
    content_warnings: tuple[str, ...]
    cover: CardCover | None
    ai_disclosure: AiDisclosure | None = None
    tags: tuple[str, ...] = ()
    excerpt: str = ""

    @property
    def words(self) -> str:
        """All of its words: in these a reader's muted words are looked for."""
        slugs = (slug.replace("-", " ") for slug in (*self.tags, *self.content_warnings))
        return "\n".join((self.title, self.excerpt, self.cover.alt if self.cover else "", *slugs))


def portfolio_ranks(count: int, moment: datetime) -> tuple[str, ...]:
    """Return the ranks of so many posts, the first one highest.

    They are above all that were given before: what is not named keeps its order behind what is.
    """
    return tuple(f"{clock.to_text(moment)}#{MAX_ORDERED - place:03}" for place in range(count))


def ordered_later(rank: str | None, other: str) -> bool:
    """Tell whether a rank is of an order that was asked for later than that of another one; a place is of none."""
    moment = len(other.partition("#")[0])
    return rank is not None and not rank.startswith(_PLACE) and rank[:moment] > other[:moment]


def rank_between(low: str, high: str) -> str:
    """Return the rank of a post that is to stand between two others, by their keys; ``low`` is empty at the end.

    Raises:
        ValueError: too many were put between these two.
    """
    return _PLACE + between(low, high)


def ready_to_publish(post: Post, moment: datetime) -> bool:
    """Tell whether a scheduled post's time has come."""
    return post.state == "scheduled" and post.publish_at is not None and post.publish_at <= clock.to_text(moment)
