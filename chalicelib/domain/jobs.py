"""Jobs: what a studio offers, and how long.

::

    draft ──▶ in_review ──▶ open ──▶ closed (by the studio) | expired (by itself)
      ▲           │           ▲                    │
      └───────────┴▶ refused ─┴────── renewed ◀────┘

A job is open until its closing moment and not a second longer, whatever is stored: who reads it looks at the clock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from chalicelib.domain import clock
from chalicelib.domain.errors import FieldError, InvalidError
from chalicelib.domain.money import Salary
from chalicelib.domain.places import Location, countries_between

JobState = Literal["draft", "in_review", "open", "closed", "expired", "refused"]
Level = Literal["junior", "mid", "senior", "lead", "director"]
Employment = Literal["full_time", "part_time", "contract", "freelance", "internship"]
Workplace = Literal["on_site", "hybrid", "remote"]
AiPolicy = Literal["no_ai", "ai_screening", "ai_training"]

HERE = "here"
"""How to apply: by the platform; else it is an address elsewhere."""

MAX_DAYS = 90
"""How long a job may be open before it is renewed."""

SETTLING_SECONDS = 120
"""How long lists may take to follow a change before the sweep looks after it."""

A_MODERATOR = "a moderator"
"""By whom a change was made that a moderator decided: which of them it was, the studio need not know."""

THE_CLOCK = "the clock"
"""By what a change was made that nobody made."""

KEPT_DAYS = 400
"""How long a job is kept once it is over, for those who applied and for the studio's figures."""

REVIEWED = frozenset({"title", "description", "apply", "salary", "ai_policy", "ai_statement"})
"""What a moderator looks at: a change of one of these asks for another look, unless the studio has a clean record."""


@dataclass(frozen=True, slots=True)
class JobFields:
    """What a studio says of a job; a draft may leave out what is required once it is public.

    Attributes:
        title: up to 120 characters.
        description: Markdown, up to 10,000 characters; shown without any HTML of its own.
        mediums: up to 3 slugs; ``software`` up to 5.
        locations: up to 3; a remote job may have none.
        utc_offsets: for a remote job, the hours before and after UTC between which people must live, both included.
        salary: there is no unpaid job here.
        apply: ``here``, or an https address.
        closes: a date, on whose end in the studio's time zone it closes, or a time, in that zone where it names none.
        ai_policy: what the studio does with what artists send: ``no_ai``, ``ai_screening`` (a program sorts it),
            ``ai_training`` (it may train one).
    """

    title: str = ""
    description: str = ""
    mediums: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    level: Level | None = None
    employment: Employment | None = None
    workplace: Workplace | None = None
    locations: tuple[Location, ...] = ()
    utc_offsets: tuple[int, int] | None = None
    salary: Salary | None = None
    relocation: bool = False
    visa: bool = False
    apply: str = HERE
    closes: str | None = None
    ai_policy: AiPolicy | None = None
    ai_statement: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job.

    Attributes:
        job_id: ULID.
        slug: the studio's.
        studio_name: as it was when the job was last changed.
        version: grows by one with each change.
        published_at: when it was opened last; None before.
        closes_at: the moment at which it closes or closed; None before it was sent in.
        submitted_at: when it was last sent in to be reviewed.
        approved: whether its present text was reviewed.
        reason: of its refusal, in the moderator's words.
        settled: whether lists show it as it is.
    """

    job_id: str
    slug: str
    studio_name: str
    fields: JobFields
    created_by: str
    created_at: str
    updated_at: str
    state: JobState = "draft"
    version: int = 1
    published_at: str | None = None
    closes_at: str | None = None
    submitted_at: str | None = None
    approved: bool = False
    reason: str | None = None
    settled: bool = False

    @property
    def target(self) -> str:
        """What moderators know it by."""
        return f"jobs/{self.job_id}"

    def state_at(self, moment: datetime) -> JobState:
        """Return what it is at a moment: what should have closed by then has, stored or not."""
        over = self.closes_at is not None and self.closes_at <= clock.to_text(moment)
        return "expired" if self.state == "open" and over else self.state

    @property
    def due_at(self) -> str | None:
        """When somebody must look after it; None while it is at rest."""
        if self.published_at is None:
            return None
        if not self.settled:
            return clock.later(clock.from_text(self.updated_at), SETTLING_SECONDS)
        return self.closes_at if self.state == "open" else None


@dataclass(frozen=True, slots=True)
class JobCard:
    """A job, as lists show it."""

    job_id: str
    title: str
    slug: str
    studio_name: str
    mediums: tuple[str, ...]
    software: tuple[str, ...]
    level: Level | None
    employment: Employment | None
    workplace: Workplace | None
    locations: tuple[Location, ...]
    salary: Salary | None
    published_at: str | None
    closes_at: str | None
    state: JobState


@dataclass(frozen=True, slots=True)
class JobChange:
    """One change of a job, for its audit: who, when, what it was before and after, by name."""

    version: int
    by: str
    at: str
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


def make_card(job: Job) -> JobCard:
    """Return a job as lists show it."""
    given = job.fields
    return JobCard(
        job_id=job.job_id,
        title=given.title,
        slug=job.slug,
        studio_name=job.studio_name,
        mediums=given.mediums,
        software=given.software,
        level=given.level,
        employment=given.employment,
        workplace=given.workplace,
        locations=given.locations,
        salary=given.salary,
        published_at=job.published_at,
        closes_at=job.closes_at,
        state=job.state,
    )


_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d|\Z)", re.ASCII)


def closing_moment(text: str, zone: str) -> datetime:
    """Return the moment that a closing date or time means, in a studio's time zone where it names no other.

    A date ends at the next midnight of the zone, however many hours that day has. A time that a change of clocks
    repeats is the first of the two.

    Raises:
        InvalidError: it is neither.
    """
    wrong = InvalidError.of("closes_at", "must be a date, or a time such as 2026-12-24T18:00:00Z")
    if not _DAY.match(text):  # other ways to write a date would be taken for times, at which the day begins
        raise wrong
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), ZoneInfo(zone))
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):
        raise wrong from None


def check_complete(given: JobFields) -> None:
    """Make sure that a job may be shown to everyone.

    Raises:
        InvalidError: something is missing; all of it is named.
    """
    wrong = [FieldError(name, "is required") for name in _REQUIRED if not getattr(given, name)]
    if given.workplace is not None and given.workplace != "remote" and not given.locations:
        wrong.append(FieldError("locations", "is required for a job that is not remote"))
    if given.workplace == "remote" and given.utc_offsets and not countries_between(*given.utc_offsets):
        wrong.append(FieldError("utc_offsets", "is a time that no country has"))
    if given.salary is None:
        wrong.append(FieldError("salary", "is required: every job here is paid, and says how much"))
    elif given.salary.max <= 0:
        wrong.append(FieldError("salary", "must not be nothing: unpaid work is refused here"))
    if given.description and len(given.description) < 100:
        wrong.append(FieldError("description", "must have at least 100 characters"))
    if wrong:
        raise InvalidError("A job needs more than this before it can be public.", errors=tuple(wrong))


_REQUIRED = ("title", "description", "mediums", "level", "employment", "workplace", "closes", "ai_policy")


def check_closing(closes_at: datetime, moment: datetime) -> None:
    """Make sure that a job that is opened now may be open until then.

    Raises:
        InvalidError: it may not.
    """
    if closes_at <= moment:
        raise InvalidError.of("closes_at", "is over already")
    if closes_at > moment + timedelta(days=MAX_DAYS):
        raise InvalidError.of("closes_at", f"must be within {MAX_DAYS} days; a job can be renewed then")
