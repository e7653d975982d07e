"""Jobs."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from chalicelib.domain.jobs import HERE, AiPolicy, Employment, JobCard, JobFields, JobState, Level, Workplace
from chalicelib.domain.money import MOST
from chalicelib.domain.taxonomy import slug
from chalicelib.schemas.base import AsSlugs, Clean, OneLine, PageQuery, Schema, Word
from chalicelib.schemas.money import SalaryAnswer, SalaryBody, salary_answer
from chalicelib.schemas.places import Country
from chalicelib.schemas.profiles import WebAddress
from chalicelib.schemas.studios import LocationAnswer, LocationBody, location_answer
from chalicelib.services.hiring_ports import JobChangePage
from chalicelib.services.jobs import JobView

_Facet = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), Clean, OneLine]


class OffsetsBody(Schema):
    """Between which time zones people must live, in whole hours from UTC, both included."""

    earliest: int = Field(ge=-12, le=14)
    latest: int = Field(ge=-12, le=14)

    @model_validator(mode="after")
    def _check(self) -> "OffsetsBody":
        if self.latest < self.earliest:
            raise ValueError("latest must not be before earliest")
        return self


_Apply = Literal["here"] | WebAddress


class JobChange(Schema):
    """What to change of a job; what is left out stays."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120), Clean, OneLine] = ""
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), Clean] = Field(
        "", description="Markdown; HTML in it is shown as text"
    )
    mediums: Annotated[tuple[Word, ...], Field(max_length=3), AsSlugs] = ()
    software: Annotated[tuple[Word, ...], Field(max_length=5), AsSlugs] = ()
    level: Level | None = None
    employment: Employment | None = None
    workplace: Workplace | None = None
    locations: Annotated[tuple[LocationBody, ...], Field(max_length=3)] = ()
    utc_offsets: OffsetsBody | None = Field(None, description="For a remote job")
    salary: SalaryBody | None = Field(None, description="Required once it is public: unpaid work is refused here")
    relocation: bool = Field(default=False, description="Whether the studio helps with moving")
    visa: bool = Field(default=False, description="Whether the studio helps with a visa")
    apply: _Apply = Field("here", description="`here`, or an https address")
    closes_at: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = Field(
        None,
        description="A date, on whose end in the studio's time zone it closes, or a time (RFC 3339; in that zone "
        "where it names no offset); within 90 days of being published",
    )
    ai_policy: AiPolicy | None = Field(
        None,
        description="What AI does with what artists send: nothing, sort it, or learn from it as well",
    )
    ai_statement: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), Clean] = ""
    publish: Literal["now", "draft"] | None = Field(None, description="`now` sends it in; `draft` withdraws it")

    def to_domain(self) -> dict[str, Any]:
        """Return the changed fields by name."""
        names = self.model_fields_set & set(JobChange.model_fields) - {"publish"}
        values = {name: getattr(self, name) for name in names}
        if "locations" in values:
            values["locations"] = tuple(each.to_domain() for each in self.locations)
        if "salary" in values:
            values["salary"] = self.salary.to_domain() if self.salary else None
        if "utc_offsets" in values:
            offsets = self.utc_offsets
            values["utc_offsets"] = (offsets.earliest, offsets.latest) if offsets else None
        if "apply" in values:
            values["apply"] = HERE if self.apply == HERE else str(self.apply)
        if "closes_at" in values:
            values["closes"] = values.pop("closes_at")
        return values


class JobRequest(JobChange):
    """A new job."""

    studio: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = Field(description="Its slug")
    publish: Literal["now", "draft"] = "draft"

    def fields(self) -> JobFields:
        """Return the fields as the domain knows them."""
        return JobFields(**self.to_domain())


class OffsetsAnswer(Schema):
    """Between which time zones people must live."""

    earliest: int
    latest: int


class JobStudioAnswer(Schema):
    """Who offers a job."""

    slug: str
    name: str
    verified: bool


class JobAnswer(Schema):
    """A job."""

    id: str
    state: JobState
    studio: JobStudioAnswer
    title: str
    description: str = Field(description="Markdown, as it was written")
    description_html: str = Field(description="The same, safe to show")
    mediums: list[str]
    software: list[str]
    level: Level | None
    employment: Employment | None
    workplace: Workplace | None
    locations: list[LocationAnswer]
    utc_offsets: OffsetsAnswer | None
    salary: SalaryAnswer | None
    relocation: bool
    visa: bool
    apply: str
    closes_at: str | None = Field(description="The moment; null before it was sent in")
    ai_policy: AiPolicy | None
    ai_statement: str
    published_at: str | None
    created_at: str
    updated_at: str
    closes: str | None = Field(default=None, description="As the studio wrote it; for its members alone")
    reason: str | None = Field(default=None, description="Why it was refused; for its members alone")


class JobCardAnswer(Schema):
    """A job, as lists show it."""

    id: str
    title: str
    studio: str = Field(description="Name of the studio")
    studio_slug: str
    mediums: list[str]
    software: list[str]
    level: Level | None
    employment: Employment | None
    workplace: Workplace | None
    locations: list[LocationAnswer]
    salary: SalaryAnswer | None
    published_at: str | None
    closes_at: str | None
    state: JobState


class JobList(Schema):
    """A page of jobs, newest first. It may be short and still have a next one."""

    items: list[JobCardAnswer]
    next_cursor: str | None


class JobChangeAnswer(Schema):
    """One change of a job."""

    version: int
    by: str = Field(description="The member's handle, `former member`, `deleted`, `a moderator`, or `the clock`")
    at: str
    before: dict[str, str]
    after: dict[str, str]


class JobChangeList(Schema):
    """A page of changes, newest first."""

    items: list[JobChangeAnswer]
    next_cursor: str | None


class JobWishes(Schema):
    """Which open jobs: those that have all of this."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Clean] = Field(
        "", description="Words of the title, the studio, mediums and software; each must be there"
    )
    medium: _Facet = ""
    software: _Facet = ""
    level: Level | None = None
    employment: Employment | None = None
    workplace: Workplace | None = None
    country: Country | None = None
    min_salary: int | None = Field(
        None,
        ge=0,
        le=MOST,
        description="Euros in a full-time year, by one day's reference rates (`rates_of`); jobs in currencies "
        "that these do not have are left out",
    )

    def facets(self) -> dict[str, str | None]:
        """Return the facets' values by name."""
        return {
            "medium": slug(self.medium),
            "software": slug(self.software),
            "level": self.level,
            "employment": self.employment,
            "workplace": self.workplace,
            "country": self.country,
        }


class JobsQuery(JobWishes, PageQuery):
    """A page of the open jobs that have all of this."""


class FoundJobList(Schema):
    """A page of open jobs, newest first. It may be short, or empty, and still have a next one."""

    items: list[JobCardAnswer]
    next_cursor: str | None
    total: int = Field(description="Open jobs with these facets; where words are looked for, with the rarest of them")
    facets: dict[str, dict[str, int]] = Field(description="How many of these have which value")
    rates_of: str = Field(description="The day of the reference rates that min_salary is compared by")


def job_answer(view: JobView, description_html: str) -> JobAnswer:
    """Return a job as its reader may see it."""
    job, given = view.job, view.job.fields
    answer = JobAnswer(
        id=job.job_id,
        state=view.state,
        studio=JobStudioAnswer(slug=job.slug, name=view.studio.fields.name, verified=view.studio.verified),
        title=given.title,
        description=given.description,
        description_html=description_html,
        mediums=list(given.mediums),
        software=list(given.software),
        level=given.level,
        employment=given.employment,
        workplace=given.workplace,
        locations=[location_answer(each) for each in given.locations],
        utc_offsets=_offsets(given.utc_offsets),
        salary=salary_answer(given.salary),
        relocation=given.relocation,
        visa=given.visa,
        apply=given.apply,
        closes_at=job.closes_at,
        ai_policy=given.ai_policy,
        ai_statement=given.ai_statement,
        published_at=job.published_at,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
    return answer.model_copy(update={"closes": given.closes, "reason": job.reason}) if view.member else answer


def card_answer(card: JobCard) -> JobCardAnswer:
    """Return a job as lists show it."""
    return JobCardAnswer(
        id=card.job_id,
        title=card.title,
        studio=card.studio_name,
        studio_slug=card.slug,
        mediums=list(card.mediums),
        software=list(card.software),
        level=card.level,
        employment=card.employment,
        workplace=card.workplace,
        locations=[location_answer(each) for each in card.locations],
        salary=salary_answer(card.salary),
        published_at=card.published_at,
        closes_at=card.closes_at,
        state=card.state,
    )


def change_answers(page: JobChangePage) -> list[JobChangeAnswer]:
    """Return changes as members of the studio see them."""
    return [
        JobChangeAnswer(version=c.version, by=c.by, at=c.at, before=dict(c.before), after=dict(c.after))
        for c in page.changes
    ]


def _offsets(offsets: tuple[int, int] | None) -> OffsetsAnswer | None:
    return OffsetsAnswer(earliest=offsets[0], latest=offsets[1]) if offsets else None
