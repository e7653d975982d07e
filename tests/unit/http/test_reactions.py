"""Likes, bookmarks and reposts, as clients make them."""

import pytest

from tests.unit.http.api import Account, Api
from tests.unit.http.test_lists import pages


@pytest.mark.parametrize("kind", ["like", "bookmark", "repost"])
def test_put_and_delete(api: Api, ada: Account, kind: str) -> None:
    bob = api.join()
    post = api.post(ada)["id"]
    for method in ("PUT", "PUT", "DELETE", "DELETE", "PUT"):
        answer = api.ask(method, f"/v1/posts/{post}/{kind}", by=bob)
        assert (answer.status, answer.text, answer.headers["cache-control"]) == (204, "", "private, no-store")
    assert api.ask("PUT", f"/v1/posts/{post}/{kind}").status == 401
    assert api.ask("DELETE", f"/v1/posts/{post}/{kind}").status == 401


@pytest.mark.parametrize(("kind", "path"), [("like", "/v1/me/likes"), ("bookmark", "/v1/me/bookmarks")])
def test_own_lists(api: Api, ada: Account, kind: str, path: str) -> None:
    bob = api.join()
    posts = [api.post(ada, api.ready(ada), title=f"Post {number}", tags=["Sea"])["id"] for number in range(3)]
    for post in posts:
        api.ask("PUT", f"/v1/posts/{post}/{kind}", by=bob)
    assert pages(api, f"{path}?limit=2", bob) == [posts[:0:-1], posts[:1]]
    answer = api.ask("GET", path, by=bob)
    assert answer.headers["cache-control"] == "private, no-store"
    card = answer.json["items"][0]
    assert card["author"] == {"handle": ada.handle, "display_name": "Ada"}
    assert (card["title"], card["tags"], bool(card["cover"]["thumbnails"])) == ("Post 2", ["sea"], True)
    assert ada.account_id not in answer.text
    assert pages(api, path, ada) == [[]]
    assert api.ask("GET", path).status == 401


def test_cursor_of_one_person_is_no_use_to_another(api: Api, ada: Account) -> None:
    bob = api.join()
    for post in [api.post(ada)["id"] for _ in range(2)]:
        for kind in ("like", "bookmark"):
            api.ask("PUT", f"/v1/posts/{post}/{kind}", by=bob)
            api.ask("PUT", f"/v1/posts/{post}/{kind}", by=ada)
    cursor = api.ask("GET", "/v1/me/likes?limit=1", by=bob).json["next_cursor"]
    assert api.ask("GET", f"/v1/me/likes?cursor={cursor}", by=bob).status == 200
    for path, by in (
        (f"/v1/me/likes?cursor={cursor}", ada),
        (f"/v1/me/bookmarks?cursor={cursor}", bob),
        (f"/v1/me/likes?cursor={cursor[:-2]}AA", bob),
    ):
        answer = api.ask("GET", path, by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor")


def test_errors(api: Api, ada: Account) -> None:
    bob = api.join()
    draft, own = api.post(ada, publish="draft")["id"], api.post(bob)["id"]
    for post in (draft, "nonsense", "01M81YTG8EVXBV8JRTEB2CGT1R"):
        answer = api.ask("PUT", f"/v1/posts/{post}/like", by=bob)
        assert (answer.status, answer.json["detail"]) == (404, f"There is no post {post}.")
    assert api.ask("DELETE", "/v1/posts/nonsense/like", by=bob).status == 404
    answer = api.ask("PUT", f"/v1/posts/{own}/repost", by=bob)
    assert (answer.status, answer.code) == (409, "own-post")
