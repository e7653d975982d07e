"""Posts and their lists."""

import re
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.disclosure import AiDisclosure
from chalicelib.domain.media import MediaState
from chalicelib.domain.noai import DataMining, strictest
from chalicelib.domain.posts import (
    MAX_MEDIA,
    MAX_ORDERED,
    MAX_TEXT,
    Card,
    CardCover,
    Commenting,
    PostFields,
    PostMedia,
    PostState,
    Visibility,
)
from chalicelib.domain.profiles import Profile
from chalicelib.schemas.base import AsSlugs, Clean, OneLine, PageQuery, ReasonAnswer, Schema, Word
from chalicelib.schemas.media import PictureAnswer, confirmed_choice, media_url, picture_answer, reason_answer
from chalicelib.schemas.moderation import AppealAnswer, appeal_answer
from chalicelib.services.addresses import Address, Seen
from chalicelib.services.post_reading import PostView
from chalicelib.services.posts import Publish


class Focus(Schema):
    """The point that a crop keeps: from 0 to 1, from the top left."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class PostMediaBody(Schema):
    """One picture of a post."""

    id: str = Field(max_length=40)
    alt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1500), Clean] = ""
    focus: Focus | None = None

    def to_domain(self) -> PostMedia:
        """Return the picture as the domain knows it."""
        return PostMedia(self.id, self.alt, (self.focus.x, self.focus.y) if self.focus else None)


Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Clean, OneLine]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TEXT), Clean]
MediaList = Annotated[tuple[PostMediaBody, ...], Field(max_length=MAX_MEDIA)]
Words = Annotated[tuple[Word, ...], Field(max_length=30), AsSlugs]


def _light(most: int) -> AfterValidator:
    """Return a check of words that lists carry with every post: a page of them must cost one or two read units."""

    def check(words: tuple[str, ...]) -> tuple[str, ...]:
        if sum(len(word.encode()) for word in words) > most:
            raise ValueError(f"together at most {most} bytes")
        return words

    return AfterValidator(check)


Tags = Annotated[Words, _light(500)]
Warnings = Annotated[Words, _light(200)]


_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _known_time(text: str) -> str:
    """Refuse what is neither a word nor a time as RFC 3339 writes it."""
    if text in {"now", "draft"}:
        return text
    try:
        if _TIME.fullmatch(text):
            datetime.fromisoformat(text.upper())
            return text
    except ValueError:
        pass
    raise ValueError("must be now, draft, or a time such as 2026-12-24T18:00:00Z")


class PostBody(Schema):
    """What an author can say in a post."""

    title: Title = ""
    text: Text = ""
    media: MediaList = ()
    tags: Tags = ()
    mediums: Words = ()
    software: Words = ()
    categories: Words = ()
    portfolio: bool = False
    visibility: Visibility = "public"
    content_warnings: Warnings = ()
    quote_post_id: str | None = None
    cover_media_id: str | None = Field(
        None, max_length=40, description="Which of its pictures lists show; null: the first"
    )
    comments: Commenting = Field("everyone", description="Who may comment; its author always may")
    publish: Annotated[str, AfterValidator(_known_time)] = Field("now", description="now, draft, or a time (RFC 3339)")
    data_mining: DataMining | None = Field(
        None, description="What is prohibited to machines with all of its pictures; null leaves each as it is"
    )
    confirm_ai_training: bool = Field(default=False, description="Must be true where data_mining is allowed")

    def choice(self) -> DataMining | None:
        """Return what machines may do with its pictures; None where that is left out.

        Raises:
            InvalidError: AI training would be allowed, and that is not confirmed.
        """
        return confirmed_choice(self.data_mining, confirmed=self.confirm_ai_training)

    def publish_at(self) -> Publish:
        """Return when to publish."""
        match self.publish:
            case "now" | "draft" as when:
                return when
            case time:
                return datetime.fromisoformat(time.upper())


_NO_FIELDS = {"publish", "data_mining", "confirm_ai_training"}
"""What a body says that is no part of the post itself."""


class PostRequest(PostBody):
    """A new post."""

    def to_domain(self) -> PostFields:
        """Return the fields as the domain knows them."""
        return PostFields(**_domain_values(self, set(PostBody.model_fields) - _NO_FIELDS))


class PostChange(PostBody):
    """What to change of a post; what is left out stays."""

    def to_domain(self) -> tuple[dict[str, Any], Publish | None]:
        """Return the changed fields by name, and when to publish, None where that is left out."""
        publish = self.publish_at() if "publish" in self.model_fields_set else None
        return _domain_values(self, self.model_fields_set - _NO_FIELDS), publish


def _domain_values(body: PostBody, names: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(body, name) for name in names}
    if "media" in values:
        values["media"] = tuple(item.to_domain() for item in body.media)
    return values


class AuthorAnswer(Schema):
    """Who made a post."""

    handle: str
    display_name: str


class PostMediaAnswer(Schema):
    """One picture of a post; ``picture`` is null until it is ready."""

    id: str
    alt: str
    focus: Focus | None
    state: MediaState
    picture: PictureAnswer | None


class ThumbnailAnswer(Schema):
    """A small protected file."""

    url: str
    width: int
    height: int
    format: str


class CoverAnswer(Schema):
    """The first picture of a post, small."""

    media_id: str
    width: int
    height: int
    blurhash: str
    alt: str
    focus: Focus | None = Field(description="The point that a crop keeps; null: the middle")
    thumbnails: list[ThumbnailAnswer]


class CardAnswer(Schema):
    """A post, as lists show it."""

    id: str
    author: AuthorAnswer
    title: str
    state: PostState
    visibility: Visibility
    portfolio: bool
    published_at: str | None
    created_at: str
    media_count: int
    tags: list[str]
    content_warnings: list[str]
    ai_disclosure: AiDisclosure | None
    cover: CoverAnswer | None


class CountersAnswer(Schema):
    """What was counted of a post: exact after a moment of quiet. ``views`` counts showings, not people."""

    likes: int
    comments: int
    reposts: int
    views: int


class QuoteAnswer(Schema):
    """What a post quotes; unavailable where it is gone, or not for who asks."""

    id: str
    state: Literal["shown", "unavailable"]
    post: CardAnswer | None


class PostAnswer(Schema):
    """A post."""

    id: str
    state: PostState
    reason: ReasonAnswer | None
    appeal: AppealAnswer | None = Field(None, description="What came of an appeal against its removal; its author's")
    author: AuthorAnswer | None
    title: str
    text: str
    media: list[PostMediaAnswer]
    tags: list[str]
    mediums: list[str]
    software: list[str]
    categories: list[str]
    portfolio: bool
    visibility: Visibility
    content_warnings: list[str]
    data_mining: DataMining = Field(description="What is prohibited to machines: the strictest choice of its pictures")
    quote_post_id: str | None
    quote: QuoteAnswer | None
    cover_media_id: str | None = Field(description="The picture that its author chose for lists; null: the first")
    mentions: list[str] = Field(description="Handles in the text that were somebody's when it was written")
    comments: Commenting
    counters: CountersAnswer
    ai_disclosure: AiDisclosure | None = Field(description="The strongest of its pictures'; null where none says any")
    publish_at: str | None
    published_at: str | None
    created_at: str
    updated_at: str


class CardList(Schema):
    """A page of posts."""

    items: list[CardAnswer]
    next_cursor: str | None


class ProfilePostsQuery(PageQuery):
    """Which posts of an artist."""

    portfolio: bool = Field(default=False, description="Only those in the portfolio; false lists all")
    ai: Literal["include", "exclude"] = Field(
        default="include", description="exclude leaves out posts that say AI had a part in them; pages may be short"
    )


class PortfolioOrder(Schema):
    """Which posts stand first in the portfolio, in order."""

    posts: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=MAX_ORDERED)]


class PortfolioPlace(Schema):
    """Beside which post of the portfolio one is to stand: exactly one of the two."""

    before: Annotated[str, Field(max_length=40)] | None = None
    after: Annotated[str, Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.before is None) == (self.after is None):
            raise ValueError("name one post, before or after which it is to stand")
        return self


class OwnPostsQuery(PageQuery):
    """Which of the own posts."""

    state: Literal["draft", "scheduled", "processing", "published", "refused", "removed"] | None = None


def post_answer(view: PostView, media_base_url: str, seen: Seen | None = None) -> PostAnswer:
    """Return a post as clients see it."""
    post, fields = view.post, view.post.fields
    return PostAnswer(
        id=post.post_id,
        state=post.state,
        reason=reason_answer(post.reason),
        appeal=appeal_answer(post.appeal) if seen and seen.viewer == post.author_id else None,
        author=author_answer(view.author) if view.author else None,
        title=fields.title,
        text=fields.text,
        media=[_media_answer(item, view, media_base_url, seen) for item in fields.media],
        tags=list(fields.tags),
        mediums=list(fields.mediums),
        software=list(fields.software),
        categories=list(fields.categories),
        portfolio=fields.portfolio,
        visibility=fields.visibility,
        content_warnings=list(post.content_warnings),
        data_mining=strictest(item.data_mining for item in view.media.values()),
        quote_post_id=fields.quote_post_id,
        cover_media_id=fields.cover_media_id,
        quote=_quote_answer(view, media_base_url, seen),
        mentions=[mention.handle for mention in fields.mentions],
        comments=fields.comments,
        counters=CountersAnswer(**asdict(view.counters)),
        ai_disclosure=post.ai_disclosure,
        publish_at=post.publish_at,
        published_at=post.published_at,
        created_at=post.created_at,
        updated_at=post.updated_at,
    )


def _media_answer(item: PostMedia, view: PostView, media_base_url: str, seen: Seen | None) -> PostMediaAnswer:
    media = view.media.get(item.media_id)
    return PostMediaAnswer(
        id=item.media_id,
        alt=item.alt,
        focus=_focus(item.focus),
        state=media.state if media else "failed",
        picture=picture_answer(media, media_base_url, seen) if media else None,
    )


def _quote_answer(view: PostView, media_base_url: str, seen: Seen | None) -> QuoteAnswer | None:
    quoted = view.post.fields.quote_post_id
    if quoted is None:
        return None
    card = shared_card_answer(view.quoted, media_base_url, seen) if view.quoted else None
    return QuoteAnswer(id=quoted, state="shown" if card else "unavailable", post=card)


def _focus(point: tuple[float, float] | None) -> Focus | None:
    return Focus(x=point[0], y=point[1]) if point else None


def author_answer(profile: Profile) -> AuthorAnswer:
    """Return an author as posts name them."""
    return AuthorAnswer(handle=profile.fields.handle, display_name=profile.fields.display_name)


def shared_card_answer(shared: SharedCard, media_base_url: str, seen: Seen | None = None) -> CardAnswer:
    """Return a card in a list of several artists' posts as clients see it."""
    author = AuthorAnswer(handle=shared.author.handle, display_name=shared.author.display_name)
    return card_answer(shared.card, author, media_base_url, seen, protected=shared.author.protected)


def card_answer(
    card: Card, author: AuthorAnswer, media_base_url: str, seen: Seen | None = None, *, protected: bool = False
) -> CardAnswer:
    """Return a card as clients see it, its cover at the addresses that everyone has unless a viewer is given.

    ``protected`` tells whether the author approves followers, so that what is public is for them alone.
    """
    shown = card.state == "published" and (
        card.visibility == "unlisted" or (card.visibility == "public" and not protected)
    )
    cover = card.cover
    return CardAnswer(
        id=card.post_id,
        author=author,
        title=card.title,
        state=card.state,
        visibility=card.visibility,
        portfolio=card.portfolio,
        published_at=card.published_at,
        created_at=card.created_at,
        media_count=card.media_count,
        tags=list(card.tags),
        content_warnings=list(card.content_warnings),
        ai_disclosure=card.ai_disclosure,
        cover=_cover_answer(cover, _address(cover, media_base_url, seen, shown=shown)) if cover else None,
    )


def _address(cover: CardCover, media_base_url: str, seen: Seen | None, *, shown: bool) -> Address:
    if seen is None:
        return partial(media_url, media_base_url, cover.data_mining, cover.media_id)
    return seen.cover(cover, shown=shown)


def _cover_answer(cover: CardCover, address: Address) -> CoverAnswer:
    return CoverAnswer(
        media_id=cover.media_id,
        width=cover.width,
        height=cover.height,
        blurhash=cover.blurhash,
        alt=cover.alt,
        focus=_focus(cover.focus),
        thumbnails=[
            ThumbnailAnswer(
                url=address(name),
                width=width,
                height=height,
                format=format_,
            )
            for width, height, format_, name in cover.thumbnails
        ],
    )
