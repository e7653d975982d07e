"""Applications: an artist's, for a job, once.

::

    submitted ──▶ viewed ──▶ shortlisted ──▶ interview ──▶ offered ──▶ hired
        │           │             │              │            │
        └───────────┴─────────────┴──────────────┴────────────┴──▶ declined ──▶ (taken up again)
                                                              └──▶ withdrawn (by the artist) ──▶ submitted anew

The studio may leave steps out, and not go back; what it declined it may take up again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError
from chalicelib.domain.jobs import Job
from chalicelib.domain.people import Person

ApplicationState = Literal[
    "submitted", "viewed", "shortlisted", "interview", "offered", "hired", "declined", "withdrawn"
]
STATES: tuple[ApplicationState, ...] = get_args(ApplicationState)

MAX_LETTER = 5000
MAX_PIECES = 10
MAX_ROUNDS = 3
"""How often an artist may apply for one job, each but the first after a withdrawal."""

MAX_CHANGES = 200
"""Changes of one application, so that its history stays readable."""

ANSWER_DAYS = 30
RESUME_DAYS = 178
"""Days after a job's end when résumés are deleted: S3 needs up to two more until the last version is gone, and the
promise is 180."""

KEPT_DAYS = 400
"""Days after a job's end when its applications are deleted, as the job itself is."""

_STEPS: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    "submitted": frozenset({"viewed", "shortlisted", "interview", "offered", "declined"}),
    "viewed": frozenset({"shortlisted", "interview", "offered", "declined"}),
    "shortlisted": frozenset({"interview", "offered", "declined"}),
    "interview": frozenset({"offered", "declined"}),
    "offered": frozenset({"hired", "declined"}),
    "declined": frozenset({"shortlisted", "interview", "offered"}),
    "hired": frozenset(),
    "withdrawn": frozenset(),
}
_WITHDRAWABLE = frozenset({"submitted", "viewed", "shortlisted", "interview", "offered"})
_ANSWERS = frozenset({"shortlisted", "interview", "offered", "hired", "declined"})


ARTIST = "artist"


@dataclass(frozen=True, slots=True)
class Resume:
    """A résumé that came with an application: a PDF of so many bytes."""

    resume_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Application:
    """A stored application.

    Attributes:
        application_id: see :func:`application_id`.
        slug, studio_name, job_title: of the job, as it was when it was sent.
        person: the artist, as they were called when it last changed.
        posts: the pieces, in the artist's order.
        submitted_at: when it was sent, last where it was sent anew.
        version: grows by one with each change.
        rounds: how often it was sent.
        answered_at: when the studio first said more than that it looked; None before, and anew in each round.
        resume: None without one, and once it is deleted.
    """

    application_id: str
    job_id: str
    slug: str
    studio_name: str
    job_title: str
    person: Person
    posts: tuple[str, ...]
    state: ApplicationState
    submitted_at: str
    updated_at: str
    version: int = 1
    rounds: int = 1
    answered_at: str | None = None
    resume: Resume | None = None

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.person.account_id

    @property
    def rank(self) -> str:
        """Its place among the applications for the job, and among those of the artist."""
        return f"{self.submitted_at}#{self.application_id}"


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """An application, as the studio's list shows it."""

    application_id: str
    person: Person
    state: ApplicationState
    submitted_at: str
    updated_at: str
    answered_at: str | None
    pieces: int
    resume: bool


@dataclass(frozen=True, slots=True)
class OwnLine:
    """An application, as the artist's list shows it."""

    application_id: str
    job_id: str
    job_title: str
    slug: str
    studio_name: str
    state: ApplicationState
    submitted_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """One change of an application, for its audit: who, when, from which state to which.

    ``by`` is :data:`ARTIST`, or the mark of a member: see :func:`member_mark`.
    """

    version: int
    by: str
    at: str
    before: ApplicationState | None
    after: ApplicationState


def application_id(job_id: str, account_id: str) -> str:
    """Return the id of an artist's application for a job: always the same, so that there is never a second one."""
    text = f"{job_id}#{account_id}"
    return hashlib.blake2b(text.encode(), digest_size=13, person=b"application").hexdigest()


def member_mark(name: str, account_id: str) -> str:
    """Return what tells the members who changed an application apart, and says nothing of one who is a member no more.

    So nothing of an account stays in others' applications once it leaves or is deleted.
    """
    text = f"{name}#{account_id}"
    return hashlib.blake2b(text.encode(), digest_size=9, person=b"member").hexdigest()


def is_application_id(text: str) -> bool:
    """Tell whether a text has the form of an id of :func:`application_id`."""
    return len(text) == 26 and all(char in "0123456789abcdef" for char in text)


def check_step(old: ApplicationState, new: ApplicationState, *, own: bool) -> None:
    """Make sure that a state may follow another one.

    Args:
        old, new: the two.
        own: whether the artist asks, and not the studio.

    Raises:
        ConflictError: it may not (``state-not-allowed``); what may is named.
    """
    withdrawn: frozenset[ApplicationState] = frozenset({"withdrawn"} if old in _WITHDRAWABLE else ())
    allowed = withdrawn if own else _STEPS[old]
    if new not in allowed:
        named = ", ".join(state for state in STATES if state in allowed) or "nothing"
        raise ConflictError(f"It is {old}: what may follow for you is {named}.", code="state-not-allowed")


def answers(state: ApplicationState) -> bool:
    """Tell whether a state is an answer: more than that somebody looked."""
    return state in _ANSWERS


def ended_at(job: Job, moment: datetime) -> str | None:
    """Return when a job ended; None while it is open, or may become so as it is."""
    state = job.state_at(moment)
    if state in {"closed", "expired"}:
        return job.closes_at
    return job.updated_at if state in {"refused", "draft"} else None


@dataclass(frozen=True, slots=True)
class Retention:
    """What of an application is to go now, and when it is to be looked at next."""

    resume: bool
    all: bool
    due_at: str


def retention(application: Application, job: Job | None, moment: datetime) -> Retention:
    """Return what is to become of an application at a moment.

    A job that is open may end at once: it is looked at again when a résumé would have to go then.
    """
    ended = ended_at(job, moment) if job else None
    if job is None:
        return Retention(resume=True, all=True, due_at=clock.to_text(moment))
    if ended is None:
        gone = application.state == "withdrawn"
        return Retention(resume=gone, all=False, due_at=clock.to_text(moment + timedelta(days=RESUME_DAYS)))
    end = clock.from_text(ended)
    resumes_go, all_goes = end + timedelta(days=RESUME_DAYS), end + timedelta(days=KEPT_DAYS)
    resume = application.state == "withdrawn" or resumes_go <= moment
    next_look = all_goes if resume or application.resume is None else resumes_go
    return Retention(resume=resume, all=all_goes <= moment, due_at=clock.to_text(next_look))
