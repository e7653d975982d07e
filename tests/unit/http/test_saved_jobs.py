"""Jobs that artists keep for later, through the API."""

from typing import Any

from chalicelib.domain.ids import new_id
from tests.unit.http.api import Account, Api
from tests.unit.http.errands import do_errands
from tests.unit.http.studios import decide, make_job, open_job, verified_studio

KINDS = ("list-job", "refresh-saved-job")


def saved(api: Api, by: Account, query: str = "") -> list[Any]:
    answer = api.ask("GET", f"/v1/me/saved_jobs{query}", by=by)
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    items: list[Any] = answer.json["items"]
    return items


def save(api: Api, by: Account, job: str, method: str = "PUT") -> int:
    return api.ask(method, f"{job}/save", by=by).status


def id_of(job: str) -> str:
    return job.rpartition("/")[2]


def test_a_saved_job_stays_and_is_marked_closed(api: Api, ada: Account) -> None:
    bob, studio = api.join(), verified_studio(api, ada)
    jobs = [open_job(api, ada, studio, software=[], title=title) for title in ("first", "second", "third")]
    for job in (jobs[1], jobs[0], jobs[2], jobs[1]):
        assert save(api, bob, job) == 204
    assert [each["title"] for each in saved(api, bob)] == ["third", "first", "second"]
    assert saved(api, ada) == []
    page = api.ask("GET", "/v1/me/saved_jobs?limit=2", by=bob).json
    rest = saved(api, bob, f"?limit=2&cursor={page['next_cursor']}")
    assert [each["title"] for each in page["items"] + rest] == ["third", "first", "second"]
    assert api.ask("GET", f"/v1/me/saved_jobs?cursor={page['next_cursor']}", by=ada).status == 400
    api.ask("POST", f"{jobs[0]}/close", by=ada)
    do_errands(*KINDS, twice=True)
    assert {each["title"]: each["state"] for each in saved(api, bob)} == {
        "third": "open",
        "first": "closed",
        "second": "open",
    }
    assert save(api, bob, jobs[0]) == 204  # it is kept already
    assert save(api, ada, jobs[0]) == 410
    for _ in range(2):
        assert save(api, bob, jobs[2], "DELETE") == 204
    assert [each["title"] for each in saved(api, bob)] == ["first", "second"]


def test_a_saved_job_shows_only_what_was_public(api: Api, ada: Account) -> None:
    bob, studio = api.join(), verified_studio(api, ada)
    job = open_job(api, ada, studio, title="as approved")
    save(api, bob, job)
    assert api.ask("PATCH", job, {"title": "not yet approved"}, by=ada).json["state"] == "in_review"
    do_errands(*KINDS)
    [kept] = saved(api, bob)
    assert (kept["title"], kept["state"]) == ("as approved", "in_review")
    decide(api, "approve_job", job)
    do_errands(*KINDS)
    [kept] = saved(api, bob)
    assert (kept["title"], kept["state"]) == ("not yet approved", "open")


def test_what_nobody_may_see_cannot_be_kept(api: Api, ada: Account) -> None:
    studio = verified_studio(api, ada)
    draft = make_job(api, ada, studio, publish="draft")
    for job in (draft, f"/v1/jobs/{new_id()}", "/v1/jobs/none"):
        assert save(api, ada, job) == 404
    assert saved(api, ada) == []
    assert save(api, ada, draft, "DELETE") == 204
    for path in (f"{draft}/save", "/v1/me/saved_jobs"):
        assert api.ask("GET" if path.startswith("/v1/me") else "PUT", path).status == 401
