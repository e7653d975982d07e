"""Comments that moderators remove, and give back: gone wherever they stood, and again exactly what they were."""

from typing import Any

import pytest

from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.background import in_background

MODERATOR = Account(groups=("moderators",))


def decide(api: Api, action: str, comment: str, by: Account = MODERATOR) -> Answer:
    body = {"action": action, "target": f"comments/{comment}", "reason": "It breaks rule 3."}
    answer = api.ask("POST", "/v1/moderation/decisions", body, by=by)
    assert answer.status == 201, answer.text
    return answer


def say(api: Api, by: Account, post: str, text: str, parent: str | None = None) -> str:
    answer = api.ask("POST", f"/v1/posts/{post}/comments", {"text": text, "parent_id": parent}, by=by)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def thread(api: Api, post: str, parent: str | None = None) -> Any:
    query = f"?parent_id={parent}" if parent else ""
    answer = api.ask("GET", f"/v1/posts/{post}/comments{query}")
    return answer.json if answer.status == 200 else answer.status


def comments(api: Api, post: str) -> int:
    return int(api.ask("GET", f"/v1/posts/{post}").json["counters"]["comments"])


@pytest.mark.parametrize("answered", [False, True])
def test_removed_and_restored_it_is_what_it_was(api: Api, ada: Account, answered: bool) -> None:
    with in_background() as background:
        bob, post = api.join(display_name="Bob"), api.post(ada)["id"]
        first = say(api, bob, post, f"Look at this, @{ada.handle}")
        say(api, ada, post, "another one")
        if answered:
            say(api, ada, post, "an answer", first)
        api.ask("PUT", f"/v1/posts/{post}/pinned_comment", {"comment_id": first}, by=ada)
        background.settle()
        before, count = thread(api, post), comments(api, post)
        assert before["pinned"]["id"] == first
        removed = decide(api, "remove", first)
        assert decide(api, "remove", first).json == removed.json
        background.settle()
        shown = thread(api, post)
        assert "Look at this" not in str(shown)
        assert bob.handle not in str(shown)
        assert (len(shown["items"]), shown["pinned"]) == (2 if answered else 1, None)
        assert comments(api, post) == count - 1
        assert (thread(api, post, first) == 404) is not answered
        decide(api, "restore", first)
        background.settle()
        assert (thread(api, post), comments(api, post)) == (before, count)
        decide(api, "remove", first)
        assert len(thread(api, post)["items"]) == (2 if answered else 1), "it can be removed anew"


def test_an_answer_is_removed_and_restored(api: Api, ada: Account) -> None:
    bob, post = api.join(), api.post(ada)["id"]
    first = say(api, ada, post, "first")
    answer = say(api, bob, post, "an answer", first)
    before = thread(api, post), thread(api, post, first)
    decide(api, "remove", answer)
    assert [each["answers"] for each in thread(api, post)["items"]] == [0]
    assert thread(api, post, first)["items"] == []
    decide(api, "restore", answer)
    assert (thread(api, post), thread(api, post, first)) == before


def test_its_author_alone_may_delete_it_for_good(api: Api, ada: Account) -> None:
    bob, post = api.join(), api.post(ada)["id"]
    for parent in (None, say(api, ada, post, "first")):
        comment = say(api, bob, post, "Buy this.", parent)
        decide(api, "remove", comment)
        assert api.ask("DELETE", f"/v1/comments/{comment}", by=ada).status == 404
        assert api.ask("DELETE", f"/v1/comments/{comment}", by=bob).status == 204
        body = {"action": "restore", "target": f"comments/{comment}", "reason": "x"}
        assert api.ask("POST", "/v1/moderation/decisions", body, by=MODERATOR).status == 409
    assert [each["answers"] for each in thread(api, post)["items"]] == [0]


def test_a_removed_comment_is_renamed_with_its_author_and_shows_nothing_of_it(api: Api, ada: Account) -> None:
    with in_background() as background:
        bob, post = api.join(display_name="Bob"), api.post(ada)["id"]
        comment = say(api, bob, post, "Buy this.")
        background.settle()
        decide(api, "remove", comment)
        api.join(bob, display_name="Robert")
        background.settle()
        assert thread(api, post)["items"] == []
        decide(api, "restore", comment)
        [shown] = thread(api, post)["items"]
        assert (shown["text"], shown["author"]["display_name"]) == ("Buy this.", "Robert")


def test_nobody_decides_about_their_own(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    own = Account(ada.account_id, groups=("moderators",))
    comment = say(api, ada, post, "mine")
    decide(api, "remove", comment)
    body = {"action": "restore", "target": f"comments/{comment}", "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", body, by=own).fields == ["target"]
