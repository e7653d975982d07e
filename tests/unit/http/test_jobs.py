"""Jobs, from a draft to their end, through the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.handlers import jobs as handlers
from chalicelib.repositories.jobs import JobRepository
from tests.support.hiring import JOB
from tests.unit.http.api import Account, Api
from tests.unit.http.studios import (
    MODERATOR,
    add_member,
    closing,
    decide,
    make_job,
    make_studio,
    open_job,
    verified_studio,
)


@pytest.fixture
def studio(api: Api, ada: Account) -> str:
    return verified_studio(api, ada)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Have the routes of jobs look at another clock."""
    later = replace(composition.job_service(), now=lambda: moment)
    with mock.patch.object(handlers, "job_service", return_value=later):
        yield


def state(api: Api, job: str, by: Account) -> str:
    return str(api.ask("GET", job, by=by).json["state"])


# ---------------------------------------------------------------- from a draft to the public


def test_a_draft_is_free_and_seen_by_the_studio_alone(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    made = api.ask("POST", "/v1/jobs", {"studio": studio.rpartition("/")[2]}, by=ada)
    assert (made.status, made.json["state"]) == (201, "draft")
    job = made.headers["location"]
    recruiter = add_member(api, ada, studio)
    assert state(api, job, recruiter) == "draft"
    for by in (None, api.join()):
        assert api.ask("GET", job, by=by).status == 404
        if by:
            assert api.ask("PATCH", job, {"title": "x"}, by=by).status == 404
            assert api.ask("DELETE", job, by=by).status == 404
    assert api.ask("PATCH", job, {"title": "x"}, by=ada).status == 200
    assert api.ask("DELETE", job, by=recruiter).status == 204
    assert api.ask("GET", job, by=ada).status == 404
    assert not JobRepository().changes(job.rpartition("/")[2], limit=10, position=None).changes


def test_only_verified_studios_publish(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    body = {**JOB, "studio": studio.rpartition("/")[2], "closes_at": closing()}
    assert api.ask("POST", "/v1/jobs", body | {"publish": "now"}, by=ada).code == "studio-not-verified"
    job = api.ask("POST", "/v1/jobs", body, by=ada).headers["location"]
    assert api.ask("PATCH", job, {"publish": "now"}, by=ada).code == "studio-not-verified"
    assert api.ask("POST", "/v1/jobs", body, by=api.join()).code == "members-only"


def test_a_job_is_reviewed_once_and_then_public(api: Api, ada: Account, studio: str) -> None:
    job = make_job(api, ada, studio)
    assert api.ask("GET", job).status == 404
    assert api.ask("PATCH", job, {"title": "x"}, by=ada).code == "job-in-review"
    [case] = [
        each
        for each in api.ask("GET", "/v1/moderation/queue?kind=job&limit=50", by=MODERATOR).json["items"]
        if each["target"] == job.removeprefix("/v1/")
    ]
    shown = api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=MODERATOR).json
    assert "Painter of skies" in shown["text"]
    assert "pays EUR 42,000.00 to 55,000.00 a year" in shown["evidence"]
    assert decide(api, "approve_job", job).status == 201
    seen = api.ask("GET", job)
    assert seen.headers["cache-control"].startswith("public")
    assert (seen.json["state"], seen.json["studio"]["verified"]) == ("open", True)
    assert "<strong>skies</strong>" in seen.json["description_html"]
    assert seen.json["salary"]["text"] == "EUR 42,000.00 to 55,000.00 a year"
    assert (seen.json["closes"], seen.json["reason"]) == (None, None)
    assert decide(api, "approve_job", job).json["action"] == "approve_job"
    assert decide(api, "refuse_job", job, Account(groups=("moderators",))).code == "already-decided"


def test_a_refused_job_says_why_and_comes_again(api: Api, ada: Account, studio: str) -> None:
    job = make_job(api, ada, studio)
    assert decide(api, "refuse_job", job).status == 201
    told = api.ask("GET", job, by=ada).json
    assert (told["state"], told["reason"]) == ("refused", "We looked.")
    assert api.ask("GET", job).status == 404
    again = api.ask("PATCH", job, {"title": "Better", "publish": "now"}, by=ada)
    assert again.json["state"] == "in_review"
    assert decide(api, "approve_job", job).status == 201
    assert api.ask("GET", job).json["title"] == "Better"


def test_a_clean_record_needs_no_review(api: Api, ada: Account, studio: str) -> None:
    for _ in range(3):
        job = make_job(api, ada, studio)
        assert state(api, job, ada) == "in_review"
        decide(api, "approve_job", job)
    trusted = make_job(api, ada, studio)
    assert state(api, trusted, ada) == "open"
    assert api.ask("PATCH", trusted, {"title": "Another"}, by=ada).json["state"] == "open"


def test_a_refusal_ends_a_record(api: Api, ada: Account, studio: str) -> None:
    waiting = make_job(api, ada, studio)
    for _ in range(2):
        open_job(api, ada, studio)
    decide(api, "refuse_job", waiting)
    open_job(api, ada, studio)
    assert state(api, make_job(api, ada, studio), ada) == "in_review"


def test_what_was_reviewed_is_reviewed_again(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    assert api.ask("PATCH", job, {"visa": True, "mediums": ["ink"]}, by=ada).json["state"] == "open"
    bait = api.ask("PATCH", job, {"apply": "https://elsewhere.example/form"}, by=ada)
    assert bait.json["state"] == "in_review"
    assert api.ask("GET", job).status == 404
    decide(api, "approve_job", job)
    assert api.ask("GET", job).json["apply"] == "https://elsewhere.example/form"


def test_a_withdrawn_job_leaves_no_case_behind(api: Api, ada: Account, studio: str) -> None:
    job = make_job(api, ada, studio)
    assert api.ask("PATCH", job, {"publish": "draft"}, by=ada).json["state"] == "draft"
    assert decide(api, "dismiss", job).code == "nothing-to-decide"
    assert decide(api, "approve_job", job).status == 201
    assert state(api, job, ada) == "draft"  # what was withdrawn is not published by a moderator
    gone = make_job(api, ada, studio)
    assert api.ask("DELETE", gone, by=ada).status == 204
    assert decide(api, "refuse_job", gone).status == 201
    targets = [each["target"] for each in api.ask("GET", "/v1/moderation/queue?kind=job", by=MODERATOR).json["items"]]
    assert not {job.removeprefix("/v1/"), gone.removeprefix("/v1/")} & set(targets)


def cases(api: Api, job: str) -> list[Any]:
    """Return what moderators see of a job's open cases, oldest first."""
    queued = api.ask("GET", "/v1/moderation/queue?kind=job&limit=50", by=MODERATOR).json["items"]
    ids = [each["id"] for each in queued if each["target"] == job.removeprefix("/v1/")]
    return [api.ask("GET", f"/v1/moderation/cases/{each}", by=MODERATOR).json for each in ids]


def test_nobody_approves_words_that_they_did_not_see(api: Api, ada: Account, studio: str) -> None:
    job = make_job(api, ada, studio)
    [seen] = cases(api, job)
    assert api.ask("PATCH", job, {"publish": "draft"}, by=ada).status == 200
    bait = {"apply": "https://elsewhere.example/form", "ai_statement": "We train on it.", "publish": "now"}
    assert api.ask("PATCH", job, bait, by=ada).json["state"] == "in_review"
    for looked_at in ({}, {"case": seen["id"]}, {"case": "x"}):
        assert decide(api, "approve_job", job, **looked_at).code == "sent-in-anew"
    assert decide(api, "refuse_studio", studio, case=seen["id"]).fields == ["case"]
    assert state(api, job, ada) == "in_review"
    _, anew = cases(api, job)
    assert "AI: no_ai, We train on it." in anew["evidence"]
    assert decide(api, "approve_job", job, case=anew["id"]).status == 201
    assert (state(api, job, ada), cases(api, job)) == ("open", [])


def test_a_trusted_studios_job_is_reported_and_removed(api: Api, ada: Account, studio: str) -> None:
    for _ in range(3):
        open_job(api, ada, studio)
    job, over = make_job(api, ada, studio), make_job(api, ada, studio)
    assert api.ask("POST", f"{over}/close", by=ada).json["state"] == "closed"
    target, who = job.removeprefix("/v1/"), api.join()
    for each in (target, studio.removeprefix("/v1/")):
        body = {"target": each, "reason": "spam", "text": "They ask for money."}
        assert api.ask("POST", "/v1/reports", body, by=who).status == 201, each
        assert api.ask("POST", "/v1/reports", body, by=ada).fields == ["target"]
    for each in ("jobs/01KB0000000000000000000000", over.removeprefix("/v1/"), "studios/nobody-knows"):
        assert api.ask("POST", "/v1/reports", {"target": each, "reason": "spam"}, by=who).status == 404, each
    assert decide(api, "restore", job).fields == ["action"]
    for each in (job, over, over):
        assert decide(api, "remove", each).status == 201, each
    assert decide(api, "remove", job, Account(groups=("moderators",))).code == "already-decided"
    assert api.ask("GET", job).status == 404
    assert api.ask("POST", f"{job}/applications", {"posts": ["x"], "letter": "x"}, by=who).status == 404
    told = api.ask("GET", job, by=ada).json
    assert (told["state"], told["reason"]) == ("refused", "We looked.")
    for each in (job, over):
        assert api.ask("PATCH", each, {"publish": "now"}, by=ada).json["state"] == "in_review"
    assert state(api, make_job(api, ada, studio), ada) == "in_review"
    queued = api.ask("GET", "/v1/moderation/queue?kind=report&limit=50", by=MODERATOR).json["items"]
    assert target not in {each["target"] for each in queued}


def test_moderators_decide_not_about_their_own_studio(api: Api, ada: Account, studio: str) -> None:
    mine = Account(groups=("moderators",))
    api.join(mine)
    add_member(api, ada, studio, who=mine)
    job = make_job(api, ada, studio)
    assert decide(api, "approve_job", job, mine).fields == ["target"]
    assert decide(api, "approve_job", "/v1/jobs/01KB0000000000000000000000").status == 404
    assert decide(api, "approve_job", studio).fields == ["target"]


# ---------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 121),
        ("description", "x" * 10_001),
        ("mediums", ["a", "b", "c", "d"]),
        ("level", "god"),
        ("employment", "volunteer"),
        ("workplace", "anywhere"),
        ("locations", [{"country": "DE"}] * 4),
        ("locations", [{"country": "ZZ"}]),
        ("utc_offsets", {"earliest": 3, "latest": 1}),
        ("utc_offsets", {"earliest": -13, "latest": 1}),
        ("salary", {"min": 5, "max": 4, "currency": "EUR", "period": "year"}),
        ("salary", {"min": 0, "max": 0, "currency": "EUR", "period": "year"}),
        ("salary", {"min": -1, "max": 4, "currency": "EUR", "period": "year"}),
        ("salary", {"min": 1.5, "max": 4, "currency": "EUR", "period": "year"}),
        ("salary", {"min": 1, "max": 4, "currency": "XXX", "period": "year"}),
        ("salary", {"min": 1, "max": 4, "currency": "EUR", "period": "exposure"}),
        ("apply", "http://blue.example/"),
        ("apply", "javascript:alert(1)"),
        ("apply", "https://blue.example@evil.example/"),
        ("closes_at", "soon"),
        ("ai_policy", "whatever"),
        ("state", "open"),
    ],
)
def test_wrong_fields_are_named(api: Api, ada: Account, field: str, value: Any) -> None:
    studio = make_studio(api, ada)
    answer = api.ask("POST", "/v1/jobs", {"studio": studio.rpartition("/")[2], field: value}, by=ada)
    assert answer.status == 422
    assert all(each.startswith(field) for each in answer.fields)


def test_unpaid_work_is_refused_with_a_reason(api: Api, ada: Account, studio: str) -> None:
    body = {**JOB, "studio": studio.rpartition("/")[2], "closes_at": closing(), "publish": "now"}
    answer = api.ask("POST", "/v1/jobs", {name: v for name, v in body.items() if name != "salary"}, by=ada)
    assert answer.fields == ["salary"]
    assert "paid" in answer.text
    nothing = {"min": 0, "max": 0, "currency": "EUR", "period": "month"}
    assert "unpaid work is refused" in api.ask("POST", "/v1/jobs", body | {"salary": nothing}, by=ada).text


@pytest.mark.parametrize("days", [-1, 91])
def test_how_long_a_job_is_open(api: Api, ada: Account, studio: str, days: int) -> None:
    body = {**JOB, "studio": studio.rpartition("/")[2], "publish": "now", "closes_at": closing(days)}
    assert api.ask("POST", "/v1/jobs", body, by=ada).fields == ["closes_at"]


def test_a_currency_without_minor_units(api: Api, ada: Account, studio: str) -> None:
    salary = {"min": 400_000, "max": 500_000, "currency": "jpy", "period": "month"}
    job = open_job(api, ada, studio, salary=salary)
    assert api.ask("GET", job).json["salary"]["text"] == "JPY 400,000 to 500,000 a month"


# ---------------------------------------------------------------- the end


def test_the_closing_minute_in_the_studios_time_zone(api: Api, ada: Account) -> None:
    studio = verified_studio(api, ada, time_zone="Pacific/Auckland")
    day = (clock.now() + timedelta(days=10)).date()
    job = open_job(api, ada, studio, closes_at=day.isoformat())
    closes = datetime.fromisoformat(api.ask("GET", job).json["closes_at"])
    assert closes.hour in {11, 12}  # midnight in Auckland, in summer and in winter
    with at(closes - timedelta(milliseconds=1)):
        assert api.ask("GET", job).json["state"] == "open"
    with at(closes):
        over = api.ask("GET", job)
        assert (over.status, over.code) == (410, "job-over")
        assert state(api, job, ada) == "expired"
        assert api.ask("GET", f"{studio}/jobs").json["items"] == []


def test_the_sweep_notes_what_expired(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    later = clock.now() + timedelta(days=31)
    job_id = job.rpartition("/")[2]
    expiry = replace(composition.job_expiry(), now=lambda: later)
    do_errand(job_id)
    assert job_id in expiry.due(later - timedelta(days=2), later)
    assert expiry.look_after(job_id) is False
    do_errand(job_id)
    stored = JobRepository().get(job_id)
    assert stored is not None
    assert (stored.state, stored.due_at) == ("expired", None)
    assert job_id not in expiry.due(later - timedelta(days=2), later)


def do_errand(job_id: str) -> None:
    """Have lists show a job as it is."""
    errand: Errand | None = Errand("list-job", job_id)
    while errand is not None:
        errand = composition.job_lister().work(errand)


def test_a_renewal_at_the_moment_of_expiry_holds(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    later = clock.now() + timedelta(days=31)
    expiry = replace(composition.job_expiry(), now=lambda: later)
    with at(later):
        again = api.ask("PATCH", job, {"closes_at": clock.later(later, 86400), "publish": "now"}, by=ada)
    assert (again.status, again.json["state"]) == (200, "open")
    expiry.look_after(job.rpartition("/")[2])
    with at(later):
        assert api.ask("GET", job).json["state"] == "open"


def test_a_studio_closes_its_job(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    recruiter = add_member(api, ada, studio)
    assert api.ask("POST", f"{job}/close", by=api.join()).status == 404
    for _ in range(2):
        assert api.ask("POST", f"{job}/close", by=recruiter).json["state"] == "closed"
        assert api.ask("GET", job).status == 410
    assert api.ask("DELETE", job, by=ada).code == "job-was-public"
    assert api.ask("POST", f"{make_job(api, ada, studio)}/close", by=ada).code == "job-not-open"
    renewed = api.ask("PATCH", job, {"closes_at": closing(60), "publish": "now"}, by=ada)
    assert renewed.json["state"] == "open"  # nothing that was reviewed has changed


def test_a_job_that_is_looked_at_anew_is_closed(api: Api, ada: Account, studio: str) -> None:
    """It can be neither changed nor withdrawn by then: whoever filled the place need not wait for a moderator."""
    job = open_job(api, ada, studio)
    assert api.ask("PATCH", job, {"title": "Painter of seas"}, by=ada).json["state"] == "in_review"
    assert api.ask("POST", f"{job}/close", by=ada).json["state"] == "closed"
    assert api.ask("GET", job).status == 410
    assert decide(api, "approve_job", job).status == 201
    assert state(api, job, ada) == "closed"
    refused = open_job(api, ada, studio)
    api.ask("PATCH", refused, {"title": "Painter of seas"}, by=ada)
    decide(api, "refuse_job", refused)
    assert api.ask("POST", f"{refused}/close", by=ada).json["state"] == "closed"


def test_changes_are_on_record(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    api.ask("PATCH", job, {"visa": True}, by=ada)
    api.ask("POST", f"{job}/close", by=ada)
    page = api.ask("GET", f"{job}/changes?limit=2", by=ada)
    closed, visa = page.json["items"]
    assert (closed["before"], closed["after"]) == ({"state": "open"}, {"state": "closed"})
    assert (visa["after"]["visa"], visa["by"]) == ("True", ada.handle)
    rest = api.ask("GET", f"{job}/changes?cursor={page.json['next_cursor']}", by=ada).json["items"]
    assert [each["after"]["state"] for each in rest] == ["open", "in_review"]
    assert rest[0]["by"] == "a moderator"
    assert ada.account_id not in page.text
    assert api.ask("GET", f"{job}/changes", by=api.join()).status == 404


def test_of_two_changes_from_one_version_one_is_told(api: Api, ada: Account, studio: str) -> None:
    job = make_job(api, ada, studio, publish="draft")
    tag = api.ask("GET", job, by=ada).headers["etag"]
    assert api.ask("PATCH", job, {"title": "One"}, by=ada, if_match=tag).status == 200
    assert api.ask("PATCH", job, {"title": "Two"}, by=ada, if_match=tag).status == 412
    assert api.ask("DELETE", job, by=ada, if_match=tag).status == 412
    assert api.ask("GET", job, by=ada).json["title"] == "One"


def test_the_jobs_of_a_studio(api: Api, ada: Account, studio: str) -> None:
    jobs = [open_job(api, ada, studio, title=f"Job {each}") for each in range(3)]
    make_job(api, ada, studio, publish="draft", title="Draft")
    api.ask("POST", f"{jobs[0]}/close", by=ada)
    assert [each["title"] for each in api.ask("GET", f"{studio}/jobs").json["items"]] == ["Job 2", "Job 1"]
    own = api.ask("GET", f"{studio}/jobs", by=ada).json["items"]
    assert [each["state"] for each in own] == ["draft", "open", "open", "closed"]
    first = api.ask("GET", f"{studio}/jobs?limit=2", by=ada)
    assert len(first.json["items"]) == 2
    assert api.ask("GET", f"{studio}/jobs?cursor={first.json['next_cursor']}").status == 400  # another's cursor
