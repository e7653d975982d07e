"""Applications, and what studios see of them in numbers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.domain.applications import ARTIST, MAX_LETTER, MAX_PIECES, Application, ApplicationState, OwnLine
from chalicelib.domain.resumes import MAX_BYTES
from chalicelib.schemas.base import Clean, PageQuery, Schema
from chalicelib.schemas.jobs import JobCardAnswer, card_answer
from chalicelib.schemas.media import UploadForm
from chalicelib.schemas.people import PersonAnswer, person_answer
from chalicelib.schemas.posts import PostAnswer, post_answer
from chalicelib.schemas.studios import AnsweredAnswer, answered_answer
from chalicelib.services.addresses import Seen
from chalicelib.services.application_ports import CardsPage
from chalicelib.services.applications import ApplicationView, History, Sent
from chalicelib.services.hiring_figures import Dashboard
from chalicelib.services.resumes import NewResume


def _distinct(posts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(posts)) < len(posts):
        raise ValueError("must not name a post twice")
    return posts


class ResumeBody(Schema):
    """A résumé that is to be uploaded: a PDF."""

    content_type: Literal["application/pdf"] = "application/pdf"
    bytes: int = Field(ge=1, le=MAX_BYTES, description="Exactly how many bytes the file has")


class ResumeAnswer(Schema):
    """A form by which the résumé comes. What no application takes within a day is deleted."""

    resume_id: str
    upload: UploadForm
    expires_at: str


class ApplicationBody(Schema):
    """An application."""

    posts: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...],
        Field(min_length=1, max_length=MAX_PIECES),
        AfterValidator(_distinct),
    ] = Field(description="Own published posts, in order, whoever may see them: the studio's members see these")
    letter: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LETTER), Clean]
    resume_id: str | None = Field(None, max_length=40, description="Of a résumé announced for this job")

    def to_domain(self) -> Sent:
        """Return it as the service knows it."""
        return Sent(self.posts, self.letter, self.resume_id)


class StateBody(Schema):
    """What an application shall be: `withdrawn` is for its artist, the others for the studio."""

    state: ApplicationState


class ApplicationsQuery(PageQuery):
    """Which applications for a job."""

    state: ApplicationState | None = Field(None, description="Those of one state; pages may be short")


class ApplicationCardAnswer(Schema):
    """An application, as the studio's list shows it."""

    id: str
    artist: PersonAnswer = Field(description="As they were called when the application last changed")
    state: ApplicationState
    submitted_at: str
    updated_at: str
    answered_at: str | None = Field(description="When the studio first answered: said more than that it looked")
    pieces: int
    resume: bool


class ApplicationList(Schema):
    """A page of applications for a job, newest first, 30 at most. It may be short and still have a next one."""

    items: list[ApplicationCardAnswer]
    next_cursor: str | None


class OwnApplicationAnswer(Schema):
    """An application, as its artist's list shows it."""

    id: str
    job_id: str
    job_title: str
    studio: str = Field(description="Name of the studio")
    studio_slug: str
    state: ApplicationState
    submitted_at: str
    updated_at: str


class OwnApplicationList(Schema):
    """A page of the own applications, newest first, 30 at most."""

    items: list[OwnApplicationAnswer]
    next_cursor: str | None


class KeptResumeAnswer(Schema):
    """A résumé that came with an application: see `GET …/resume`."""

    bytes: int


class ApplicationAnswer(OwnApplicationAnswer):
    """An application. Once it is withdrawn, the studio sees that alone."""

    artist: PersonAnswer
    answered_at: str | None
    letter: str
    posts: list[PostAnswer] = Field(description="The pieces as they are now; those not published any more are left out")
    post_ids: list[str]
    resume: KeptResumeAnswer | None = Field(description="Deleted 180 days after the job closes, and when withdrawn")


class StateAnswer(OwnApplicationAnswer):
    """What an application is after a change of its state."""


class ApplicationChangeAnswer(Schema):
    """One change of an application."""

    version: int
    by: str = Field(description="`you`, `artist`, `studio`; to the studio the member's handle, or `former member`")
    at: str
    before: ApplicationState | None
    after: ApplicationState


class ApplicationChangeList(Schema):
    """A page of changes, newest first."""

    items: list[ApplicationChangeAnswer]
    next_cursor: str | None


class LinkAnswer(Schema):
    """An address that whoever has it can fetch, for a few minutes."""

    url: str
    expires_at: str


class FirstAnswersAnswer(Schema):
    """How soon the studio first answered."""

    within_days: dict[str, int] = Field(description="First answers within 1, 3, 7, 14, 30 days, each counted once")
    later: int
    average_hours: float | None
    half_within_days: int | None = Field(description="In how many days at least half of those answered were")


class JobFiguresAnswer(Schema):
    """A job in numbers."""

    job: JobCardAnswer
    applications: dict[ApplicationState, int]
    views: int = Field(description="How often clients showed it: showings, not people")


class DashboardAnswer(Schema):
    """A studio's hiring."""

    pipeline: dict[ApplicationState, int] = Field(description="Applications sent this month and in the twelve before")
    answered: AnsweredAnswer | None = Field(description="What the studio's page says; null where there are too few")
    first_answers: FirstAnswersAnswer = Field(description="Of the same applications as `pipeline`")
    jobs: list[JobFiguresAnswer] = Field(description="Newest first, 20 at most")
    next_cursor: str | None


def resume_answer(new: NewResume) -> ResumeAnswer:
    """Return the form of a new résumé."""
    return ResumeAnswer(resume_id=new.resume_id, upload=UploadForm(**new.form), expires_at=new.expires_at)


def _common(application: Application) -> dict[str, Any]:
    return {
        "id": application.application_id,
        "job_id": application.job_id,
        "job_title": application.job_title,
        "studio": application.studio_name,
        "studio_slug": application.slug,
        "state": application.state,
        "submitted_at": application.submitted_at,
        "updated_at": application.updated_at,
    }


def application_answer(view: ApplicationView, media_base_url: str, seen: Seen) -> ApplicationAnswer:
    """Return an application as one of its sides sees it."""
    given = view.application
    hidden = view.side == "studio" and given.state == "withdrawn"
    resume = given.resume if given.state != "withdrawn" else None
    return ApplicationAnswer(
        **_common(given),
        artist=person_answer(given.person, media_base_url),
        answered_at=given.answered_at,
        letter=view.letter,
        posts=[post_answer(each, media_base_url, seen) for each in view.pieces],
        post_ids=[] if hidden else list(given.posts),
        resume=KeptResumeAnswer(bytes=resume.size) if resume else None,
    )


def state_answer(application: Application) -> StateAnswer:
    """Return what an application is."""
    return StateAnswer(**_common(application))


def card_answers(page: CardsPage, media_base_url: str) -> list[ApplicationCardAnswer]:
    """Return applications as the studio's list shows them."""
    return [
        ApplicationCardAnswer(
            id=card.application_id,
            artist=person_answer(card.person, media_base_url),
            state=card.state,
            submitted_at=card.submitted_at,
            updated_at=card.updated_at,
            answered_at=card.answered_at,
            pieces=card.pieces,
            resume=card.resume,
        )
        for card in page.cards
    ]


def own_answer(line: OwnLine) -> OwnApplicationAnswer:
    """Return an application as its artist's list shows it."""
    return OwnApplicationAnswer(
        id=line.application_id,
        job_id=line.job_id,
        job_title=line.job_title,
        studio=line.studio_name,
        studio_slug=line.slug,
        state=line.state,
        submitted_at=line.submitted_at,
        updated_at=line.updated_at,
    )


def change_answers(history: History) -> list[ApplicationChangeAnswer]:
    """Return changes; which member it was is the studio's own business."""

    def by(mark: str) -> str:
        if history.side == "artist":
            return "you" if mark == ARTIST else "studio"
        return mark if mark == ARTIST else history.members.get(mark, "former member")

    return [
        ApplicationChangeAnswer(version=each.version, by=by(each.by), at=each.at, before=each.before, after=each.after)
        for each in history.page.changes
    ]


def dashboard_answer(dashboard: Dashboard, cursor: str | None) -> DashboardAnswer:
    """Return a studio's hiring."""
    given = dashboard.answers
    return DashboardAnswer(
        pipeline=dict(dashboard.pipeline),
        answered=answered_answer(dashboard.share),
        first_answers=FirstAnswersAnswer(
            within_days={str(days): number for days, number in given.within_days.items()},
            later=given.later,
            average_hours=given.average_hours,
            half_within_days=given.half_within_days,
        ),
        jobs=[
            JobFiguresAnswer(job=card_answer(each.card), applications=dict(each.states), views=each.views)
            for each in dashboard.jobs
        ],
        next_cursor=cursor,
    )
