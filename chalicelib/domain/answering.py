"""What is counted of applications: how many stand where, and how soon studios answer.

What an application counts for follows from the application alone. A change adds what it counts for after it and takes
off what it counted for before, in the same write: so the counts are exact at every moment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain import clock
from chalicelib.domain.applications import ANSWER_DAYS, STATES, Application

COUNTED, IN_TIME, SECONDS = "counted", "in_time", "seconds"
DAYS = (1, 3, 7, 14, 30)
LATER = "later"
"""Names of counts: of first answers within so many days (``day1`` and so on), or later."""

MIN_APPLICATIONS = 10
MONTHS = 12

RULE = (
    "Of the applications of the last twelve whole months that all had 30 days, those that the studio answered within "
    "30 days, rounded down. An answer is a status beyond viewed. What was withdrawn unanswered within 30 days is not "
    f"counted. There is no figure below {MIN_APPLICATIONS} applications."
)

type Tallies = Mapping[str, Mapping[str, int]]
"""Counts by their names, by what they are of: ``job``, or a month such as ``2026-11``."""

JOB = "job"


def tallies(application: Application | None) -> Tallies:
    """Return what an application counts for; None counts for nothing."""
    if application is None:
        return {}
    month: Counter[str] = Counter({application.state: 1})
    sent = clock.from_text(application.submitted_at)
    in_time = sent + timedelta(days=ANSWER_DAYS)
    answered = clock.from_text(application.answered_at) if application.answered_at else None
    if answered is not None:
        month[_within(answered - sent)] += 1
        month[SECONDS] += int((answered - sent).total_seconds())
        month[IN_TIME] += answered <= in_time
    unanswered = answered is None and application.state == "withdrawn"
    if not unanswered or clock.from_text(application.updated_at) > in_time:
        month[COUNTED] += 1
    return {JOB: {application.state: 1}, application.submitted_at[:7]: month}


def forgotten(application: Application, moment: datetime) -> Tallies:
    """Return what an application shall count for once it is deleted: for how soon it was answered, and nothing else."""
    kept = {
        of: {name: number for name, number in counts.items() if name not in STATES}
        for of, counts in tallies(application).items()
    }
    over = clock.from_text(application.submitted_at) + timedelta(days=ANSWER_DAYS) < moment
    if application.answered_at is None and application.state != "withdrawn" and not over:
        kept[application.submitted_at[:7]].pop(COUNTED)  # nobody can answer it any more
    return kept


def difference(old: Tallies, new: Tallies) -> dict[str, dict[str, int]]:
    """Return what is to be added to counts so that they are of ``new`` where they were of ``old``."""
    found: dict[str, dict[str, int]] = {}
    for of in {*old, *new}:
        before, after = old.get(of, {}), new.get(of, {})
        changes = {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}}
        if any(changes.values()):
            found[of] = {name: number for name, number in changes.items() if number}
    return found


def _within(waited: timedelta) -> str:
    return next((f"day{days}" for days in DAYS if waited <= timedelta(days=days)), LATER)


@dataclass(frozen=True, slots=True)
class AnsweredShare:
    """How many of a studio's applications it answered within 30 days.

    Attributes:
        percent: rounded down.
        applications: of how many.
        since, until: the months that they were sent in, both included, such as ``2026-03``.
    """

    percent: int
    applications: int
    since: str
    until: str


def months_of_figure(moment: datetime) -> list[str]:
    """Return the months that a studio is judged by: the last twelve of which every application had its 30 days."""
    last = (moment - timedelta(days=ANSWER_DAYS)).astimezone(UTC)
    year, month = last.year, last.month
    found = []
    for _ in range(MONTHS):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(f"{year}-{month:02}")
    return found[::-1]


def months_of_dashboard(moment: datetime) -> list[str]:
    """Return the months that a studio's members are shown: the present one and the twelve before it."""
    year, month = moment.astimezone(UTC).year, moment.astimezone(UTC).month
    places = range(year * 12 + month - 1 - MONTHS, year * 12 + month)
    return [f"{place // 12}-{place % 12 + 1:02}" for place in places]


def answered_share(months: Mapping[str, Mapping[str, int]], moment: datetime) -> AnsweredShare | None:
    """Return a studio's figure; None where there are too few applications for one that says anything."""
    judged = months_of_figure(moment)
    total = add_up(months.get(each, {}) for each in judged)
    if total[COUNTED] < MIN_APPLICATIONS:
        return None
    return AnsweredShare(100 * total[IN_TIME] // total[COUNTED], total[COUNTED], judged[0], judged[-1])


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """How soon a studio answered.

    Attributes:
        within_days: how many first answers came within so many days, and not within fewer.
        later: how many came after more than 30.
        average_hours: of all of them; None without any.
        half_within_days: in how many days at least half of those answered were; None without any, or beyond 30.
    """

    within_days: Mapping[int, int]
    later: int
    average_hours: float | None
    half_within_days: int | None


def first_answers(total: Mapping[str, int]) -> FirstAnswers:
    """Return how soon a studio answered, by its counts."""
    within = {days: total.get(f"day{days}", 0) for days in DAYS}
    later = total.get(LATER, 0)
    number = sum(within.values()) + later
    if not number:
        return FirstAnswers(within, 0, None, None)
    half, so_far = None, 0
    for days, count in within.items():
        so_far += count
        if half is None and 2 * so_far >= number:
            half = days
    return FirstAnswers(within, later, round(total.get(SECONDS, 0) / number / 3600, 1), half)


def add_up(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """Return some counts added up."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total
