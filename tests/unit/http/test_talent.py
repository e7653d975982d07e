"""Availability on profiles, and artists who look for work, through the API."""

from typing import Any
from uuid import uuid4

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain.changes import Change
from chalicelib.domain.money import Salary
from chalicelib.domain.people import Person, Portrait
from chalicelib.domain.profiles import ProfileFields, Work
from chalicelib.domain.talent import Talent, terms_of
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.repositories.talents import TalentRepository
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.http.api import Account, Api
from tests.unit.http.errands import do_errands
from tests.unit.http.studios import MODERATOR, add_member, decide, make_studio, verified_studio

RATE = {"min": 4000, "max": 6000, "currency": "eur", "period": "hour"}
WORK = {"starts_on": "2027-01-15", "rate": RATE, "country": "de"}


def new_medium() -> str:
    """Return a medium that nobody else has."""
    return f"m{uuid4().hex}"


def artist(api: Api, who: Account | None = None, **fields: Any) -> Account:
    """Return an artist whose profile lists follow."""
    before = ProfileRepository().get(who.account_id) if who else None
    account = api.join(who, **fields)
    profile = ProfileRepository().get(account.account_id)
    for consumer in composition.change_consumers("profiles"):
        if type(consumer).__name__ == "TalentListed":
            consumer.take([Change(uuid4().hex, before, profile)])
    do_errands("list-talent", twice=True)
    return account


def recruiter(api: Api) -> Account:
    account = api.join()
    verified_studio(api, account)
    return account


def find(api: Api, by: Account, query: str) -> Any:
    answer = api.ask("GET", f"/v1/talent?{query}", by=by)
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.json


def handles(api: Api, by: Account, query: str) -> set[str]:
    """Go around the whole ring."""
    found: list[str] = []
    cursor = ""
    for _ in range(100):
        page = find(api, by, query + cursor)
        found += [each["handle"] for each in page["items"]]
        if page["next_cursor"] is None:
            assert len(found) == len(set(found))
            return set(found)
        cursor = f"&cursor={page['next_cursor']}"
    raise AssertionError("the list has no end")


def test_studios_find_artists_by_what_they_ask_for(api: Api) -> None:
    medium, blue = new_medium(), recruiter(api)
    ada = artist(api, mediums=["Ink", medium], software=["Krita"], availability="open", work=WORK)
    bob = artist(api, mediums=[medium], availability="freelance")
    artist(api, mediums=[medium], availability="hiring")
    artist(api, mediums=[medium], availability="closed")
    artist(api, mediums=[medium])
    assert handles(api, blue, f"medium={medium}") == {ada.handle, bob.handle}
    assert find(api, blue, f"medium={medium}")["total"] == 2
    for query in ("software=krita", "country=DE", "availability=open", "country=de&software=krita&availability=open"):
        assert handles(api, blue, f"medium={medium}&{query}") == {ada.handle}
    assert handles(api, blue, f"medium={medium}&availability=freelance") == {bob.handle}
    assert handles(api, blue, f"medium={medium}&country=FR") == set()
    [found] = find(api, blue, f"medium={medium}&country=DE")["items"]
    assert found["work"]["rate"]["text"] == "EUR 40.00 to 60.00 an hour"
    assert (found["work"]["starts_on"], found["mediums"]) == ("2027-01-15", ["ink", medium])
    assert "account" not in str(found)


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_every_page_goes_on_where_the_one_before_ended(api: Api, limit: int) -> None:
    medium, blue = new_medium(), recruiter(api)
    expected = {artist(api, mediums=[medium], availability="open").handle for _ in range(7)}
    for _ in range(4):  # each begins somewhere else
        assert handles(api, blue, f"medium={medium}&limit={limit}") == expected


def test_a_list_begins_anywhere(api: Api) -> None:
    medium, blue = new_medium(), recruiter(api)
    everyone = {artist(api, mediums=[medium], availability="open").handle for _ in range(3)}
    first: set[str] = set()
    for _ in range(400):  # with the same order each time, one would come first for ever
        first.add(find(api, blue, f"medium={medium}&limit=1")["items"][0]["handle"])
        if first == everyone:
            return
    raise AssertionError(f"only {first} ever came first")


def test_lists_follow_what_an_artist_says(api: Api) -> None:
    medium, other, blue = new_medium(), new_medium(), recruiter(api)
    ada = artist(api, mediums=[medium], availability="open")
    artist(api, ada, mediums=[other], availability="open", display_name="Another")
    assert handles(api, blue, f"medium={medium}") == set()
    [found] = find(api, blue, f"medium={other}")["items"]
    assert found["display_name"] == "Another"
    artist(api, ada, mediums=[other], availability="open", protected=True)
    assert handles(api, blue, f"medium={other}") == set()
    artist(api, ada, mediums=[other], availability="open")
    assert handles(api, blue, f"medium={other}") == {ada.handle}
    artist(api, ada, mediums=[other], availability="closed")
    assert (find(api, blue, f"medium={other}")["total"], handles(api, blue, f"medium={other}")) == (0, set())


def test_who_is_suspended_is_not_found(api: Api) -> None:
    medium, blue = new_medium(), recruiter(api)
    ada = artist(api, mediums=[medium], availability="open")
    decide(api, "suspend", f"profiles/{ada.handle}")
    do_errands("list-talent")
    assert handles(api, blue, f"medium={medium}") == set()
    decide(api, "unsuspend", f"profiles/{ada.handle}")
    do_errands("list-talent")
    assert handles(api, blue, f"medium={medium}") == {ada.handle}


@pytest.mark.parametrize("kind", ["block", "mute"])
def test_whom_a_block_parts_do_not_find_each_other(api: Api, kind: str) -> None:
    medium, blue, green = new_medium(), recruiter(api), recruiter(api)
    ada, bob = (artist(api, mediums=[medium], availability="open") for _ in range(2))
    assert api.ask("PUT", f"/v1/profiles/{bob.handle}/{kind}", by=blue).status == 204
    assert api.ask("PUT", f"/v1/profiles/{green.handle}/{kind}", by=ada).status == 204
    assert handles(api, blue, f"medium={medium}") == {ada.handle}
    assert handles(api, green, f"medium={medium}") == ({bob.handle} if kind == "block" else {ada.handle, bob.handle})


def test_only_members_of_verified_studios_look(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    member = add_member(api, ada, studio)
    answer = api.ask("GET", "/v1/talent", by=member)
    assert (answer.status, answer.code) == (403, "verified-studios-only")
    assert api.ask("GET", "/v1/talent").status == 401
    blue = api.join()
    verified = verified_studio(api, blue)
    invited = api.join()
    api.ask("POST", f"{verified}/members", {"handle": invited.handle, "role": "recruiter"}, by=blue)
    assert api.ask("GET", "/v1/talent", by=invited).status == 403
    slug = verified.rpartition("/")[2]
    assert api.ask("PUT", f"/v1/me/studios/{slug}", by=invited).status == 204
    assert api.ask("GET", "/v1/talent", by=invited).status == 200
    assert api.ask("DELETE", f"{verified}/members/{invited.handle}", by=blue).status == 204
    assert api.ask("GET", "/v1/talent", by=invited).status == 403
    page = api.ask("GET", "/v1/talent?country=zz&availability=hiring", by=blue)
    assert (page.status, page.fields) == (422, ["availability", "country"])
    assert api.ask("GET", "/v1/talent?cursor=AAAA", by=blue).status == 400


def test_an_availability_for_verified_studios_is_theirs_alone(api: Api) -> None:
    blue, stranger = recruiter(api), api.join()
    fields: dict[str, Any] = {"availability": "freelance", "work": {**WORK, "audience": "verified_studios"}}
    ada = artist(api, **fields)
    silent = artist(api)
    path = f"/v1/profiles/{ada.handle}"
    for by in (None, stranger, MODERATOR):
        answer = api.ask("GET", path, by=by)
        assert (answer.json["availability"], answer.json["work"]) == (None, None)
        other = api.ask("GET", f"/v1/profiles/{silent.handle}", by=by)
        assert answer.json.keys() == other.json.keys()
        assert (other.json["availability"], other.json["work"]) == (None, None)
    seen = api.ask("GET", path, by=blue)
    assert (seen.json["availability"], seen.json["work"]["country"]) == ("freelance", "DE")
    assert seen.headers["cache-control"] == "private, no-store"
    own = api.ask("GET", "/v1/me", by=ada).json
    assert (own["availability"], own["work"]["audience"]) == ("freelance", "verified_studios")
    shown = api.ask("GET", f"/@{artist(api, availability='freelance').handle}").text
    assert ("For work" in shown, "For work" in api.ask("GET", f"/@{ada.handle}").text) == (True, False)
    # nobody can tell by the entity tag either what changes behind it
    before = api.ask("GET", path).json
    api.join(ada, **{**fields, "availability": "closed"})
    after = api.ask("GET", path).json
    assert {**before, "updated_at": ""} == {**after, "updated_at": ""}
    for page in (f"/@{ada.handle}", f"/v1/search?type=profiles&q={ada.handle}"):
        assert "freelance" not in api.ask("GET", page).text


def test_what_an_availability_cannot_be(api: Api, ada: Account) -> None:
    for work, field in (
        ({"starts_on": "soon"}, "work.starts_on"),
        ({"country": "ZZ"}, "work.country"),
        ({"audience": "friends"}, "work.audience"),
        ({"rate": {**RATE, "currency": "XXX"}}, "work.rate.currency"),
        ({"rate": {**RATE, "min": 0}}, "work.rate"),
        ({"since": 1}, "work.since"),
    ):
        body = {"handle": ada.handle, "display_name": "Ada", "availability": "open", "work": work}
        answer = api.ask("PUT", "/v1/me", body, by=ada)
        assert (answer.status, answer.fields) == (422, [field])


def test_an_item_is_small_enough_for_a_page_of_two_units() -> None:
    portrait = Portrait("01M81YTG8EVXBV8JRTEB2CGT1R", "320.webp", 320, 240, "webp")
    talent = Talent(
        Person(str(uuid4()), "a" * 20, "A name of some length", portrait),
        "freelance",
        Work("2027-01-15", Salary(4000, 6000, "EUR", "hour"), "DE"),
        ("oil-painting", "illustration", "concept-art"),
        ("photoshop", "procreate", "blender", "clip-studio-paint"),
    )
    TalentRepository().swap("", talent.place, talent)
    item = boto3.client("dynamodb").get_item(
        TableName=settings().jobs_table,
        Key={"partition": {"S": f"talents#{int(talent.place[0], 16) // 8}#"}, "position": {"S": talent.place}},
    )["Item"]
    TalentRepository().swap("", talent.place, None)
    longest = {**item, "partition": {"S": "x" * 100}}
    assert read_units([longest] * 8) + read_units([longest] * 7) + 0.5 <= 2.5
    assert read_units([item] * 15) + 0.5 <= 2


def test_nobody_has_more_terms_than_said() -> None:
    fields = ProfileFields("ada", "Ada", mediums=tuple("abcde"), software=tuple("fghijklm"), availability="open")
    talent = Talent(Person("x", "ada", "Ada"), "open", Work(country="DE"), fields.mediums, fields.software)
    assert len(terms_of(talent)) == 216
