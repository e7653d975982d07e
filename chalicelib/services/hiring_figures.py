"""What a studio's members see of its hiring, and the one figure of it that everyone sees."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.answering import (
    AnsweredShare,
    FirstAnswers,
    add_up,
    answered_share,
    first_answers,
    months_of_dashboard,
    months_of_figure,
)
from chalicelib.domain.applications import STATES, ApplicationState
from chalicelib.domain.ids import is_id
from chalicelib.domain.jobs import JobCard
from chalicelib.services.application_ports import ApplicationCounts
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.jobs import JobService, no_job
from chalicelib.services.ports import Clock, ViewCounter
from chalicelib.services.studios import StudioService

MOST_JOBS = 20


@dataclass(frozen=True, slots=True)
class JobFigures:
    """A job, its applications by state, and how often it was shown."""

    card: JobCard
    states: Mapping[ApplicationState, int]
    views: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A studio's hiring.

    Attributes:
        pipeline: applications of this month and the twelve before, by state.
        share: the public figure.
        answers: how soon the studio first answered, of the same applications as ``pipeline``.
        jobs: newest first, with the position after them; None at the end.
    """

    pipeline: Mapping[ApplicationState, int]
    share: AnsweredShare | None
    answers: FirstAnswers
    jobs: tuple[JobFigures, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class HiringFigures:
    """Adds up what was counted."""

    counts: ApplicationCounts
    access: StudioService
    listing: JobService
    jobs: JobStore
    views: ViewCounter
    now: Clock = clock.now

    def share(self, slug: str) -> AnsweredShare | None:
        """Return how many applications a studio answered within 30 days; None where there are too few."""
        moment = self.now()
        return answered_share(self.counts.months(slug, months_of_figure(moment)), moment)

    def dashboard(self, slug: str, account_id: str, *, limit: int, position: str | None) -> Dashboard:
        """Return a studio's hiring to one of its members.

        Raises:
            NotFoundError, ForbiddenError: see :meth:`StudioService.as_member`.
        """
        self.access.as_member(slug, account_id)
        moment = self.now()
        page = self.listing.of_studio(slug, account_id, limit=min(limit, MOST_JOBS), position=position)
        counted = self.counts.jobs(slug, (card.job_id for card in page.cards))
        judged, shown = months_of_figure(moment), months_of_dashboard(moment)
        months = self.counts.months(slug, sorted({*judged, *shown}))
        total = add_up(months.get(each, {}) for each in shown)
        return Dashboard(
            pipeline=_by_state(total),
            share=answered_share(months, moment),
            answers=first_answers(total),
            jobs=tuple(
                JobFigures(card, _by_state(found), found.get("views", 0))
                for card in page.cards
                for found in (counted.get(card.job_id, {}),)
            ),
            position=page.position,
        )

    def count_view(self, job_id: str) -> None:
        """Count that a client showed a job that is open; nothing is kept of who looked.

        Raises:
            NotFoundError: there is no open job of that name.
        """
        job = self.jobs.get(job_id) if is_id(job_id) else None
        if job is None or job.state_at(self.now()) != "open":
            raise no_job(job_id)
        self.views.add_views(f"{job.slug}/{job_id}")


def _by_state(counts: Mapping[str, int]) -> dict[ApplicationState, int]:
    return {state: counts.get(state, 0) for state in STATES}
