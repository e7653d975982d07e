"""Studios and their members."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.domain.answering import RULE, AnsweredShare
from chalicelib.domain.places import Location, is_time_zone
from chalicelib.domain.profiles import Link
from chalicelib.domain.studios import (
    MemberState,
    Role,
    StudioFields,
    StudioSize,
    VerificationMethod,
    VerificationState,
)
from chalicelib.schemas.base import AsSlugs, Clean, OneLine, Schema, Word
from chalicelib.schemas.media import PictureAnswer, picture_answer
from chalicelib.schemas.places import Country
from chalicelib.schemas.profiles import LinkAnswer, LinkBody
from chalicelib.services.members import MemberView
from chalicelib.services.studios import StudioView, where_to_look


def _zone(text: str) -> str:
    if not is_time_zone(text):
        raise ValueError("must be a time zone such as Europe/Berlin")
    return text


TimeZone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_zone)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Clean, OneLine]
_City = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Clean, OneLine]


class LocationBody(Schema):
    """A place."""

    country: Country = Field(description="Two letters of ISO 3166-1")
    city: _City = ""

    def to_domain(self) -> Location:
        """Return the place as the domain knows it."""
        return Location(self.country, self.city)


class StudioChange(Schema):
    """What to change of a studio; what is left out stays."""

    name: _Name = Field(default_factory=str)
    about: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000), Clean] = ""
    logo_media_id: str | None = Field(None, max_length=40, description="A ready picture of your own")
    links: Annotated[tuple[LinkBody, ...], Field(max_length=10)] = ()
    locations: Annotated[tuple[LocationBody, ...], Field(max_length=10)] = ()
    size: StudioSize | None = Field(None, description="How many people work there")
    mediums: Annotated[tuple[Word, ...], Field(max_length=20), AsSlugs] = ()
    time_zone: TimeZone = Field("UTC", description="In which the days end on which jobs close")

    def to_domain(self) -> dict[str, Any]:
        """Return the changed fields by name."""
        values = {name: getattr(self, name) for name in self.model_fields_set & set(StudioChange.model_fields)}
        if "links" in values:
            values["links"] = tuple(Link(link.label, str(link.url)) for link in self.links)
        if "locations" in values:
            values["locations"] = tuple(each.to_domain() for each in self.locations)
        return values


class StudioRequest(StudioChange):
    """A new studio."""

    name: _Name
    slug: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), Clean, OneLine] = Field(
        description="3 to 40 of a-z and 0-9 with single hyphens between them: its name in addresses, for good"
    )

    def fields(self) -> StudioFields:
        """Return the fields as the domain knows them."""
        return StudioFields(**self.to_domain())


class MemberBody(Schema):
    """Whom to invite, and as what."""

    handle: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Clean, OneLine]
    role: Role = "recruiter"


class RoleBody(Schema):
    """What a member shall be."""

    role: Role


class VerificationBody(Schema):
    """How the studio shows who it is."""

    method: VerificationMethod
    domain: Annotated[str, StringConstraints(strip_whitespace=True, max_length=260), Clean, OneLine]


class LocationAnswer(Schema):
    """A place."""

    country: str
    city: str


class VerificationAnswer(Schema):
    """How far a verification is; owners alone see it."""

    state: VerificationState
    method: VerificationMethod
    domain: str
    token: str
    instructions: str
    requested_at: str
    decided_at: str | None
    reason: str | None = Field(description="The moderator's words, once decided")


class MembershipAnswer(Schema):
    """What the asker is to a studio."""

    role: Role
    state: MemberState


class AnsweredAnswer(Schema):
    """How many of a studio's applications it answered within 30 days."""

    percent: int
    applications: int = Field(description="Of how many")
    since: str = Field(description="First month that they were sent in, such as 2026-03")
    until: str = Field(description="Last month")
    rule: str = Field(description="What is counted, in words")


class StudioAnswer(Schema):
    """A studio, as everyone sees it."""

    slug: str
    name: str
    about: str
    logo: PictureAnswer | None = Field(description="Null where it has none, or its files are being moved")
    links: list[LinkAnswer]
    locations: list[LocationAnswer]
    size: StudioSize | None
    mediums: list[str]
    time_zone: str
    verified: bool = Field(description="Whether moderators saw proof that it has the domain")
    verified_domain: str | None
    created_at: str
    updated_at: str
    answered: AnsweredAnswer | None = Field(
        None, description="How many applications it answered within 30 days; null where there are too few, and in lists"
    )
    membership: MembershipAnswer | None = Field(None, description="What you are to it; null for everyone else")
    held: bool = Field(default=False, description="Whether its members alone see it, until a moderator has looked")
    logo_media_id: str | None = Field(None, description="For its members alone")
    verification: VerificationAnswer | None = Field(None, description="For its owners alone")


class StudioList(Schema):
    """The own studios."""

    items: list[StudioAnswer]


class MemberAnswer(Schema):
    """Who speaks for a studio."""

    handle: str | None = Field(description="Null where the profile is gone")
    display_name: str | None
    role: Role
    state: MemberState
    since: str


class MemberList(Schema):
    """A studio's members, owners first."""

    items: list[MemberAnswer]


def studio_answer(view: StudioView, media_base_url: str) -> StudioAnswer:
    """Return a studio as its reader may see it."""
    studio, member, fields = view.studio, view.membership, view.studio.fields
    common = {
        "slug": studio.slug,
        "name": fields.name,
        "about": fields.about,
        "logo": picture_answer(view.logo, media_base_url) if view.logo else None,
        "links": [{"label": link.label, "url": link.url} for link in fields.links],
        "locations": [location_answer(each) for each in fields.locations],
        "size": fields.size,
        "mediums": list(fields.mediums),
        "time_zone": fields.time_zone,
        "verified": studio.verified,
        "verified_domain": studio.verification.domain if studio.verified and studio.verification else None,
        "created_at": studio.created_at,
        "updated_at": studio.updated_at,
        "answered": answered_answer(view.share),
    }
    if member is None:
        return StudioAnswer.model_validate(common)
    own: dict[str, object] = {"membership": {"role": member.role, "state": member.state}, "held": studio.held}
    if member.state == "member":
        own["logo_media_id"] = fields.logo_media_id
    if member.owns:
        own["verification"] = _verification(view)
    return StudioAnswer.model_validate(common | own)


def answered_answer(share: AnsweredShare | None) -> AnsweredAnswer | None:
    """Return a studio's figure with its rule."""
    if share is None:
        return None
    return AnsweredAnswer(
        percent=share.percent, applications=share.applications, since=share.since, until=share.until, rule=RULE
    )


def location_answer(location: Location) -> LocationAnswer:
    """Return a place."""
    return LocationAnswer(country=location.country, city=location.city)


def _verification(view: StudioView) -> VerificationAnswer | None:
    asked = view.studio.verification
    if asked is None:
        return None
    return VerificationAnswer(
        state=asked.state,
        method=asked.method,
        domain=asked.domain,
        token=asked.token,
        instructions=where_to_look(asked),
        requested_at=asked.requested_at,
        decided_at=asked.decided_at,
        reason=asked.reason,
    )


def member_answer(view: MemberView) -> MemberAnswer:
    """Return a member as others of the studio see it."""
    fields = view.profile.fields if view.profile else None
    return MemberAnswer(
        handle=fields.handle if fields else None,
        display_name=fields.display_name if fields else None,
        role=view.member.role,
        state=view.member.state,
        since=view.member.since,
    )
