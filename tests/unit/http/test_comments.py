"""Comments, as clients write and read them."""

from typing import Any

import pytest

from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.test_lists import follow


def write(api: Api, by: Account, post: str, text: str = "Good", **fields: Any) -> Answer:
    return api.ask("POST", f"/v1/posts/{post}/comments", {"text": text, **fields}, by=by)


def test_thread(api: Api, ada: Account) -> None:
    bob = api.join()
    post = api.post(ada)["id"]
    written = write(api, bob, post, f"  Look, @{ada.handle.upper()}!\n")
    assert (written.status, written.headers["cache-control"]) == (201, "private, no-store")
    comment = written.json
    assert (comment["text"], comment["mentions"]) == (f"Look, @{ada.handle.upper()}!", [ada.handle])
    assert comment["author"] == {"handle": bob.handle, "display_name": "Ada"}
    assert (comment["post_id"], comment["parent_id"], comment["deleted"]) == (post, None, False)
    answer = write(api, ada, post, "Thanks", parent_id=comment["id"]).json
    assert answer["parent_id"] == comment["id"]
    listed = api.ask("GET", f"/v1/posts/{post}/comments")
    assert listed.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert listed.json == {"pinned": None, "items": [{**comment, "answers": 1}], "next_cursor": None}
    path = f"/v1/posts/{post}/comments?parent_id={comment['id']}"
    assert api.ask("GET", path).json["items"] == [answer]
    assert api.ask("GET", path, by=bob).headers["cache-control"] == "private, no-store"
    assert bob.account_id not in listed.text
    assert api.ask("DELETE", f"/v1/comments/{comment['id']}", by=bob).status == 204
    (left,) = api.ask("GET", f"/v1/posts/{post}/comments").json["items"]
    assert (left["author"], left["text"], left["deleted"], left["answers"]) == (None, "", True, 1)


def test_pinned(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    comment = write(api, ada, post).json["id"]
    path = f"/v1/posts/{post}/pinned_comment"
    assert api.ask("PUT", path, {"comment_id": comment}, by=api.join()).status == 404
    assert api.ask("PUT", path, {"comment_id": "x"}, by=ada).fields == ["comment_id"]
    assert api.ask("PUT", path, {"comment_id": comment}, by=ada).status == 204
    assert api.ask("GET", f"/v1/posts/{post}/comments").json["pinned"]["id"] == comment
    assert api.ask("DELETE", path, by=ada).status == 204
    assert api.ask("GET", f"/v1/posts/{post}/comments").json["pinned"] is None


def test_pages_and_cursors(api: Api, ada: Account) -> None:
    post, other = api.post(ada)["id"], api.post(ada)["id"]
    written = [write(api, ada, post, f"{number}").json["id"] for number in range(3)]
    for order, expected in (("oldest", written), ("newest", written[::-1])):
        first = api.ask("GET", f"/v1/posts/{post}/comments?limit=2&order={order}")
        second = api.ask("GET", follow(first) or "")
        assert [item["id"] for page in (first, second) for item in page.json["items"]] == expected
    cursor = api.ask("GET", f"/v1/posts/{post}/comments?limit=2").json["next_cursor"]
    for path in (f"{other}/comments?", f"{post}/comments?order=newest&", f"{post}/comments?parent_id={written[0]}&"):
        answer = api.ask("GET", f"/v1/posts/{path}cursor={cursor}")
        assert (answer.status, answer.code) == (400, "bad-cursor")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "\u200b", "a\0b"])
def test_texts_that_are_none(api: Api, ada: Account, text: str) -> None:
    answer = write(api, ada, api.post(ada)["id"], text)
    assert (answer.status, answer.fields) == (422, ["text"])


def test_errors(api: Api, ada: Account) -> None:
    bob = api.join()
    post = api.post(ada, comments="nobody")["id"]
    assert api.ask("GET", f"/v1/posts/{post}").json["comments"] == "nobody"
    closed = write(api, bob, post)
    assert (closed.status, closed.code) == (403, "comments-closed")
    assert write(api, ada, post).status == 201
    assert write(api, ada, post, parent_id="nonsense").fields == ["parent_id"]
    assert write(api, ada, post, " ".join(f"@some{number}" for number in range(21))).fields == ["text"]
    assert api.ask("DELETE", "/v1/comments/nonsense", by=ada).status == 404
    assert api.ask("GET", "/v1/posts/nonsense/comments").status == 404


def test_once_by_key(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    made = [
        api.ask("POST", f"/v1/posts/{post}/comments", {"text": "x"}, by=ada, idempotency_key="one key").json["id"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(api.ask("GET", f"/v1/posts/{post}/comments").json["items"]) == 1
