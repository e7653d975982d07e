"""Appeals and the moderators' routes, as clients see them."""

from typing import Any

import pytest

from tests.unit.http.api import UPLOAD, Account, Answer, Api

MODERATOR = Account(groups=("artists", "moderators"))


def appeal(api: Api, account: Account, media_id: str, **fields: Any) -> Answer:
    return api.ask("POST", f"/v1/media/{media_id}/appeals", {"text": "I painted it.", **fields}, by=account)


def decide(api: Api, action: str, media_id: str, by: Account = MODERATOR, **fields: Any) -> Answer:
    body = {"action": action, "target": f"media/{media_id}", "reason": "The layers show it.", **fields}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def queue(api: Api, query: str = "") -> list[Any]:
    items: list[Any] = []
    path: str | None = f"/v1/moderation/queue?{query}"
    while path is not None:
        answer = api.ask("GET", path, by=MODERATOR)
        assert answer.headers["cache-control"] == "private, no-store"
        items += answer.json["items"]
        path = answer.headers["link"].split("<")[1].split(">")[0] if answer.json["next_cursor"] else None
    return items


def test_from_the_appeal_to_the_published_post(api: Api, ada: Account) -> None:
    media_id, sketch = api.refused(ada), api.ready(ada)
    post = api.post(ada, media_id)
    opened = appeal(api, ada, media_id, process_media_ids=[sketch])
    assert (opened.status, opened.json["state"], opened.json["answer"]) == (201, "open", None)
    assert api.ask("GET", opened.headers["location"], by=ada).json["appeal"] == opened.json
    [case] = [each for each in queue(api, "kind=appeal&limit=1") if each["target"] == f"media/{media_id}"]
    assert (case["kind"], case["excerpt"], case["opened_by"]) == ("appeal", "I painted it.", ada.account_id)
    seen = api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=MODERATOR).json
    assert (seen["evidence"], seen["subject"]["state"], seen["decision"]) == (["xmp: trained"], "refused", None)
    [shown] = seen["subject"]["files"]
    assert f"/held/{media_id}/" in shown["url"], "a small file that the protection function made, not the original"
    assert not api.ask("GET", f"/v1/media/{media_id}", by=ada).json["renditions"]
    [picture] = seen["pictures"]
    assert picture["media_id"] == sketch
    assert all(f"/held/{sketch}/" in each["url"] and "Signature=" in each["url"] for each in picture["files"])
    decided = decide(api, "grant_appeal", media_id)
    assert (decided.status, decided.json["decided_by"]) == (201, MODERATOR.account_id)
    media = api.ask("GET", f"/v1/media/{media_id}", by=ada).json
    assert (media["state"], media["appeal"]["state"]) == ("queued", "granted")
    assert media["appeal"]["answer"] == "The layers show it."
    api.arrive(ada, media_id)
    assert api.ask("GET", f"/v1/posts/{post['id']}").json["state"] == "published"
    assert "appeal" not in api.ask("GET", f"/v1/media/{media_id}").json, "it is nobody else's business"
    [entry] = api.ask("GET", f"/v1/moderation/log?target=media/{media_id}", by=MODERATOR).json["items"]
    assert entry["id"] == decided.json["id"]
    assert (entry["before"]["state"], entry["after"]["state"], entry["cases"]) == ("refused", "queued", [case["id"]])


def test_two_decisions(api: Api, ada: Account) -> None:
    media_id = api.refused(ada)
    assert appeal(api, ada, media_id).status == 201
    first = decide(api, "refuse_appeal", media_id)
    assert decide(api, "refuse_appeal", media_id).json == first.json
    other = decide(api, "grant_appeal", media_id, by=Account(groups=("moderators",)))
    assert (other.status, other.code) == (409, "already-decided")
    assert "The layers show it." in other.json["detail"]
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["appeal"]["state"] == "refused"
    replaced = decide(api, "grant_appeal", media_id, replaces=first.json["id"])
    assert replaced.status == 201


def test_labels_are_no_word_on_an_appeal(api: Api, ada: Account) -> None:
    """Whatever is decided meanwhile: an appeal stays open until it is granted or refused."""
    media_id = api.refused(ada)
    appeal(api, ada, media_id)
    assert decide(api, "label", media_id, labels=["gore"]).status == 201
    assert decide(api, "restore", media_id).status == 201
    assert f"media/{media_id}" in [case["target"] for case in queue(api, "kind=appeal")]
    assert decide(api, "refuse_appeal", media_id).status == 201
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["appeal"]["state"] == "refused"


def test_an_appeal_that_is_sent_again_by_its_key(api: Api, ada: Account) -> None:
    media_id = api.refused(ada)
    path, body = f"/v1/media/{media_id}/appeals", {"text": "I painted it."}
    first, again = (api.ask("POST", path, body, by=ada, idempotency_key="one appeal") for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json)
    without = appeal(api, ada, media_id)
    assert (without.status, without.code) == (409, "appeal-open")


def test_a_suspended_account_may_only_ask_why(api: Api) -> None:
    ada = api.join()
    media_id, post = api.ready(ada), api.post(ada)
    assert api.ask("GET", "/v1/me", by=ada).json["suspended"] is None

    def say(action: str) -> Answer:
        body = {"action": action, "target": f"profiles/{ada.handle}", "reason": "Sold what others painted."}
        return api.ask("POST", "/v1/moderation/decisions", body, by=MODERATOR)

    assert say("suspend").json["target"] == f"accounts/{ada.account_id}"
    for method, path, body in (
        ("GET", "/v1/me/posts", None),
        ("POST", "/v1/reports", {"target": f"posts/{post['id']}", "reason": "spam"}),
        ("PUT", "/v1/me", {"handle": ada.handle, "display_name": "Ada"}),
        ("POST", "/v1/uploads", UPLOAD),
        ("POST", f"/v1/media/{media_id}/appeals", {"text": "x"}),
        ("PATCH", f"/v1/posts/{post['id']}", {"title": "x"}),
        ("DELETE", f"/v1/posts/{post['id']}", None),
    ):
        assert api.ask(method, path, body, by=ada).status == 403
    assert api.ask("GET", "/v1/me", by=ada).json["suspended"] == "Sold what others painted."
    assert api.ask("GET", f"/v1/posts/{post['id']}").status == 200, "what it published is decided about by itself"
    assert say("unsuspend").status == 201
    assert api.ask("GET", "/v1/me/posts", by=ada).status == 200


@pytest.mark.parametrize("groups", [(), ("artists",), ("moderators2", "not-moderators")])
def test_only_moderators(api: Api, groups: tuple[str, ...]) -> None:
    account = Account(groups=groups)
    for method, path, body in (
        ("GET", "/v1/moderation/queue", None),
        ("GET", "/v1/moderation/cases/x", None),
        ("GET", "/v1/moderation/log?target=media/x", None),
        ("POST", "/v1/moderation/decisions", {"nonsense": True}),
    ):
        answer = api.ask(method, path, body, by=account)
        assert (answer.status, answer.code) == (403, "moderators-only")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["text"]),
        ({"text": " "}, ["text"]),
        ({"text": "x" * 2001}, ["text"]),
        ({"text": "x", "process_media_ids": ["a"] * 6}, ["process_media_ids"]),
        ({"text": "x", "process_media_ids": ["a"]}, ["process_media_ids[0]"]),
        ({"text": "x", "process_media_ids": [""]}, ["process_media_ids[0]"]),
        ({"text": "x", "owner": "y"}, ["owner"]),
    ],
)
def test_appeals_that_are_not_understood(api: Api, ada: Account, body: Any, fields: list[str]) -> None:
    answer = api.ask("POST", f"/v1/media/{ada.account_id}/appeals", body, by=ada)
    assert (answer.status, answer.fields) == (422, fields)


def test_what_moderators_ask_wrong(api: Api) -> None:
    good = {"action": "dismiss", "target": "media/x", "reason": "x"}
    for wrong in ({"action": "burn"}, {"reason": " "}, {"target": "media"}, {"target": "../media"}):
        answer = api.ask("POST", "/v1/moderation/decisions", good | wrong, by=MODERATOR)
        assert (answer.status, answer.fields) == (422, [*wrong])
    assert decide(api, "grant_appeal", "x").fields == ["target"]
    assert decide(api, "grant_appeal", "01KB0000000000000000000000").status == 404
    assert decide(api, "dismiss", "01KB0000000000000000000000").status == 409
    assert api.ask("GET", "/v1/moderation/log", by=MODERATOR).fields == ["target"]
    assert api.ask("GET", "/v1/moderation/queue?kind=x", by=MODERATOR).fields == ["kind"]
    assert api.ask("GET", "/v1/moderation/cases/x", by=MODERATOR).status == 404
    assert api.ask("GET", "/v1/moderation/queue?cursor=x", by=MODERATOR).code == "bad-cursor"
