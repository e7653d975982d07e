"""Closing moments in time zones, what a public job needs, and money with and without minor units."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import clock
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.jobs import Job, JobFields, check_closing, check_complete, closing_moment
from chalicelib.domain.money import EXPONENTS, Salary, salary_text
from chalicelib.domain.places import Location

FULL = JobFields(
    title="Painter",
    description="We need a painter of skies. " * 5,
    mediums=("oil",),
    level="mid",
    employment="full_time",
    workplace="on_site",
    locations=(Location("DE"),),
    salary=Salary(4_000_000, 5_000_000, "EUR", "year"),
    closes="2026-12-24",
    ai_policy="no_ai",
)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-12-24", "UTC", "2026-12-25T00:00:00.000Z"),
        ("2026-12-24", "Europe/Berlin", "2026-12-24T23:00:00.000Z"),
        ("2026-12-24", "Pacific/Kiritimati", "2026-12-24T10:00:00.000Z"),
        ("2026-12-24", "Pacific/Pago_Pago", "2026-12-25T11:00:00.000Z"),
        ("2026-12-31", "Asia/Kathmandu", "2026-12-31T18:15:00.000Z"),
        ("2027-03-28", "Europe/Berlin", "2027-03-28T22:00:00.000Z"),  # a day of 23 hours
        ("2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00.000Z"),  # one of 25
        ("2026-12-24T18:00", "Europe/Berlin", "2026-12-24T17:00:00.000Z"),
        ("2026-12-24T18:00:00Z", "Europe/Berlin", "2026-12-24T18:00:00.000Z"),
        ("2026-12-24T18:00:00-05:00", "Europe/Berlin", "2026-12-24T23:00:00.000Z"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"),  # comes twice: the first
    ],
)
def test_when_a_job_closes(text: str, zone: str, moment: str) -> None:
    assert clock.to_text(closing_moment(text, zone)) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-02-30", "24.12.2026", "9999-12-31", "2026-12-24T25:00"),
        *("20261224", "2026-W52", "2026-W52-4", "2026W524", "20261224T18:00", "2026-12-24T18", "2026-12-2418:00"),
    ],
)
def test_no_closing_moments(text: str) -> None:
    with pytest.raises(InvalidError) as error:
        closing_moment(text, "UTC")
    assert error.value.errors[0].field == "closes_at"


def test_a_job_is_open_to_its_last_moment_and_not_longer() -> None:
    closes = closing_moment("2026-12-24", "Europe/Berlin")
    job = Job("x", "blue", "Blue", FULL, "ada", "", "", state="open", closes_at=clock.to_text(closes))
    assert job.state_at(closes - timedelta(milliseconds=1)) == "open"
    assert job.state_at(closes) == "expired"
    assert replace(job, state="closed").state_at(closes) == "closed"


def test_how_long_a_job_may_be_open() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    check_closing(now + timedelta(days=90), now)
    for wrong in (now, now - timedelta(seconds=1), now + timedelta(days=90, seconds=1)):
        with pytest.raises(InvalidError):
            check_closing(wrong, now)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"salary": None}, ["salary"]),
        ({"salary": Salary(0, 0, "EUR", "year")}, ["salary"]),
        ({"locations": ()}, ["locations"]),
        ({"locations": (), "workplace": "remote"}, []),
        ({"locations": (), "workplace": "remote", "utc_offsets": (-3, 2)}, []),
        ({"locations": (), "workplace": "remote", "utc_offsets": (-12, -12)}, ["utc_offsets"]),
        ({"title": "", "mediums": (), "level": None}, ["title", "mediums", "level"]),
        ({"description": "Short."}, ["description"]),
        ({"ai_policy": None, "closes": None}, ["closes", "ai_policy"]),
    ],
)
def test_what_a_public_job_needs(changes: dict[str, object], fields: list[str]) -> None:
    try:
        check_complete(replace(FULL, **changes))  # type: ignore[arg-type]  # those of the cases above
        found: list[str] = []
    except InvalidError as error:
        found = [each.field for each in error.errors]
    assert found == fields


@pytest.mark.parametrize(
    ("salary", "text"),
    [
        (Salary(4_200_050, 5_500_000, "EUR", "year"), "EUR 42,000.50 to 55,000.00 a year"),
        (Salary(3000, 3000, "JPY", "hour"), "JPY 3,000 an hour"),
        (Salary(1500, 2000, "KWD", "project"), "KWD 1.500 to 2.000 a project"),
    ],
)
def test_salaries_in_words(salary: Salary, text: str) -> None:
    assert salary_text(salary) == text


def test_currencies() -> None:
    assert {EXPONENTS[each] for each in ("EUR", "USD", "CHF")} == {2}
    assert (EXPONENTS["JPY"], EXPONENTS["KRW"], EXPONENTS["TND"]) == (0, 0, 3)
    assert not {"XAU", "XXX", "XTS", "BTC", "DEM"} & set(EXPONENTS)
