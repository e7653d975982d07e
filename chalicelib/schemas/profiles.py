"""Profiles."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints

from chalicelib.domain.handles import new_handle
from chalicelib.domain.profiles import AccountType, Audience, Availability, Link, ProfileFields, Rights, Work
from chalicelib.domain.protection import Watermark, WatermarkPosition
from chalicelib.schemas.base import AsSlugs, Clean, OneLine, Schema, Word
from chalicelib.schemas.media import PictureAnswer, WatermarkAnswer, picture_answer, watermark_answer
from chalicelib.schemas.moderation import AppealAnswer, appeal_answer
from chalicelib.schemas.money import SalaryAnswer, SalaryBody, salary_answer
from chalicelib.schemas.places import Country
from chalicelib.schemas.posts import CardAnswer, author_answer, card_answer
from chalicelib.services.addresses import Seen
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


def _https(url: HttpUrl) -> HttpUrl:
    if url.scheme != "https":
        raise ValueError("must begin with https://")
    return url


WebAddress = Annotated[HttpUrl, Field(max_length=500), AfterValidator(_without_credentials), AfterValidator(_https)]


def _line(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, max_length=longest)


class RightsBody(Schema):
    """What is written into the metadata of files; what is left out has the usual content."""

    creator: Annotated[str, _line(100), Clean, OneLine, Field(description="Usually the display name")] = ""
    credit: Annotated[
        str, _line(200), Clean, OneLine, Field(description="The line to credit pictures by; usually the creator")
    ] = ""
    rights: Annotated[str, _line(500), Clean, OneLine, Field(description="The copyright notice")] = ""
    usage_terms: Annotated[str, _line(1000), Clean, OneLine, Field(description="What people may do")] = ""
    web_statement: WebAddress | None = Field(None, description="A page that states the rights; https alone")

    def to_domain(self) -> Rights:
        """Return the texts as the domain knows them."""
        return Rights(
            creator=self.creator,
            credit=self.credit,
            rights=self.rights,
            usage_terms=self.usage_terms,
            web_statement=str(self.web_statement or ""),
        )


class WatermarkBody(Schema):
    """A line of text to draw visibly over pictures for which an upload asks for it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\x20-\x7e\xa9]{1,60}$")] = Field(
        description="Up to 60 signs of ASCII, or ©: the font has no others"
    )
    position: WatermarkPosition = "bottom-right"
    opacity: float = Field(0.5, ge=0.1, le=1)

    def to_domain(self) -> Watermark:
        """Return it as the domain knows it."""
        return Watermark(self.text, self.position, self.opacity)


class WorkBody(Schema):
    """What belongs to an availability."""

    starts_on: date | None = Field(None, description="The day from which on; left out: now")
    rate: SalaryBody | None = None
    country: Country | None = Field(None, description="Where I live; studios look for artists by it")
    audience: Audience = Field(
        "everyone",
        description="Who sees this and `availability`; `verified_studios`: their members alone, while others see null",
    )

    def to_domain(self) -> Work:
        """Return it as the domain knows it."""
        starts_on = self.starts_on.isoformat() if self.starts_on else None
        return Work(starts_on, self.rate.to_domain() if self.rate else None, self.country, self.audience)


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
    availability: Availability | None = Field(
        None, description="`open` and `freelance`: verified studios find me, unless I am `protected`"
    )
    work: WorkBody | None = None
    protected: bool = Field(default=False, description="Whether I approve who follows me")
    rights: RightsBody | None = Field(None, description="Left out: the usual texts")
    watermark: WatermarkBody | None = None

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
            work=self.work.to_domain() if self.work else Work(),
            protected=self.protected,
            rights=self.rights.to_domain() if self.rights else Rights(),
            watermark=self.watermark.to_domain() if self.watermark else None,
        )


class LinkAnswer(Schema):
    """An address elsewhere."""

    label: str
    url: str


class WorkAnswer(Schema):
    """What belongs to an availability."""

    starts_on: str | None
    rate: SalaryAnswer | None
    country: str | None
    audience: Audience


class ProfileCounters(Schema):
    """How much there is of an artist."""

    posts: int = Field(description="Those that everyone may see")
    followers: int = Field(description="As of some seconds ago, and exact once nothing changes any more")
    following: int


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
    availability: Availability | None = Field(description="null: nothing is said of it to who asks")
    work: WorkAnswer | None
    protected: bool = Field(description="Whether who wants to follow must be approved")
    counters: ProfileCounters
    content_warnings: list[str] = Field(description="What moderators labelled it with: its pictures are to be covered")
    pinned: list[CardAnswer] = Field(description="Posts that stand first, of those that who asks may see")
    created_at: str
    updated_at: str


class RightsAnswer(Schema):
    """What is written into the metadata of files; empty: the usual."""

    creator: str
    credit: str
    rights: str
    usage_terms: str
    web_statement: str | None


class OwnProfileAnswer(ProfileAnswer):
    """A profile, as its owner sees it."""

    account_id: str
    avatar_media_id: str | None
    cover_media_id: str | None
    rights: RightsAnswer
    watermark: WatermarkAnswer | None
    removed: str | None = Field(
        description="Why a moderator removed name, bio, location, links and pictures; null where that is not so"
    )
    removal_appeal: AppealAnswer | None = Field(None, description="What came of an appeal against that")
    suspended: str | None = Field(description="Why the account may do nothing at present; null where it may")
    suspension_appeal: AppealAnswer | None = Field(None, description="What came of an appeal against that")


def _common(view: ProfileView, media_base_url: str, seen: Seen | None = None) -> dict[str, object]:
    profile, fields = view.profile, view.profile.fields

    def picture(media_id: str | None) -> PictureAnswer | None:
        media = view.media.get(media_id) if media_id else None
        return picture_answer(media, media_base_url, seen) if media else None

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
        "availability": fields.availability if view.works else None,
        "work": work_answer(fields.work) if view.works and fields.availability else None,
        "protected": fields.protected,
        "counters": {
            "posts": profile.posts_count,
            "followers": view.counters.followers,
            "following": view.counters.following,
        },
        "content_warnings": list(profile.labels),
        "pinned": [
            card_answer(card, author_answer(profile), media_base_url, seen, protected=fields.protected)
            for card in view.pinned
        ],
        "created_at": profile.created_at,
        "updated_at": profile.updated_at,
    }


def work_answer(work: Work) -> WorkAnswer:
    """Return what belongs to an availability."""
    return WorkAnswer(
        starts_on=work.starts_on, rate=salary_answer(work.rate), country=work.country, audience=work.audience
    )


def profile_answer(view: ProfileView, media_base_url: str, seen: Seen | None = None) -> ProfileAnswer:
    """Return a profile as others see it, pictures of pinned posts at addresses for who asks."""
    return ProfileAnswer.model_validate(_common(view, media_base_url, seen))


def _rights(rights: Rights) -> RightsAnswer:
    return RightsAnswer(
        creator=rights.creator,
        credit=rights.credit,
        rights=rights.rights,
        usage_terms=rights.usage_terms,
        web_statement=rights.web_statement or None,
    )


def own_profile_answer(
    view: ProfileView, media_base_url: str, seen: Seen, *, suspended: str | None = None
) -> OwnProfileAnswer:
    """Return a profile as its owner sees it."""
    own = {
        "account_id": view.profile.account_id,
        "avatar_media_id": view.profile.fields.avatar_media_id,
        "cover_media_id": view.profile.fields.cover_media_id,
        "rights": _rights(view.profile.fields.rights),
        "watermark": watermark_answer(view.profile.fields.watermark),
        "removed": view.profile.withheld.reason if view.profile.withheld else None,
        "removal_appeal": appeal_answer(view.appeals.get("profile")),
        "suspended": suspended,
        "suspension_appeal": appeal_answer(view.appeals.get("suspension")),
    }
    return OwnProfileAnswer.model_validate(_common(view, media_base_url, seen) | own)
