"""How often an account may do what costs more than a read."""

from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.allowances import NAMES, PROTECTION, REACTIONS, Limit
from chalicelib.repositories.allowances import AllowanceRepository
from tests.unit.http.api import UPLOAD, Account, Api, description

NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
LIMITED: dict[str, tuple[str, str, Any, int]] = {
    "uploads": ("POST", "/v1/uploads", UPLOAD, 1000),
    "posts": ("POST", "/v1/posts", {"title": "x"}, 1000),
    "changed posts": ("PATCH", f"/v1/posts/{NOBODY}", {"title": "x"}, 1000),
    "orders": ("PUT", "/v1/me/portfolio/order", {"posts": []}, 100),
    "follows": ("PUT", "/v1/profiles/nobody/follow", None, 1000),
    "blocks": ("PUT", "/v1/profiles/nobody/block", None, 1000),
    "likes": ("PUT", f"/v1/posts/{NOBODY}/like", None, 3000),
    "bookmarks": ("PUT", f"/v1/posts/{NOBODY}/bookmark", None, 3000),
    "reposts": ("PUT", f"/v1/posts/{NOBODY}/repost", None, 3000),
    "mutes": ("PUT", "/v1/profiles/nobody/mute", None, 1000),
    "muted tags": ("PUT", "/v1/me/muted_tags/x", None, 1000),
    "muted words": ("PUT", "/v1/me/muted_words/x", None, 1000),
    "pinned comments": ("PUT", f"/v1/posts/{NOBODY}/pinned_comment", {"comment_id": NOBODY}, 1000),
    "comments no longer pinned": ("DELETE", f"/v1/posts/{NOBODY}/pinned_comment", None, 1000),
    "studios": ("POST", "/v1/studios", {"name": "x", "slug": "admin"}, 10),
    "invitations": ("POST", "/v1/studios/nobodys/members", {"handle": "nobody"}, 100),
    "jobs": ("POST", "/v1/jobs", {"studio": "nobodys"}, 200),
    "job alerts": ("POST", "/v1/me/job_alerts", {"name": "x"}, 200),
    "changed jobs": ("PATCH", f"/v1/jobs/{NOBODY}", {}, 200),
    "applications": ("POST", f"/v1/jobs/{NOBODY}/applications", {"posts": ["x"], "letter": "x"}, 100),
    "resumes": ("POST", f"/v1/jobs/{NOBODY}/resumes", {"bytes": 1}, 100),
    "conversations of studios": ("POST", "/v1/applications/nobodys/conversation", None, 200),
    "comments": ("POST", f"/v1/posts/{NOBODY}/comments", {"text": "x"}, 1000),
    "conversations": ("POST", "/v1/conversations", {"handle": "nobody"}, 200),
    "messages": ("POST", f"/v1/conversations/{NOBODY}/messages", {"text": "x"}, 3000),
    "exports": ("POST", "/v1/me/exports", None, 5),
}


@pytest.mark.parametrize("name", LIMITED)
def test_what_costs_much_can_be_done_so_often_a_day(api: Api, ada: Account, name: str) -> None:
    method, path, body, number = LIMITED[name]
    use, begun = AllowanceRepository.use, number - 1

    def used(self: AllowanceRepository, key: str, expires_at: int, number: int = 1) -> int:
        return begun + use(self, key, expires_at, number)

    with mock.patch.object(AllowanceRepository, "use", used):
        last, beyond = (api.ask(method, path, body, by=ada) for _ in range(2))
        others = api.ask(method, path, body, by=api.join())
    assert (last.status, others.status) != (429, 429)
    assert (beyond.status, beyond.code) == (429, "too-many-requests")
    assert beyond.headers["ratelimit-limit"] == str(number)
    assert 0 < int(beyond.headers["retry-after"]) <= 24 * 3600


def test_the_description_tells_what_is_limited() -> None:
    told = [
        "429" in description()["paths"][path][method]["responses"]
        for method, path in (("post", "/v1/posts"), ("put", "/v1/me"), ("put", "/v1/profiles/{handle}/follow"))
    ]
    assert told == [True, True, True]


def test_an_answer_that_is_given_again_counts_once(api: Api, ada: Account) -> None:
    with mock.patch.object(AllowanceRepository, "use", autospec=True, return_value=1) as use:
        for _ in range(3):
            assert api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="k").status == 201
    assert use.call_count == 1


def test_a_name_that_all_lists_show_is_changed_so_often_a_day(api: Api) -> None:
    ada = api.join()
    for number in range(NAMES.number):
        api.join(ada, display_name=f"Ada {number}")
        api.join(ada, display_name=f"Ada {number}", bio=f"What no list shows: {number}")
    body = {"handle": ada.handle, "display_name": "Ada of many names"}
    answer = api.ask("PUT", "/v1/me", body, by=ada)
    assert (answer.status, answer.code) == (429, "too-many-requests")
    assert api.ask("GET", "/v1/me", by=ada).json["display_name"] == f"Ada {NAMES.number - 1}"


def test_who_looks_for_work_says_another_thing_so_often_a_day_and_stops_at_any_time(api: Api, ada: Account) -> None:
    work = {"country": "DE", "audience": "everyone"}
    with mock.patch("chalicelib.services.profiles.LOOKING", Limit("looking", 2)):
        for country in ("DE", "FR"):
            api.join(ada, availability="open", work={**work, "country": country})
            api.join(ada, availability="open", work={**work, "country": country}, bio=f"Not of it: {country}")
        body = {"handle": ada.handle, "display_name": "Ada", "availability": "freelance", "work": work}
        answer = api.ask("PUT", "/v1/me", body, by=ada)
        assert (answer.status, answer.code) == (429, "too-many-requests")
        api.join(ada, availability="open", work={"country": "FR", "audience": "verified_studios"})
        api.join(ada, availability="closed")


def test_a_limit_is_a_days_unless_it_says_otherwise() -> None:
    assert Limit("x", 1).seconds == 24 * 3600


def test_pictures_are_opened_to_everyone_so_often_a_day(api: Api) -> None:
    """Each that is hidden again costs an invalidation; hiding is never refused."""
    ada = api.join()
    pictures = [api.ready(ada) for _ in range(3)]
    with mock.patch("chalicelib.services.posts.SHOWN", Limit("shown", 5)):
        shown = api.post(ada, *pictures)["id"]
        path = f"/v1/posts/{shown}"
        assert api.ask("PATCH", path, {"title": "shown on"}, by=ada).status == 200
        assert api.ask("PATCH", path, {"visibility": "unlisted"}, by=ada).status == 200
        assert api.ask("PATCH", path, {"visibility": "private"}, by=ada).status == 200
        beyond = api.ask("PATCH", path, {"visibility": "public"}, by=ada)
        assert (beyond.status, beyond.code) == (429, "too-many-requests")
        assert api.ask("GET", path, by=ada).json["visibility"] == "private"
        new = {"title": "x", "media": [{"id": pictures[0]}]}
        assert api.ask("POST", "/v1/posts", new, by=ada).status == 429
        others: list[dict[str, Any]] = [{"publish": "draft"}, {"visibility": "followers"}, {"media": []}]
        for fields in others:
            assert api.ask("POST", "/v1/posts", new | fields, by=ada).status == 201


def test_followers_are_approved_or_not_so_often_a_day(api: Api) -> None:
    """Each turn closes or opens all pictures of an account."""
    ada = api.join()
    for number in range(PROTECTION.number):
        api.join(ada, protected=number % 2 == 0)
    body = {"handle": ada.handle, "display_name": "Ada", "protected": True}
    assert api.ask("PUT", "/v1/me", body, by=ada).code == "too-many-requests"


def test_likes_bookmarks_and_reposts_count_together_and_are_taken_back_at_any_time(api: Api, ada: Account) -> None:
    post = api.post(api.join())["id"]
    use = AllowanceRepository.use

    def used(self: AllowanceRepository, key: str, expires_at: int, number: int = 1) -> int:
        return REACTIONS.number - 3 + use(self, key, expires_at, number)

    with mock.patch.object(AllowanceRepository, "use", used):
        kinds = ("like", "bookmark", "repost", "like")
        assert [api.ask("PUT", f"/v1/posts/{post}/{kind}", by=ada).status for kind in kinds] == [204, 204, 204, 429]
        assert [api.ask("DELETE", f"/v1/posts/{post}/{kind}", by=ada).status for kind in kinds[:3]] == [204] * 3
