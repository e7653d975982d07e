"""Résumés through the API and the sweep: whose they are, who may fetch them, and that they go."""

from dataclasses import replace
from datetime import datetime, timedelta

import boto3
import httpx
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.applications import Resume
from chalicelib.domain.resumes import folder_of
from chalicelib.services.resumes import ResumeService
from chalicelib.settings import settings
from tests.support.documents import PDF
from tests.unit.http.api import Account, Api
from tests.unit.http.applying import Hiring, applied, hiring, move, send, upload, with_resume
from tests.unit.http.studios import closing, open_job


@pytest.fixture
def place(api: Api) -> Hiring:
    return hiring(api)


def files(account: Account) -> list[str]:
    """Return the keys of all résumés of an account."""
    listed = boto3.client("s3").list_objects_v2(Bucket=settings().derivatives_bucket, Prefix="resumes/")
    keys = [each["Key"] for each in listed.get("Contents", ())]
    return [key for key in keys if folder_of(account.account_id) in key]


def sweep(moment: datetime) -> None:
    """Look after all that came due up to a moment, as the sweep does."""
    upkeep = composition.application_upkeep()
    later = replace(upkeep, now=lambda: moment)
    for key in later.due(moment - timedelta(hours=2), moment):
        later.look_after(key)


def test_a_resume_is_handed_to_the_studio_and_its_artist_alone(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    for by in (place.owner, ada):
        assert api.ask("GET", application, by=by).json["resume"] == {"bytes": len(PDF)}
        link = api.ask("GET", f"{application}/resume", by=by)
        asked = httpx.URL(link.json["url"]).params
        assert asked["response-content-disposition"].startswith("attachment")
        assert (asked["X-Amz-Expires"], asked["response-content-type"]) == ("300", "application/pdf")
        assert link.headers["cache-control"] == "private, no-store"
    for by in (hiring(api).owner, api.join()):
        assert api.ask("GET", f"{application}/resume", by=by).status == 404
    [card] = api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"]
    assert card["resume"]


def test_without_a_resume_there_is_none(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    assert api.ask("GET", application, by=ada).json["resume"] is None
    assert api.ask("GET", f"{application}/resume", by=ada).status == 404


def test_the_form_takes_one_pdf_of_one_size(api: Api, ada: Account, place: Hiring) -> None:
    announced = api.ask("POST", f"{place.job}/resumes", {"bytes": 5}, by=ada)
    assert announced.json["upload"]["fields"]["Content-Type"] == "application/pdf"
    for body in ({"bytes": 0}, {"bytes": 10 * 1024 * 1024 + 1}, {}, {"bytes": 5, "content_type": "text/html"}):
        assert api.ask("POST", f"{place.job}/resumes", body, by=ada).status == 422
    assert api.ask("POST", f"{place.job}/resumes", {"bytes": 5}, by=place.owner).code == "own-studio"
    api.ask("POST", f"{place.job}/close", by=place.owner)
    assert api.ask("POST", f"{place.job}/resumes", {"bytes": 5}, by=ada).code == "job-over"


def test_a_resume_is_the_artists_own_and_for_this_job(api: Api, ada: Account, place: Hiring) -> None:
    others = with_resume(api, api.join(), place.job)
    elsewhere = with_resume(api, ada, open_job(api, place.owner, place.studio))
    for resume_id in (others, elsewhere, "01M81YTG8EVXBV8JRTEB2CGT1R", "../x"):
        assert send(api, ada, place.job, resume_id=resume_id).fields == ["resume_id"]
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []


def test_what_did_not_come_or_is_no_resume_is_refused(api: Api, ada: Account, place: Hiring) -> None:
    announced = api.ask("POST", f"{place.job}/resumes", {"bytes": len(PDF)}, by=ada).json
    refused = send(api, ada, place.job, resume_id=announced["resume_id"])
    assert (refused.status, refused.fields) == (422, ["resume_id"])
    hostile = with_resume(api, ada, place.job, PDF.replace(b"/Type /Catalog", b"/JavaScript (x)"))
    refused = send(api, ada, place.job, resume_id=hostile)
    assert (refused.fields, "script" in refused.json["detail"]) == (["resume_id"], True)
    upload(announced)  # it may come after all
    assert send(api, ada, place.job, resume_id=announced["resume_id"]).status == 201


def test_a_form_that_is_posted_again_changes_nothing(api: Api, ada: Account, place: Hiring) -> None:
    announced = api.ask("POST", f"{place.job}/resumes", {"bytes": len(PDF)}, by=ada).json
    upload(announced)
    application = applied(api, ada, place.job, resume_id=announced["resume_id"])
    upload(announced, b"MZ something else")
    [kept] = [key for key in files(ada) if "/kept/" in key]
    found = boto3.client("s3").get_object(Bucket=settings().derivatives_bucket, Key=kept)["Body"].read()
    assert found == PDF
    url = api.ask("GET", f"{application}/resume", by=place.owner).json["url"]
    assert kept in url
    assert ada.account_id.lower() not in url.lower(), "whoever has the link learns no id"


def test_a_resume_serves_one_application(api: Api, ada: Account, place: Hiring) -> None:
    resume_id = with_resume(api, ada, place.job)
    application = applied(api, ada, place.job, resume_id=resume_id)
    move(api, ada, application, "withdrawn")
    assert send(api, ada, place.job, resume_id=resume_id).fields == ["resume_id"]


def test_withdrawing_deletes_it_at_once(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    assert files(ada)
    move(api, ada, application, "withdrawn")
    assert files(ada) == []
    for by in (ada, place.owner):
        gone = api.ask("GET", f"{application}/resume", by=by)
        assert (gone.status, gone.code) == (410, "resume-deleted")


def test_what_withdrawing_left_behind_the_sweep_deletes(
    api: Api, ada: Account, place: Hiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    monkeypatch.setattr("chalicelib.services.resumes.ResumeService.drop", lambda *_: None)  # the process ended there
    move(api, ada, application, "withdrawn")
    monkeypatch.undo()
    assert files(ada)
    sweep(clock.now())
    assert files(ada) == []


def test_who_applies_again_leaves_no_former_resume_behind(
    api: Api, ada: Account, place: Hiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = with_resume(api, ada, place.job)
    application = applied(api, ada, place.job, resume_id=former)
    monkeypatch.setattr("chalicelib.services.resumes.ResumeService.drop", lambda *_: None)  # the process ended there
    move(api, ada, application, "withdrawn")
    monkeypatch.undo()
    applied(api, ada, place.job)  # sooner than the sweep
    sweep(clock.now())
    assert files(ada) == []


def test_a_resume_that_no_application_took_goes_after_a_day(api: Api, ada: Account, place: Hiring) -> None:
    unused, used = with_resume(api, ada, place.job), with_resume(api, ada, place.job)
    applied(api, ada, place.job, resume_id=used)
    begun = clock.now()
    sweep(begun + timedelta(hours=23))
    assert any(unused in key for key in files(ada))
    sweep(begun + timedelta(hours=25))
    assert [key for key in files(ada) if unused in key] == []
    assert any(used in key for key in files(ada))
    assert send(api, ada, open_job(api, place.owner, place.studio), resume_id=unused).fields == ["resume_id"]


def test_what_is_being_given_up_no_application_takes(
    api: Api, ada: Account, place: Hiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    resume_id, take = with_resume(api, ada, place.job), ResumeService.take

    def take_too_late(self: ResumeService, account_id: str, job_id: str, name: str) -> Resume:
        taken = take(self, account_id, job_id, name)
        self.give_up(account_id, name)  # the sweep, between looking at it and storing the application
        return taken

    monkeypatch.setattr(ResumeService, "take", take_too_late)
    assert send(api, ada, place.job, resume_id=resume_id).fields == ["resume_id"]
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []
    assert files(ada) == []


# ---------------------------------------------------------------- 180 days


def test_it_goes_180_days_after_the_job_closed_and_no_sooner(api: Api, ada: Account) -> None:
    place = hiring(api, closes_at=closing(60))
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    closed = clock.now()
    api.ask("POST", f"{place.job}/close", by=place.owner)  # well before its time
    for days in (177, 178, 180):
        sweep(closed + timedelta(days=days, minutes=5))
        assert bool([key for key in files(ada) if "/kept/" in key]) == (days < 178), days
    seen = api.ask("GET", application, by=place.owner).json
    assert (seen["resume"], seen["letter"]) == (None, "Dear studio")
    assert api.ask("GET", f"{application}/resume", by=place.owner).status == 404
    assert not api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"][0]["resume"]


def test_while_the_job_is_renewed_it_stays(api: Api, ada: Account) -> None:
    place = hiring(api, closes_at=closing(10))
    applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    begun = clock.now()
    # it expires after 10 days: at 178 it is not over for long enough
    sweep(begun + timedelta(days=178, minutes=5))
    assert [key for key in files(ada) if "/kept/" in key]
    sweep(begun + timedelta(days=188, minutes=5))
    assert [key for key in files(ada) if "/kept/" in key] == []


def test_in_the_end_nothing_is_left_but_the_counts(api: Api, ada: Account) -> None:
    place = hiring(api)
    application = applied(api, ada, place.job, resume_id=with_resume(api, ada, place.job))
    move(api, place.owner, application, "declined")
    closed = clock.now()
    api.ask("POST", f"{place.job}/close", by=place.owner)
    for days in (178, 179, 399, 400, 401):
        sweep(closed + timedelta(days=days, minutes=5))
        assert (api.ask("GET", application, by=ada).status == 200) == (days < 400)
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []
    assert api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"] == []
    items = boto3.client("dynamodb").scan(TableName=settings().applications_table)["Items"]
    assert ada.account_id not in str(items)
    assert application.rpartition("/")[2] not in str(items)
    shown = api.ask("GET", f"{place.studio}/dashboard", by=place.owner).json
    assert shown["jobs"][0]["applications"]["declined"] == 0
    assert shown["first_answers"]["within_days"]["1"] == 1
