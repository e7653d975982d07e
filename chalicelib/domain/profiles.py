"""Profiles: who an artist is to others."""

from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.domain.money import Salary
from chalicelib.domain.protection import Watermark

AccountType = Literal["community", "portfolio"]
Availability = Literal["open", "freelance", "hiring", "closed"]
Audience = Literal["everyone", "verified_studios"]


@dataclass(frozen=True, slots=True)
class Link:
    """An address elsewhere, with the text to show for it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What is written into an artist's files, as they filled it in; empty: the usual.

    Attributes:
        creator: up to 100 characters; usually the display name.
        credit: the line to credit pictures by, up to 200; usually the creator.
        rights: the copyright notice, up to 500.
        usage_terms: up to 1,000; what machines may do is said after them.
        web_statement: https address of a page that states the rights; usually the platform's policy.
    """

    creator: str = ""
    credit: str = ""
    rights: str = ""
    usage_terms: str = ""
    web_statement: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What an artist says of their availability for work.

    Attributes:
        starts_on: the day from which on they are available, ISO 8601; None: now.
        rate: what they ask for.
        country: where they live, two letters of ISO 3166-1.
        audience: who sees all of it, and whether they are available at all; ``verified_studios``: their members alone.
    """

    starts_on: str | None = None
    rate: Salary | None = None
    country: str | None = None
    audience: Audience = "everyone"


@dataclass(frozen=True, slots=True)
class ProfileFields:
    """What an artist says of themselves; replaced as a whole.

    Attributes:
        handle: canonical, see :mod:`chalicelib.domain.handles`.
        display_name: 1 to 50 characters.
        bio: up to 2,000 characters.
        location: up to 100 characters.
        links: up to 10.
        mediums, software: slugs, see :mod:`chalicelib.domain.taxonomy`.
        avatar_media_id, cover_media_id: own media that are ready.
        account_type: ``portfolio`` shows a badge.
        availability: for work; None says nothing about it.
        work: what else belongs to that.
        protected: whether it approves who follows it; its public posts are then for its followers.
        rights: what is written into the files of pictures that are uploaded from now on.
        watermark: what is drawn over those for which that is asked.
    """

    handle: str
    display_name: str
    bio: str = ""
    location: str = ""
    links: tuple[Link, ...] = ()
    mediums: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    avatar_media_id: str | None = None
    cover_media_id: str | None = None
    account_type: AccountType = "community"
    availability: Availability | None = None
    work: Work = Work()
    protected: bool = False
    rights: Rights = Rights()
    watermark: Watermark | None = None

    @property
    def pictures(self) -> frozenset[str]:
        """Ids of the media it shows."""
        return frozenset(filter(None, (self.avatar_media_id, self.cover_media_id)))


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a profile said that a moderator removed, and why.

    Attributes:
        reason: the moderator's.
        decision_id: of the removal.
        display_name, bio, location, links, avatar_media_id, cover_media_id: see :class:`ProfileFields`.
    """

    reason: str
    display_name: str
    bio: str
    location: str
    links: tuple[Link, ...]
    avatar_media_id: str | None
    cover_media_id: str | None
    decision_id: str = ""

    @classmethod
    def of(cls, fields: ProfileFields, reason: str, decision_id: str) -> "Withheld":
        """Return what some fields say."""
        said = {name: getattr(fields, name) for name in _SAID}
        return cls(reason, **said, decision_id=decision_id)

    def restored(self, fields: ProfileFields) -> ProfileFields:
        """Return fields that say it again; what else was chosen meanwhile stays."""
        return replace(fields, **{name: getattr(self, name) for name in _SAID})


_SAID = ("display_name", "bio", "location", "links", "avatar_media_id", "cover_media_id")


def silent(fields: ProfileFields) -> ProfileFields:
    """Return fields that say nothing of their artist: the handle stands for the name."""
    return replace(
        fields,
        display_name=fields.handle,
        bio="",
        location="",
        links=(),
        avatar_media_id=None,
        cover_media_id=None,
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """A stored profile.

    Attributes:
        account_id: the ``sub`` of its owner's tokens.
        fields: what the artist says of themselves.
        version: grows by one with each change of the fields; counters leave it alone.
        created_at, updated_at: RFC 3339 texts.
        handle_changed_at: the same, of the last change of handle; None while it is the first.
        posts_count: published posts that everyone may see.
        renewed: how often lists were told that the files of its avatar are others now.
        withheld: what it said, where a moderator removed that; its owner cannot have it say anything meanwhile.
        labels: content warnings that moderators gave it.
        pinned: ids of posts that stand first on it, as their author pinned them; some may not be shown any more.
    """

    account_id: str
    fields: ProfileFields
    version: int
    created_at: str
    updated_at: str
    handle_changed_at: str | None = None
    posts_count: int = 0
    renewed: int = 0
    pinned: tuple[str, ...] = ()
    withheld: Withheld | None = None
    labels: tuple[str, ...] = ()
