"""Job alerts through the API: who is told of which jobs, when, and how often."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.job_alerts import MOST_ALERTS, next_round
from tests.unit.http.api import Account, Api
from tests.unit.http.errands import do_errands
from tests.unit.http.mailbox import mailbox
from tests.unit.http.studios import new_name, open_job, verified_studio

FINDING = ("list-job", "match-job", "look-at-alerts")
TELLING = "tell-of-jobs"


def alert(api: Api, by: Account, **fields: Any) -> str:
    answer = api.ask("POST", "/v1/me/job_alerts", {"name": "Mine", "cadence": "at_once", **fields}, by=by)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def told(api: Api, by: Account) -> list[Any]:
    items = api.ask("GET", "/v1/notifications", by=by).json["items"]
    return [each for each in items if each["kind"] == "job_alert"]


def sweep(days: float = 1.01) -> None:
    """Look after what is due in a day."""
    later = clock.now() + timedelta(days=days)
    delivery = replace(composition.job_delivery(), now=lambda: later)
    for account_id in delivery.due(later - timedelta(days=days + 1), later):
        delivery.look_after(account_id)


@pytest.fixture(autouse=True)
def no_mail(api: Api) -> Iterator[None]:
    with mailbox():
        yield


@pytest.fixture
def word() -> str:
    return new_name()


@pytest.fixture
def studio(api: Api, ada: Account) -> str:
    return verified_studio(api, ada)


def test_an_alert_tells_at_once_and_of_each_job_once(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    named = alert(api, bob, q=word, name="Skies")
    job = open_job(api, ada, studio, software=[], title=f"{word} one")
    do_errands(*FINDING, TELLING, twice=True)
    [note] = told(api, bob)
    assert (note["target"], note["text"], note["count"]) == (job.removeprefix("/v1/"), f"Skies: {word} one", 1)
    assert note["id"].split(".")[1] == named
    api.ask("PATCH", job, {"level": "lead"}, by=ada)
    api.ask("POST", f"{job}/close", by=ada)
    do_errands(*FINDING, TELLING)
    renewed = api.ask("PATCH", job, {"publish": "now"}, by=ada)
    assert renewed.json["state"] == "open"
    assert "match-job" in {each.kind for each in do_errands(*FINDING, TELLING, twice=True)}
    assert [each["count"] for each in told(api, bob)] == [1]
    open_job(api, ada, studio, software=[], title=f"{word} two")
    do_errands(*FINDING, TELLING)
    assert [each["count"] for each in told(api, bob)] == [2]


WISHES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"medium": "Oil Painting"}, True),
    ({"medium": "oil-painting", "level": "mid", "country": "de", "workplace": "hybrid"}, True),
    ({"software": "krita", "employment": "full_time", "min_salary": 55_000}, True),
    ({"min_salary": 55_001}, False),
    ({"level": "lead"}, False),
    ({"medium": "ink"}, False),
    ({"country": "FR", "medium": "oil-painting"}, False),
    ({"q": "nothing"}, False),
    ({"q": "SKIES of", "level": "mid"}, True),
    ({"q": "skies nothing"}, False),
    ({"q": "skies", "level": "lead"}, False),
]


def test_an_alert_waits_for_what_a_search_would_find(api: Api, ada: Account, studio: str) -> None:
    people = [api.join() for _ in WISHES]
    for (wishes, _), person in zip(WISHES, people, strict=True):
        alert(api, person, **wishes)
    open_job(api, ada, studio, title="Painter of skies")
    do_errands(*FINDING, TELLING)
    found = [(wishes, bool(told(api, person))) for (wishes, _), person in zip(WISHES, people, strict=True)]
    assert found == WISHES


def test_what_was_open_before_is_told_to_nobody(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    job = open_job(api, ada, studio, software=[], title=word)
    do_errands(*FINDING)
    alert(api, bob, q=word)
    api.ask("PATCH", job, {"level": "lead"}, by=ada)
    do_errands(*FINDING, TELLING)
    assert told(api, bob) == []


def test_what_waits_for_the_day_comes_together_and_only_what_is_open(
    api: Api, ada: Account, studio: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = api.join()
    alert(api, bob, q=word, cadence="daily")
    jobs = [open_job(api, ada, studio, software=[], title=f"{word} {each}") for each in range(3)]
    do_errands(*FINDING, TELLING, twice=True)
    assert told(api, bob) == []
    api.ask("POST", f"{jobs[1]}/close", by=ada)
    do_errands(*FINDING)
    sweep()
    [errand] = do_errands(TELLING, twice=True)
    assert [each["count"] for each in told(api, bob)] == [2]
    # it is the errand of that day, however late it comes once more
    tomorrow = replace(composition.job_matcher(), now=lambda: clock.now() + timedelta(days=1.01))
    monkeypatch.setattr(composition.working, "job_matcher", lambda: tomorrow)
    open_job(api, ada, studio, software=[], title=f"{word} next")
    do_errands(*FINDING)
    composition.job_delivery().deliver(errand)
    sweep(0)
    assert do_errands(TELLING) == []
    assert [each["count"] for each in told(api, bob)] == [2]
    sweep(2.02)
    do_errands(TELLING)
    assert sum(each["count"] for each in told(api, bob)) == 3
    sweep(3)
    assert do_errands(TELLING) == []


def test_a_day_whose_errand_is_lost_comes_again(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    alert(api, bob, q=word, cadence="daily")
    open_job(api, ada, studio, software=[], title=word)
    do_errands(*FINDING)
    sweep()
    do_errands("none")  # the queue loses it
    sweep(1.1)
    assert len(do_errands(TELLING)) == 1
    assert len(told(api, bob)) == 1


def test_more_than_a_mail_holds_waits_for_the_next_day(
    api: Api, ada: Account, studio: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.services.job_delivery.MOST_AT_ONCE", 2)
    bob = api.join()
    alert(api, bob, q=word, cadence="daily")
    for each in range(3):
        open_job(api, ada, studio, software=[], title=f"{word} {each}")
    do_errands(*FINDING)
    for days, count in ((1.01, 2), (2.02, 3)):
        sweep(days)
        do_errands(TELLING)
        assert sum(each["count"] for each in told(api, bob)) == count


def test_a_job_that_comes_while_a_day_is_told_is_not_lost(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    alert(api, bob, q=word, cadence="daily")
    open_job(api, ada, studio, software=[], title=f"{word} one")
    do_errands(*FINDING)
    sweep()
    delivery = composition.job_delivery()
    tell = delivery.telling.tell
    done: list[str] = []

    class Late:
        def tell(self, notes: Any) -> None:
            tell(notes)
            if not done:
                done.append(open_job(api, ada, studio, software=[], title=f"{word} two"))
                for _ in range(4):
                    do_errands(*FINDING)

    slow = replace(delivery, telling=Late())  # type: ignore[arg-type]  # the part that it asks
    round_ = composition.job_alert_service().of_account(bob.account_id).seeker.round
    errand = Errand(TELLING, bob.account_id, None, {"cadence": "daily", "round": str(round_)})
    with pytest.raises(LostRaceError):
        slow.deliver(errand)
    delivery.deliver(errand)
    assert sum(each["count"] for each in told(api, bob)) == 2


def test_alerts_are_their_owners(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    first = alert(api, bob, q=word, name=" One ", medium="Oil Painting", min_salary=10, cadence="daily", email=False)
    second = alert(api, bob, q=word)
    listed = api.ask("GET", "/v1/me/job_alerts", by=bob)
    assert listed.headers["cache-control"] == "private, no-store"
    assert [each["id"] for each in listed.json["items"]] == [first, second]
    assert listed.json["items"][0] == {
        **dict.fromkeys(("software", "level", "employment", "workplace", "country")),
        "id": first,
        "name": "One",
        "q": word,
        "medium": "oil-painting",
        "min_salary": 10,
        "cadence": "daily",
        "email": False,
        "created_at": listed.json["items"][0]["created_at"],
    }
    assert api.ask("GET", "/v1/me/job_alerts", by=ada).json["items"] == []
    assert api.ask("DELETE", f"/v1/me/job_alerts/{first}", by=ada).status == 404
    open_job(api, ada, studio, software=[], title=word)
    do_errands(*FINDING)
    assert api.ask("DELETE", f"/v1/me/job_alerts/{second}", by=bob).status == 204
    do_errands(TELLING)
    assert told(api, bob) == []
    assert api.ask("DELETE", f"/v1/me/job_alerts/{second}", by=bob).status == 404
    assert api.ask("DELETE", "/v1/me/job_alerts", by=bob).status == 204
    assert api.ask("GET", "/v1/me/job_alerts", by=bob).json["items"] == []
    open_job(api, ada, studio, software=[], title=word)
    looked = [each.arguments["term"] for each in do_errands(*FINDING) if each.kind == "look-at-alerts"]
    assert f"q={word}" not in looked


def test_an_account_has_so_many_alerts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_ALERTS == 20
    monkeypatch.setattr("chalicelib.repositories.job_alerts.MOST_ALERTS", 3)
    bob = api.join()
    ids = [alert(api, bob, q="none") for _ in range(3)]
    body = {"name": "One more"}
    answer = api.ask("POST", "/v1/me/job_alerts", body, by=bob)
    assert (answer.status, answer.code) == (409, "too-many-alerts")
    assert api.ask("DELETE", f"/v1/me/job_alerts/{ids[0]}", by=bob).status == 204
    assert api.ask("POST", "/v1/me/job_alerts", body, by=bob).status == 201
    assert api.ask("DELETE", "/v1/me/job_alerts", by=bob).status == 204
    wrong = {"cadence": "hourly", "country": "ZZ"}
    assert api.ask("POST", "/v1/me/job_alerts", wrong, by=bob).fields == ["cadence", "country", "name"]
    assert api.ask("GET", "/v1/me/job_alerts").status == 401


def test_who_switched_it_off_is_not_told(api: Api, ada: Account, studio: str, word: str) -> None:
    bob = api.join()
    alert(api, bob, q=word)
    api.ask("PUT", "/v1/me/notification_preferences", {"kinds": {"job_alert": False}}, by=bob)
    open_job(api, ada, studio, software=[], title=word)
    do_errands(*FINDING, TELLING)
    assert told(api, bob) == []


def test_daily_mails_are_spread_over_the_day() -> None:
    moment = clock.from_text("2026-11-26T12:00:00.000Z")
    rounds = [next_round(f"account {each}", moment) for each in range(200)]
    assert all("2026-11-26T12:00" < each <= "2026-11-27T12:00" for each in rounds)
    assert len({each[11:13] for each in rounds}) == 24
