"""Following, requests, blocks and mutes, through the API."""

from itertools import chain
from typing import Any

import pytest

from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.test_lists import follow as next_page


@pytest.fixture
def bob(api: Api) -> Account:
    return api.join()


@pytest.fixture
def guarded(api: Api) -> Account:
    return api.join(protected=True)


def put(api: Api, what: str, by: Account, whom: Account) -> Answer:
    return api.ask("PUT", f"/v1/profiles/{whom.handle}/{what}", by=by)


def delete(api: Api, what: str, by: Account, whom: Account) -> Answer:
    return api.ask("DELETE", f"/v1/profiles/{whom.handle}/{what}", by=by)


def handles(api: Api, path: str | None, by: Account | None = None) -> list[str]:
    """Follow a list of people to its end."""
    found: list[str] = []
    while path is not None:
        answer = api.ask("GET", path, by=by)
        assert answer.status == 200
        found += [each["handle"] for each in answer.json["items"]]
        path = next_page(answer)
    return found


def followers(api: Api, whom: Account, by: Account | None = None) -> list[str]:
    return handles(api, f"/v1/profiles/{whom.handle}/followers", by)


def following(api: Api, whom: Account, by: Account | None = None) -> list[str]:
    return handles(api, f"/v1/profiles/{whom.handle}/following", by)


# ---------------------------------------------------------------- following


def test_follow_and_unfollow(api: Api, ada: Account, bob: Account) -> None:
    for _ in range(2):
        assert put(api, "follow", bob, ada).status == 204
        assert followers(api, ada) == [bob.handle]
        assert following(api, bob) == [ada.handle]
    assert following(api, ada) == followers(api, bob) == []
    for _ in range(2):
        assert delete(api, "follow", bob, ada).status == 204
        assert followers(api, ada) == following(api, bob) == []


def test_newest_first_page_by_page(api: Api, ada: Account) -> None:
    people = [api.join() for _ in range(5)]
    for each in people:
        put(api, "follow", each, ada)
    expected = [each.handle for each in people[::-1]]
    for limit in (1, 2, 5, 50):
        assert handles(api, f"/v1/profiles/{ada.handle}/followers?limit={limit}") == expected


def test_who_appears_in_lists_with_name_and_avatar(api: Api, ada: Account) -> None:
    bob = Account()
    api.join(bob)
    avatar = api.ready(bob)
    api.join(bob, display_name="Bob", avatar_media_id=avatar)
    put(api, "follow", bob, ada)
    [person] = api.ask("GET", f"/v1/profiles/{ada.handle}/followers").json["items"]
    assert (person["handle"], person["display_name"]) == (bob.handle, "Bob")
    assert f"/{avatar}/" in person["avatar"]["url"]
    assert set(person) == {"handle", "display_name", "avatar"}


@pytest.mark.parametrize("what", ["follow", "block", "mute"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nobody_does_it_to_themselves_or_to_nobody(api: Api, ada: Account, what: str, method: str) -> None:
    answer = api.ask(method, f"/v1/profiles/{ada.handle}/{what}", by=ada)
    assert (answer.status, answer.code) == (409, "self-relation")
    assert api.ask(method, f"/v1/profiles/nobody_here/{what}", by=ada).status == 404
    assert api.ask(method, f"/v1/profiles/{ada.handle}/{what}").status == 401


def test_following_needs_a_profile(api: Api, ada: Account) -> None:
    answer = put(api, "follow", Account(), ada)
    assert (answer.status, answer.code) == (409, "profile-needed")


def test_no_more_follows_than_may_be(api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("services.relations", "repositories.bounds"):
        monkeypatch.setattr(f"chalicelib.{module}.MAX_FOLLOWS", 1)
    assert put(api, "follow", bob, ada).status == 204
    other = api.join()
    answer = put(api, "follow", bob, other)
    assert (answer.status, answer.code) == (409, "too-many-follows")
    assert put(api, "follow", bob, ada).status == 204
    delete(api, "follow", bob, ada)
    assert put(api, "follow", bob, other).status == 204


def test_removing_a_follower(api: Api, ada: Account, bob: Account) -> None:
    put(api, "follow", bob, ada)
    for _ in range(2):
        assert api.ask("DELETE", f"/v1/me/followers/{bob.handle}", by=ada).status == 204
        assert followers(api, ada) == []
    assert put(api, "follow", bob, ada).status == 204


# ---------------------------------------------------------------- requests


def requests(api: Api, of: Account) -> list[str]:
    return handles(api, "/v1/me/follow_requests", of)


def test_a_protected_profile_is_asked(api: Api, guarded: Account, bob: Account) -> None:
    assert api.ask("GET", f"/v1/profiles/{guarded.handle}").json["protected"] is True
    for _ in range(2):
        answer = put(api, "follow", bob, guarded)
        assert (answer.status, answer.json) == (202, {"state": "requested"})
        assert requests(api, guarded) == [bob.handle]
    assert followers(api, guarded) == following(api, bob) == []
    for _ in range(2):
        assert api.ask("PUT", f"/v1/me/follow_requests/{bob.handle}", by=guarded).status == 204
        assert followers(api, guarded) == [bob.handle]
        assert requests(api, guarded) == []
    assert put(api, "follow", bob, guarded).status == 204


def test_a_request_is_refused_or_withdrawn(api: Api, guarded: Account, bob: Account) -> None:
    for _ in range(2):
        put(api, "follow", bob, guarded)
        assert api.ask("DELETE", f"/v1/me/follow_requests/{bob.handle}", by=guarded).status == 204
        assert requests(api, guarded) == []
        put(api, "follow", bob, guarded)
        assert delete(api, "follow", bob, guarded).status == 204
        assert requests(api, guarded) == []
    answer = api.ask("PUT", f"/v1/me/follow_requests/{bob.handle}", by=guarded)
    assert (answer.status, answer.code) == (404, "no-request")
    assert followers(api, guarded) == []


def test_nobody_accepts_for_another(api: Api, ada: Account, guarded: Account, bob: Account) -> None:
    put(api, "follow", bob, guarded)
    assert api.ask("PUT", f"/v1/me/follow_requests/{bob.handle}", by=ada).status == 404
    assert api.ask("PUT", f"/v1/me/follow_requests/{guarded.handle}", by=bob).status == 404
    assert followers(api, guarded) == []


def test_a_request_to_a_profile_that_is_open_again(api: Api, guarded: Account, bob: Account) -> None:
    put(api, "follow", bob, guarded)
    api.join(guarded, protected=False)
    assert put(api, "follow", bob, guarded).status == 204
    assert (followers(api, guarded), requests(api, guarded)) == ([bob.handle], [])


# ---------------------------------------------------------------- blocks


def alike(one: Answer, other: Answer, *, names: tuple[str, str]) -> bool:
    """Tell whether two answers are the same but for the name that was asked for and the request's id."""

    def plain(answer: Answer, name: str) -> tuple[Any, ...]:
        kept = {key: value for key, value in answer.headers.items() if key != "x-request-id"}
        body = {**answer.json, "request_id": ""} if answer.text else {}
        return answer.status, kept, str(body).replace(name, "x")

    return plain(one, names[0]) == plain(other, names[1])


ADDRESSES = [
    ("GET", "/v1/profiles/{}"),
    ("GET", "/v1/profiles/{}/followers"),
    ("GET", "/v1/profiles/{}/following"),
    ("PUT", "/v1/profiles/{}/follow"),
    ("DELETE", "/v1/profiles/{}/follow"),
    ("PUT", "/v1/profiles/{}/mute"),
    ("DELETE", "/v1/profiles/{}/mute"),
    ("PUT", "/v1/me/follow_requests/{}"),
    ("DELETE", "/v1/me/follow_requests/{}"),
    ("DELETE", "/v1/me/followers/{}"),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_who_is_blocked_finds_what_one_finds_of_nobody(
    api: Api, ada: Account, bob: Account, method: str, address: str
) -> None:
    assert put(api, "block", ada, bob).status == 204
    there, nowhere = (api.ask(method, address.format(name), by=bob) for name in (ada.handle, "no_such_name"))
    assert there.status == 404
    assert alike(there, nowhere, names=(ada.handle, "no_such_name"))


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_who_blocks_finds_nothing_either(api: Api, ada: Account, bob: Account, method: str, address: str) -> None:
    put(api, "block", ada, bob)
    there, nowhere = (api.ask(method, address.format(name), by=ada) for name in (bob.handle, "no_such_name"))
    assert there.status == 404
    assert alike(there, nowhere, names=(bob.handle, "no_such_name"))


def test_a_block_ends_follows_and_requests_both_ways(api: Api, ada: Account, guarded: Account, bob: Account) -> None:
    put(api, "follow", bob, ada)
    put(api, "follow", ada, bob)
    put(api, "follow", bob, guarded)
    for one in (ada, guarded):
        for _ in range(2):
            assert put(api, "block", one, bob).status == 204
    assert followers(api, ada) == following(api, ada) == requests(api, guarded) == []
    assert followers(api, bob) == following(api, bob) == []
    assert handles(api, "/v1/me/blocks", ada) == handles(api, "/v1/me/blocks", guarded) == [bob.handle]
    assert handles(api, "/v1/me/blocks", bob) == []


def test_unblocked_they_find_each_other_and_follow_anew(api: Api, ada: Account, bob: Account) -> None:
    put(api, "follow", bob, ada)
    put(api, "block", ada, bob)
    for _ in range(2):
        assert delete(api, "block", ada, bob).status == 204
    assert handles(api, "/v1/me/blocks", ada) == followers(api, ada) == []
    assert api.ask("GET", f"/v1/profiles/{ada.handle}", by=bob).status == 200
    assert put(api, "follow", bob, ada).status == put(api, "follow", ada, bob).status == 204


def test_each_may_have_blocked_the_other(api: Api, ada: Account, bob: Account) -> None:
    put(api, "block", ada, bob)
    assert delete(api, "block", bob, ada).status == 404
    assert delete(api, "block", ada, bob).status == 204
    put(api, "block", bob, ada)
    assert delete(api, "block", bob, ada).status == 204
    assert api.ask("GET", f"/v1/profiles/{ada.handle}", by=bob).status == 200


@pytest.mark.parametrize("first", [0, 1])
def test_who_is_blocked_blocks_back_and_one_block_outlives_the_other(
    api: Api, ada: Account, bob: Account, first: int
) -> None:
    put(api, "block", ada, bob)
    for _ in range(2):
        assert put(api, "block", bob, ada).status == 204
    assert handles(api, "/v1/me/blocks", bob) == [ada.handle]
    assert handles(api, "/v1/me/blocks", ada) == [bob.handle]
    ends, holds = ((ada, bob), (bob, ada))[first]
    assert delete(api, "block", ends, holds).status == 204
    assert handles(api, "/v1/me/blocks", holds) == [ends.handle]
    for one, two in ((ada, bob), (bob, ada)):
        assert api.ask("GET", f"/v1/profiles/{two.handle}", by=one).status == 404, "the other one's block holds"
        assert put(api, "follow", one, two).status == 404
    assert delete(api, "block", holds, ends).status == 204
    assert api.ask("GET", f"/v1/profiles/{ada.handle}", by=bob).status == 200


def test_blocking_back_tells_no_more_than_looking_without_a_token(api: Api, ada: Account, bob: Account) -> None:
    put(api, "block", ada, bob)
    another = api.join()
    for name, known in ((ada.handle, True), (another.handle, True), ("no_such_name", False)):
        seen = api.ask("GET", f"/v1/profiles/{name}").status == 200
        blocked = api.ask("PUT", f"/v1/profiles/{name}/block", by=bob)
        assert (seen, blocked.status) == (known, 204 if known else 404)
    assert handles(api, "/v1/me/blocks", bob) == [another.handle, ada.handle], "as any other"


def test_lists_of_third_parties_leave_out_the_parted(api: Api, ada: Account, bob: Account) -> None:
    hub = api.join()
    others = [api.join() for _ in range(4)]
    for each in (others[0], bob, others[1], others[2], ada, others[3]):
        put(api, "follow", each, hub)
    put(api, "block", ada, bob)
    everyone = [each.handle for each in (others[3], ada, others[2], others[1], bob, others[0])]
    assert followers(api, hub) == everyone
    for viewer, hidden in ((ada, bob), (bob, ada)):
        expected = [each for each in everyone if each != hidden.handle]
        for limit in (1, 2, 3):
            path = f"/v1/profiles/{hub.handle}/followers?limit={limit}"
            assert handles(api, path, viewer) == expected
            first = api.ask("GET", path, by=viewer)
            assert len(first.json["items"]) == limit, "a page is no shorter for what is left out"


def test_many_are_left_out_and_the_list_still_comes_to_its_end(api: Api, ada: Account) -> None:
    hub = api.join()
    people = [api.join() for _ in range(14)]
    for each in people:
        put(api, "follow", each, hub)
    for each in people[1:]:
        put(api, "block", ada, each)
    assert handles(api, f"/v1/profiles/{hub.handle}/followers?limit=1", ada) == [people[0].handle]


def test_mutes_of_the_parted_are_out_of_sight(api: Api, ada: Account, bob: Account) -> None:
    put(api, "mute", bob, ada)
    assert handles(api, "/v1/me/mutes", bob) == [ada.handle]
    put(api, "block", ada, bob)
    assert handles(api, "/v1/me/mutes", bob) == []


def test_what_a_stranger_gets_says_nothing_of_viewers(api: Api, ada: Account, bob: Account) -> None:
    for path in ("", "/followers", "/following"):
        stranger = api.ask("GET", f"/v1/profiles/{ada.handle}{path}")
        known = api.ask("GET", f"/v1/profiles/{ada.handle}{path}", by=bob)
        assert stranger.headers["cache-control"].startswith("public")
        assert known.headers["cache-control"] == "private, no-store"
        assert stranger.headers["vary"] == known.headers["vary"] == "Authorization"


# ---------------------------------------------------------------- mutes


def test_mute_and_unmute(api: Api, ada: Account, bob: Account) -> None:
    put(api, "follow", bob, ada)
    for _ in range(2):
        assert put(api, "mute", bob, ada).status == 204
        assert handles(api, "/v1/me/mutes", bob) == [ada.handle]
    assert followers(api, ada, bob) == [bob.handle]
    for _ in range(2):
        assert delete(api, "mute", bob, ada).status == 204
        assert handles(api, "/v1/me/mutes", bob) == []


@pytest.mark.parametrize(
    ("address", "texts", "kept"),
    [
        ("/v1/me/muted_tags", ["Fan%20Art", "fan-art", "Oil"], ["fan-art", "oil"]),
        ("/v1/me/muted_words", ["SPIDERS", "big%20spiders", "spiders"], ["big spiders", "spiders"]),
    ],
)
def test_tags_and_words(api: Api, ada: Account, address: str, texts: list[str], kept: list[str]) -> None:
    for text in texts:
        assert api.ask("PUT", f"{address}/{text}", by=ada).status == 204
    items = api.ask("GET", address, by=ada).json["items"]
    assert [(each["text"], each["until"]) for each in items] == [(text, None) for text in kept]
    assert api.ask("PUT", f"{address}/{texts[0]}?until=2999-01-01T00:00:00Z", by=ada).status == 204
    assert [each["until"] for each in api.ask("GET", address, by=ada).json["items"]].count(None) == 1
    for text in chain(texts, ["another"]):
        assert api.ask("DELETE", f"{address}/{text}", by=ada).status == 204
    assert api.ask("GET", address, by=ada).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/v1/me/muted_tags/---", "tag"),
        ("/v1/me/muted_words/%20", "word"),
        ("/v1/me/muted_words/" + "x" * 51, "word"),
        ("/v1/me/muted_words/x?until=2001-01-01T00:00:00Z", "until"),
        ("/v1/me/muted_words/x?until=soon", "until"),
        ("/v1/me/muted_words/x?until=2999-01-01T00:00:00", "until"),
    ],
)
def test_texts_that_are_none(api: Api, ada: Account, address: str, field: str) -> None:
    answer = api.ask("PUT", address, by=ada)
    assert (answer.status, answer.fields) == (422, [field])


def test_no_more_texts_than_may_be(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.services.muted_texts.MAX_MUTED_TEXTS", 1)
    assert api.ask("PUT", "/v1/me/muted_words/one", by=ada).status == 204
    answer = api.ask("PUT", "/v1/me/muted_words/two", by=ada)
    assert (answer.status, answer.code) == (409, "too-many-mutes")
    assert api.ask("PUT", "/v1/me/muted_words/one", by=ada).status == 204


# ---------------------------------------------------------------- cursors


@pytest.fixture(scope="module")
def crowd(api: Api) -> tuple[Account, list[Account]]:
    hub, people = api.join(), [api.join() for _ in range(3)]
    for each in people:
        for one, two in ((each, hub), (hub, each)):
            assert put(api, "follow", one, two).status == 204
    return hub, people


def test_cursors_are_their_owners_alone(api: Api, crowd: tuple[Account, list[Account]]) -> None:
    hub, people = crowd
    for which in ("followers", "following"):
        path = f"/v1/profiles/{hub.handle}/{which}?limit=1"
        cursor = api.ask("GET", path, by=hub).json["next_cursor"]
        assert api.ask("GET", f"{path}&cursor={cursor}", by=hub).status == 200
        for by, other in (
            (people[0], path),
            (None, path),
            (hub, f"/v1/profiles/{people[0].handle}/{which}?limit=1"),
            (hub, "/v1/me/blocks?limit=1"),
            (hub, "/v1/me/mutes?limit=1"),
            (hub, "/v1/me/follow_requests?limit=1"),
        ):
            answer = api.ask("GET", f"{other}&cursor={cursor}", by=by)
            assert (answer.status, answer.code) == (400, "bad-cursor")
        for bad in (cursor[:-2] + "xx", "x", "%C3%BC"):
            assert api.ask("GET", f"{path}&cursor={bad}", by=hub).status == 400
