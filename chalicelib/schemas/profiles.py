"""Profiles."""

from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints

from chalicelib.domain.handles import new_handle
from chalicelib.domain.profiles import AccountType, Availability, Link, ProfileFields
from chalicelib.schemas.base import AsSlugs, Clean, OneLine, Schema, Word
from chalicelib.schemas.media import PictureAnswer, picture_answer
from chalicelib.services.profiles import ProfileView


def _without_credentials(url: HttpUrl) -> HttpUrl:
    """Refuse ``https://well-known.example@elsewhere.example``, which shows one host and leads to another."""
    if url.username or url.password:
        raise ValueError("must not contain a user name or a password")
    return url


class LinkBody(Schema):
    """An address elsewhere."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), Clean, OneLine] = ""
    url: Annotated[HttpUrl, Field(max_length=500), AfterValidator(_without_credentials)]


class ProfileRequest(Schema):
    """What an artist says of themselves; it replaces all that was said before."""

    handle: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Clean, OneLine] = Field(
        description="3 to 30 of a-z, 0-9 and _; unique whatever the case"
    )
    display_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), Clean, OneLine]
    bio: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Clean] = ""
    location: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), Clean, OneLine] = ""
    links: Annotated[tuple[LinkBody, ...], Field(max_length=10)] = ()
    mediums: Annotated[tuple[Word, ...], Field(max_length=20), AsSlugs] = ()
    software: Annotated[tuple[Word, ...], Field(max_length=50), AsSlugs] = ()
    avatar_media_id: str | None = None
    cover_media_id: str | None = None
    account_type: AccountType = "community"
    availability: Availability | None = None

    def to_domain(self) -> ProfileFields:
        """Return the fields as the domain knows them.

        Raises:
            InvalidError: the handle has the wrong form.
        """
        return ProfileFields(
            handle=new_handle(self.handle),
            display_name=self.display_name,
            bio=self.bio,
            location=self.location,
            links=tuple(Link(label=link.label, url=str(link.url)) for link in self.links),
            mediums=tuple(self.mediums),
            software=tuple(self.software),
            avatar_media_id=self.avatar_media_id,
            cover_media_id=self.cover_media_id,
            account_type=self.account_type,
            availability=self.availability,
        )


class LinkAnswer(Schema):
    """An address elsewhere."""

    label: str
    url: str


class ProfileCounters(Schema):
    """How much there is of an artist."""

    posts: int


class ProfileAnswer(Schema):
    """A profile, as everyone sees it."""

    handle: str
    display_name: str
    bio: str
    location: str
    links: list[LinkAnswer]
    mediums: list[str]
    software: list[str]
    avatar: PictureAnswer | None
    cover: PictureAnswer | None
    account_type: AccountType
    availability: Availability | None
    counters: ProfileCounters
    created_at: str
    updated_at: str


class OwnProfileAnswer(ProfileAnswer):
    """A profile, as its owner sees it."""

    account_id: str
    avatar_media_id: str | None
    cover_media_id: str | None


def _common(view: ProfileView, media_base_url: str) -> dict[str, object]:
    profile, fields = view.profile, view.profile.fields

    def picture(media_id: str | None) -> PictureAnswer | None:
        media = view.media.get(media_id) if media_id else None
        return picture_answer(media, media_base_url) if media else None

    return {
        "handle": fields.handle,
        "display_name": fields.display_name,
        "bio": fields.bio,
        "location": fields.location,
        "links": [{"label": link.label, "url": link.url} for link in fields.links],
        "mediums": list(fields.mediums),
        "software": list(fields.software),
        "avatar": picture(fields.avatar_media_id),
        "cover": picture(fields.cover_media_id),
        "account_type": fields.account_type,
        "availability": fields.availability,
        "counters": {"posts": profile.posts_count},
        "created_at": profile.created_at,
        "updated_at": profile.updated_at,
    }


def profile_answer(view: ProfileView, media_base_url: str) -> ProfileAnswer:
    """Return a profile as everyone sees it."""
    return ProfileAnswer.model_validate(_common(view, media_base_url))


def own_profile_answer(view: ProfileView, media_base_url: str) -> OwnProfileAnswer:
    """Return a profile as its owner sees it."""
    own = {
        "account_id": view.profile.account_id,
        "avatar_media_id": view.profile.fields.avatar_media_id,
        "cover_media_id": view.profile.fields.cover_media_id,
    }
    return OwnProfileAnswer.model_validate(_common(view, media_base_url) | own)
