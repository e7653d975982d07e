"""What studios see in numbers and as a table, what people are told, and what happens when two act at once."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.applications import STATES, Application
from chalicelib.domain.changes import Change
from chalicelib.domain.errors import LostRaceError
from chalicelib.repositories.applications import ApplicationRepository, from_image
from chalicelib.services.application_notes import ApplicationNotes
from chalicelib.services.hiring_figures import HiringFigures
from chalicelib.services.resumes import ResumeService
from chalicelib.settings import settings
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.applying import Hiring, applied, hiring, move, piece, send, with_resume
from tests.unit.http.studios import add_member, make_job, open_job


@pytest.fixture
def place(api: Api) -> Hiring:
    return hiring(api)


def dashboard(api: Api, place: Hiring, query: str = "") -> Any:
    answer = api.ask("GET", f"{place.studio}/dashboard{query}", by=place.owner)
    assert answer.status == 200, answer.text
    return answer.json


def states(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts that are not nothing."""
    assert list(counts) == list(STATES)
    return {state: number for state, number in counts.items() if number}


# ---------------------------------------------------------------- numbers


def test_the_dashboard_counts_who_stands_where(api: Api, place: Hiring) -> None:
    second = open_job(api, place.owner, place.studio)
    names = [applied(api, api.join(), place.job) for _ in range(4)]
    withdrawn = api.join()
    move(api, withdrawn, applied(api, withdrawn, second), "withdrawn")
    for name, state in zip(names, ("viewed", "interview", "interview"), strict=False):
        move(api, place.owner, name, state)
    seen = dashboard(api, place)
    assert states(seen["pipeline"]) == {"submitted": 1, "viewed": 1, "interview": 2, "withdrawn": 1}
    jobs = {each["job"]["id"]: states(each["applications"]) for each in seen["jobs"]}
    assert jobs == {
        second.rpartition("/")[2]: {"withdrawn": 1},
        place.job.rpartition("/")[2]: {"submitted": 1, "viewed": 1, "interview": 2},
    }
    assert (seen["answered"], seen["first_answers"]["within_days"]["1"]) == (None, 2)
    assert seen["first_answers"]["half_within_days"] == 1


def test_the_dashboard_comes_in_pages(api: Api, place: Hiring) -> None:
    jobs = [place.job, *(make_job(api, place.owner, place.studio, publish="draft") for _ in range(2))]
    artist = api.join()
    applied(api, artist, place.job)
    first = dashboard(api, place, "?limit=2")
    rest = dashboard(api, place, f"?limit=2&cursor={first['next_cursor']}")
    found = [*first["jobs"], *rest["jobs"]]
    assert [each["job"]["id"] for each in found] == [each.rpartition("/")[2] for each in reversed(jobs)]
    assert [sum(each["applications"].values()) for each in found] == [0, 0, 1]
    assert rest["next_cursor"] is None


def test_views_of_a_job_are_counted_and_nothing_of_who_looked(api: Api, place: Hiring) -> None:
    for by in (None, api.join(), None):
        assert api.ask("POST", f"{place.job}/views", by=by).status == 204
    views: Any = composition.hiring_figures().views
    views.flush()
    assert dashboard(api, place)["jobs"][0]["views"] == 3
    draft = make_job(api, place.owner, place.studio, publish="draft")
    for job in (draft, "/v1/jobs/x", "/v1/jobs/01M81YTG8EVXBV8JRTEB2CGT1R"):
        assert api.ask("POST", f"{job}/views").status == 404


def test_the_public_figure_is_of_those_that_had_30_days(api: Api, place: Hiring) -> None:
    assert api.ask("GET", place.studio).json["answered"] is None
    answered = [applied(api, api.join(), place.job) for _ in range(8)]
    for name in answered:
        move(api, place.owner, name, "declined")
    for _ in range(3):
        applied(api, api.join(), place.job)
    leaving = api.join()
    move(api, leaving, applied(api, leaving, place.job), "withdrawn")
    assert api.ask("GET", place.studio).json["answered"] is None  # the month is not over for 30 days
    later = replace(composition.studio_service(), now=lambda: clock.now() + timedelta(days=65))
    pages = replace(composition.job_page_service(), studios=later)
    with (
        mock.patch("chalicelib.handlers.studios.studio_service", return_value=later),
        mock.patch("chalicelib.handlers.job_pages.job_page_service", return_value=pages),
    ):
        seen, page = api.ask("GET", place.studio), api.ask("GET", place.studio.removeprefix("/v1"))
    assert "Answered 72% of 11 applications within 30 days" in page.text
    figure = seen.json["answered"]
    assert (figure["percent"], figure["applications"]) == (72, 11)
    assert "withdrawn" in figure["rule"]
    assert seen.headers["cache-control"].startswith("public")


# ---------------------------------------------------------------- the table


def table(api: Api, place: Hiring) -> tuple[Answer, list[list[str]]]:
    answer = api.ask("GET", f"{place.job}/applications.csv", by=place.owner)
    assert answer.status == 200
    text = answer.text.removeprefix("\ufeff")
    assert len(text) < len(answer.text)
    return answer, list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_table_holds_what_the_list_shows(api: Api, place: Hiring) -> None:
    ada = api.join(display_name='Ada "葛飾", née B.')
    applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    answer, (header, row) = table(api, place)
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "private, no-store"
    told = dict(zip(header, row, strict=True))
    assert (told["name"], told["handle"], told["state"], told["resume"]) == (
        'Ada "葛飾", née B.',
        ada.handle,
        "submitted",
        "yes",
    )


def test_no_name_is_a_formula(api: Api, place: Hiring) -> None:
    for sign in "=+-@":
        applied(api, api.join(display_name=f"{sign}cmd|'/c calc'!A1"), place.job)
    _, (header, *rows) = table(api, place)
    assert sorted(row[header.index("name")] for row in rows) == sorted(f"'{sign}cmd|'/c calc'!A1" for sign in "=+-@")
    assert not any(cell[:1] in set("=+-@\t\r") for row in rows for cell in row if cell)


def test_a_long_table_names_what_follows(api: Api, place: Hiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.services.application_export.MOST_ROWS", 2)
    for _ in range(3):
        applied(api, api.join(), place.job)
    answer, rows = table(api, place)
    assert len(rows) == 3
    following = answer.headers["link"].partition("<")[2].partition(">")[0]
    rest = api.ask("GET", following, by=place.owner).text
    assert len(rest.splitlines()) == 2
    assert rows[1][0] not in rest


# ---------------------------------------------------------------- what people are told


class Stream:
    """Tells what changed of applications since it was last asked, everything twice."""

    def __init__(self) -> None:
        """Know what there is already."""
        self.before = self._items()

    @staticmethod
    def _items() -> dict[str, Application]:
        found = map(from_image, boto3.client("dynamodb").scan(TableName=settings().applications_table)["Items"])
        return {each.application_id: each for each in found if each}

    def tell(self) -> None:
        old, new = self.before, self._items()
        changes = [Change(key, old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)]
        [consumer] = composition.change_consumers("applications")
        assert isinstance(consumer, ApplicationNotes)
        for _ in range(2):
            consumer.take(changes)
        self.before = new


@pytest.fixture
def stream(api: Api) -> Stream:
    del api
    return Stream()


def told(api: Api, account: Account) -> list[tuple[str, str, int]]:
    items = api.ask("GET", "/v1/notifications", by=account).json["items"]
    return [(each["kind"], each["text"], each["count"]) for each in items]


def test_members_are_told_who_applied(api: Api, place: Hiring, stream: Stream) -> None:
    recruiter, invited = add_member(api, place.owner, place.studio), api.join()
    api.ask("POST", f"{place.studio}/members", {"handle": invited.handle}, by=place.owner)
    artists = [api.join(), api.join()]
    for each in artists:
        applied(api, each, place.job)
        stream.tell()
    for member in (place.owner, recruiter):
        assert told(api, member) == [("application", "Painter of skies", 2)]
    assert told(api, invited) == told(api, artists[0]) == []
    [item] = api.ask("GET", "/v1/notifications", by=recruiter).json["items"]
    assert item["target"] == f"{place.job.removeprefix('/v1/')}/applications"


def test_who_withdraws_is_named_no_more(api: Api, ada: Account, place: Hiring, stream: Stream) -> None:
    application = applied(api, ada, place.job)
    stream.tell()
    move(api, ada, application, "withdrawn")
    stream.tell()
    assert told(api, place.owner) == []
    applied(api, ada, place.job)
    stream.tell()
    assert told(api, place.owner) == [("application", "Painter of skies", 1)]


def test_artists_are_told_of_each_status_unless_they_do_not_want_it(
    api: Api, ada: Account, place: Hiring, stream: Stream
) -> None:
    application, bob = applied(api, ada, place.job), api.join()
    other = applied(api, bob, place.job)
    api.ask("PUT", "/v1/me/notification_preferences", {"kinds": {"application_status": False}}, by=bob)
    stream.tell()
    for state in ("viewed", "interview"):
        for each in (application, other):
            move(api, place.owner, each, state)
        stream.tell()
    assert told(api, ada) == [("application_status", "interview: Painter of skies", 2)]
    assert told(api, bob) == []
    [item] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert (item["people"], item["target"]) == ([], application.removeprefix("/v1/"))


def test_looking_after_an_application_tells_nobody(api: Api, ada: Account, place: Hiring, stream: Stream) -> None:
    application = applied(api, ada, place.job)
    move(api, place.owner, application, "viewed")
    stream.tell()
    before = told(api, ada)
    composition.application_upkeep().look_after(f"application#{application.rpartition('/')[2]}/application")
    stream.tell()
    assert told(api, ada) == before


# ---------------------------------------------------------------- two at once


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something else done between what is read and what is stored, once."""

    def arrange(work: Callable[[], object]) -> None:
        save, left = ApplicationRepository.save, [work]

        def interrupted(self: ApplicationRepository, *given: Any, **named: Any) -> Application:
            if left:
                left.pop()()
            return save(self, *given, **named)

        monkeypatch.setattr(ApplicationRepository, "save", interrupted)

    return arrange


type Meanwhile = Callable[[Callable[[], object]], None]


def count(api: Api, place: Hiring) -> dict[str, int]:
    return states(dashboard(api, place)["pipeline"])


def test_of_two_at_once_one_is_stored(api: Api, ada: Account, place: Hiring, meanwhile: Meanwhile) -> None:
    posts = [piece(api, ada)]
    others: list[Answer] = []
    meanwhile(lambda: others.append(send(api, ada, place.job, posts=posts, letter="the other")))
    answer = send(api, ada, place.job, posts=posts, letter="the one")
    assert (answer.status, answer.code, others[0].status) == (409, "already-applied", 201)
    assert api.ask("GET", others[0].headers["location"], by=place.owner).json["letter"] == "the other"
    assert count(api, place) == {"submitted": 1}


def test_who_is_cut_off_after_it_was_stored_finds_it(
    api: Api, ada: Account, place: Hiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = ApplicationRepository.save

    def cut_off(self: ApplicationRepository, *given: Any, **named: Any) -> Application:
        save(self, *given, **named)
        raise TimeoutError

    monkeypatch.setattr(ApplicationRepository, "save", cut_off)
    send_it = {"posts": [piece(api, ada)], "resume_id": with_resume(api, ada, place.job)}
    assert send(api, ada, place.job, key="k", **send_it).status == 500
    monkeypatch.undo()
    again = send(api, ada, place.job, key="k", **send_it)
    assert again.code == "already-applied"
    [own] = api.ask("GET", "/v1/me/applications", by=ada).json["items"]
    assert own["id"] in again.json["detail"]
    assert api.ask("GET", f"/v1/applications/{own['id']}/resume", by=place.owner).status == 200
    assert count(api, place) == {"submitted": 1}


def test_who_withdraws_while_the_studio_decides_has_withdrawn(
    api: Api, ada: Account, place: Hiring, meanwhile: Meanwhile
) -> None:
    application = applied(api, ada, place.job)
    meanwhile(lambda: move(api, ada, application, "withdrawn"))
    assert move(api, place.owner, application, "offered").code == "state-not-allowed"
    assert api.ask("GET", application, by=ada).json["state"] == "withdrawn"
    assert count(api, place) == {"withdrawn": 1}


def test_who_withdraws_while_it_is_declined_learns_so(
    api: Api, ada: Account, place: Hiring, meanwhile: Meanwhile
) -> None:
    application = applied(api, ada, place.job)
    meanwhile(lambda: move(api, place.owner, application, "declined"))
    assert move(api, ada, application, "withdrawn").code == "state-not-allowed"
    assert count(api, place) == {"declined": 1}


def test_two_members_who_move_it_at_once_both_count(
    api: Api, ada: Account, place: Hiring, meanwhile: Meanwhile
) -> None:
    recruiter, application = add_member(api, place.owner, place.studio), applied(api, ada, place.job)
    meanwhile(lambda: move(api, recruiter, application, "shortlisted"))
    assert move(api, place.owner, application, "interview").json["state"] == "interview"
    changes = api.ask("GET", f"{application}/changes", by=place.owner).json["items"]
    assert [each["after"] for each in changes] == ["interview", "shortlisted", "submitted"]
    assert count(api, place) == {"interview": 1}


def test_a_job_that_closes_while_the_resume_is_looked_at_takes_no_more(
    api: Api, ada: Account, place: Hiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = ResumeService.take

    def slow(self: ResumeService, *given: Any) -> Any:
        taken = take(self, *given)
        api.ask("POST", f"{place.job}/close", by=place.owner)
        return taken

    resume_id = with_resume(api, ada, place.job)
    monkeypatch.setattr(ResumeService, "take", slow)
    answer = send(api, ada, place.job, resume_id=resume_id)
    assert (answer.status, answer.code) == (410, "job-over")
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []
    assert count(api, place) == {}


def test_the_sweep_and_a_member_at_once_lose_nothing(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    upkeep = composition.application_upkeep()
    moved: list[Answer] = []

    class Jobs:
        """Has a member act between what the sweep reads and what it writes."""

        def get(self, job_id: str, *, consistent: bool = False) -> Any:
            moved.append(move(api, place.owner, application, "interview"))
            return composition.job_service().jobs.get(job_id, consistent=consistent)

    name = f"application#{application.rpartition('/')[2]}/application"
    racing = replace(upkeep, jobs=Jobs())  # type: ignore[arg-type]  # the part that it asks
    with pytest.raises(LostRaceError):
        racing.look_after(name)
    assert moved[0].status == 200
    upkeep.look_after(name)
    assert api.ask("GET", application, by=ada).json["state"] == "interview"
    assert api.ask("GET", f"{application}/resume", by=ada).status == 200


def test_figures_ask_members_alone(api: Api, place: Hiring) -> None:
    assert isinstance(composition.hiring_figures(), HiringFigures)
    assert api.ask("GET", f"{place.studio}/dashboard", by=api.join()).code == "members-only"
    assert api.ask("GET", f"{place.studio}/dashboard", by=hiring(api).owner).code == "members-only"
    assert api.ask("GET", "/v1/studios/nothing/dashboard", by=place.owner).status == 404
