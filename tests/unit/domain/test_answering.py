"""What is counted of applications, and the figure that everyone sees."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import clock
from chalicelib.domain.answering import (
    add_up,
    answered_share,
    difference,
    first_answers,
    forgotten,
    months_of_dashboard,
    months_of_figure,
    tallies,
)
from chalicelib.domain.applications import Application, ApplicationState
from chalicelib.domain.people import Person

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def application(sent: datetime, state: ApplicationState = "submitted", *, answered: float | None = None) -> Application:
    """Return an application that was sent at a time, and answered or changed so many days later."""
    changed = sent + timedelta(days=answered or 0)
    return Application(
        application_id="0" * 26,
        job_id="j",
        slug="blue",
        studio_name="Blue",
        job_title="Painter",
        person=Person("a", "ada", "Ada"),
        posts=(),
        state=state,
        submitted_at=clock.to_text(sent),
        updated_at=clock.to_text(changed),
        answered_at=clock.to_text(changed) if answered is not None and state != "withdrawn" else None,
    )


def withdrawn(sent: datetime, days: float) -> Application:
    at = clock.to_text(sent + timedelta(days=days))
    return replace(application(sent), state="withdrawn", updated_at=at)


def months(*applications: Application) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for each in applications:
        for of, counts in tallies(each).items():
            if of != "job":
                found[of] = dict(add_up([found.get(of, {}), counts]))
    return found


OCTOBER, SEPTEMBER, LAST_YEAR = (datetime(*each, tzinfo=UTC) for each in ((2026, 10, 5), (2026, 9, 5), (2025, 9, 30)))


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        (NOW, "2025-10", "2026-09"),
        (datetime(2026, 10, 30, 23, tzinfo=UTC), "2025-09", "2026-08"),  # one of 30 September may wait an hour more
        (datetime(2026, 10, 31, tzinfo=UTC), "2025-10", "2026-09"),
        (datetime(2027, 1, 30, 23, tzinfo=UTC), "2025-12", "2026-11"),
        (datetime(2027, 1, 31, tzinfo=UTC), "2026-01", "2026-12"),
    ],
)
def test_a_month_counts_once_every_application_of_it_had_its_time(moment: datetime, first: str, last: str) -> None:
    judged = months_of_figure(moment)
    assert (judged[0], judged[-1], len(judged)) == (first, last, 12)
    assert judged == sorted(judged)


def test_the_members_see_the_present_month() -> None:
    assert months_of_dashboard(datetime(2026, 1, 1, tzinfo=UTC)) == [
        *("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09"),
        *("2025-10", "2025-11", "2025-12", "2026-01"),
    ]


def test_the_share_is_of_those_that_had_their_time() -> None:
    sent = [application(SEPTEMBER, "declined", answered=days) for days in (0, 1, 29.9, 30)]
    late = [application(SEPTEMBER, "declined", answered=30.001), application(SEPTEMBER, "viewed")]
    waiting = [application(SEPTEMBER) for _ in range(5)]
    young = [application(OCTOBER, "declined", answered=1) for _ in range(50)]
    old = [application(LAST_YEAR, "declined", answered=1) for _ in range(50)]
    share = answered_share(months(*sent, *late, *waiting, *young, *old), NOW)
    assert share is not None
    assert (share.percent, share.applications) == (100 * 4 // 11, 11)
    assert (share.since, share.until) == ("2025-10", "2026-09")


def test_too_few_have_no_figure() -> None:
    nine = [application(SEPTEMBER, "declined", answered=1) for _ in range(9)]
    assert answered_share(months(*nine), NOW) is None
    assert answered_share({}, NOW) is None
    assert answered_share(months(*nine, application(SEPTEMBER)), NOW) is not None


def test_what_nobody_could_answer_is_not_counted_and_what_nobody_did_is() -> None:
    ten = [application(SEPTEMBER, "declined", answered=1) for _ in range(10)]

    def percent(*more: Application) -> int:
        share = answered_share(months(*ten, *more), NOW)
        assert share is not None
        return share.percent

    assert percent(withdrawn(SEPTEMBER, 29)) == 100
    assert percent(withdrawn(SEPTEMBER, 31)) == 90  # the studio had its time
    gone = replace(application(SEPTEMBER, "interview", answered=2), state="withdrawn")
    assert percent(replace(gone, answered_at=clock.to_text(SEPTEMBER + timedelta(days=2)))) == 100


def test_how_soon_studios_answer() -> None:
    days = (0.5, 1, 2, 5, 40)
    total = add_up(months(*(application(SEPTEMBER, "declined", answered=each) for each in days)).values())
    found = first_answers(total)
    assert found.within_days == {1: 2, 3: 1, 7: 1, 14: 0, 30: 0}
    assert (found.later, found.half_within_days) == (1, 3)
    assert found.average_hours == pytest.approx(sum(days) / 5 * 24, abs=0.1)
    assert first_answers({}).average_hours is None


def test_counts_are_those_of_what_there_is_whatever_happened_before() -> None:
    random.seed(5)
    total: dict[str, dict[str, int]] = {}
    now: dict[int, Application] = {}
    for _ in range(400):
        number = random.randrange(20)
        sent = NOW - timedelta(days=random.randrange(90))
        new = random.choice(
            [application(sent), application(sent, "offered", answered=3), withdrawn(sent, 2), withdrawn(sent, 40)]
        )
        for of, changes in difference(tallies(now.get(number)), tallies(new)).items():
            total[of] = dict(add_up([total.get(of, {}), changes]))
        now[number] = new
    expected: dict[str, dict[str, int]] = {}
    for each in now.values():
        for of, counts in tallies(each).items():
            expected[of] = dict(add_up([expected.get(of, {}), counts]))

    def plain(counts: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        kept = {of: {name: number for name, number in each.items() if number} for of, each in counts.items()}
        return {of: each for of, each in kept.items() if each}

    assert plain(total) == plain(expected)


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        (application(SEPTEMBER, "declined", answered=1), 1),
        (application(SEPTEMBER), 1),  # the studio had its time
        (application(NOW), 0),
        (withdrawn(SEPTEMBER, 1), 0),
    ],
)
def test_a_deleted_account_leaves_the_figure_as_it_is(given: Application, counted: int) -> None:
    left = forgotten(given, NOW)[given.submitted_at[:7]]
    assert left.get("counted", 0) == counted
    assert given.state not in left
