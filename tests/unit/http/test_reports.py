"""Reports, and what moderators decide about what people show: as clients see it."""

from typing import Any

import pytest

from chalicelib.services.reports import REPORTS
from tests.unit.http.api import Account, Answer, Api

MODERATOR = Account(groups=("moderators",))


def report(api: Api, by: Account, target: str, **fields: Any) -> Answer:
    return api.ask("POST", "/v1/reports", {"target": target, "reason": "spam", **fields}, by=by)


def decide(api: Api, action: str, target: str, by: Account = MODERATOR, **fields: Any) -> Answer:
    body = {"action": action, "target": target, "reason": "It breaks rule 3.", **fields}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def open_about(api: Api, target: str) -> list[Any]:
    items: list[Any] = []
    path: str | None = "/v1/moderation/queue?kind=report"
    while path is not None:
        answer = api.ask("GET", path, by=MODERATOR)
        items += answer.json["items"]
        path = answer.headers["link"].split("<")[1].split(">")[0] if answer.json["next_cursor"] else None
    return [each for each in items if each["target"] == target]


def listed(api: Api, account: Account, by: Account | None = None) -> list[str]:
    path = f"/v1/profiles/{account.handle}/posts"
    return [each["id"] for each in api.ask("GET", path, by=by).json["items"]]


def test_from_the_report_to_the_removal_and_back(api: Api, ada: Account) -> None:
    bob, media_id = api.join(), api.ready(ada)
    older, post, newer = api.post(ada)["id"], api.post(ada, media_id)["id"], api.post(ada)["id"]
    target, path = f"posts/{post}", f"/v1/posts/{post}"
    url = api.ask("GET", path).json["media"][0]["picture"]["renditions"][0]["url"]
    made = report(api, bob, target, text="The same thing a hundred times.")
    assert (made.status, made.json["state"], made.json["reason"]) == (201, "open", "spam")
    assert report(api, bob, target).json["id"] == made.json["id"], "one open report for each person and target"
    assert report(api, api.join(), target, reason="hate").json["id"] != made.json["id"]
    assert len(open_about(api, target)) == 2
    seen = api.ask("GET", f"/v1/moderation/cases/{made.json['id']}", by=MODERATOR).json
    assert (seen["text"], seen["evidence"]) == ("The same thing a hundred times.", ["spam"])

    before = api.ask("GET", f"/v1/profiles/{ada.handle}").json["counters"]["posts"]
    removed = decide(api, "remove", target)
    assert removed.status == 201, removed.text
    assert decide(api, "remove", target).json == removed.json, "the same once more"
    assert open_about(api, target) == []
    for by in (None, bob, MODERATOR):
        assert api.ask("GET", path, by=by).status == 404
    assert listed(api, ada) == [newer, older]
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").json["counters"]["posts"] == before - 1
    assert api.ask("GET", f"/v1/media/{media_id}").status == 404
    own = api.ask("GET", path, by=ada).json
    assert (own["state"], own["reason"]["code"], own["reason"]["message"]) == (
        "removed",
        "removed",
        "It breaks rule 3.",
    )
    assert "/held/" in own["media"][0]["picture"]["renditions"][0]["url"]
    assert [each["id"] for each in api.ask("GET", "/v1/me/posts?state=removed", by=ada).json["items"]] == [post]
    for change in ({"publish": "now"}, {"title": "x"}, {"visibility": "unlisted"}):
        assert api.ask("PATCH", path, change, by=ada).code == "post-removed"

    appealed = api.ask("POST", f"{path}/appeals", {"text": "It is a series."}, by=ada)
    assert (appealed.status, appealed.json["state"]) == (201, "open")
    assert api.ask("POST", f"{path}/appeals", {"text": "x"}, by=ada).code == "appeal-open"
    assert api.ask("GET", path, by=ada).json["appeal"]["state"] == "open"
    other = Account(groups=("moderators",))
    granted = decide(api, "grant_appeal", target, by=other)
    assert granted.status == 201, granted.text
    back = api.ask("GET", path, by=bob).json
    assert (back["state"], back["reason"], back["appeal"]) == ("published", None, None)
    assert back["media"][0]["picture"]["renditions"][0]["url"] == url
    assert listed(api, ada) == [newer, post, older], "it is at its old place"
    entries = api.ask("GET", f"/v1/moderation/log?target={target}", by=MODERATOR).json["items"]
    assert [(each["action"], each["before"]["state"], each["after"]["state"]) for each in entries] == [
        ("grant_appeal", "removed", "processing"),
        ("remove", "published", "removed"),
    ]


def test_a_refused_appeal_is_told_and_final(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    assert api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "x"}, by=ada).code == "not-appealable"
    decide(api, "remove", f"posts/{post}")
    assert api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "x"}, by=api.join()).status == 404
    assert decide(api, "grant_appeal", f"posts/{post}").status == 409, "nobody asked"
    api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "Why?"}, by=ada)
    assert decide(api, "refuse_appeal", f"posts/{post}", reason="Because.").status == 201
    own = api.ask("GET", f"/v1/posts/{post}", by=ada).json
    assert (own["state"], own["appeal"]["state"], own["appeal"]["answer"]) == ("removed", "refused", "Because.")
    assert api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "x"}, by=ada).code == "appeal-decided"
    assert decide(api, "restore", f"posts/{post}").status == 201
    assert api.ask("GET", f"/v1/posts/{post}").json["state"] == "published"
    decide(api, "remove", f"posts/{post}")
    assert api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "x"}, by=ada).status == 201, "another removal"


def test_labels_are_no_word_on_an_appeal(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    decide(api, "remove", f"posts/{post}")
    api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "Why?"}, by=ada)
    assert decide(api, "label", f"posts/{post}", labels=["gore"]).status == 201
    assert decide(api, "refuse_appeal", f"posts/{post}").status == 201
    assert api.ask("GET", f"/v1/posts/{post}", by=ada).json["appeal"]["state"] == "refused"


def test_labels_stand_wherever_a_post_shows_and_stay(api: Api, ada: Account) -> None:
    post = api.post(ada, content_warnings=["spiders"])["id"]
    assert decide(api, "label", f"posts/{post}").fields == ["labels"]
    assert decide(api, "remove", f"posts/{post}", labels=["gore"]).fields == ["labels"]
    assert decide(api, "label", f"posts/{post}", labels=["gore", "nudity"]).status == 201
    path = f"/v1/posts/{post}"
    assert api.ask("GET", path).json["content_warnings"] == ["spiders", "gore", "nudity"]
    api.ask("PATCH", path, {"content_warnings": []}, by=ada)
    [card] = api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"]
    assert api.ask("GET", path).json["content_warnings"] == card["content_warnings"] == ["gore", "nudity"]
    assert decide(api, "restore", f"posts/{post}").status == 201
    assert api.ask("GET", path).json["content_warnings"] == []


def test_a_comment_is_removed(api: Api, ada: Account) -> None:
    bob, post = api.join(), api.post(ada)["id"]
    comment = api.ask("POST", f"/v1/posts/{post}/comments", {"text": "Buy this."}, by=bob).json["id"]
    assert report(api, ada, f"comments/{comment}").status == 201
    assert decide(api, "restore", f"comments/{comment}").code == "nothing-to-decide"
    assert decide(api, "label", f"comments/{comment}", labels=["gore"]).fields == ["action"]
    removed = decide(api, "remove", f"comments/{comment}")
    assert removed.status == 201
    assert decide(api, "remove", f"comments/{comment}").json == removed.json
    assert api.ask("GET", f"/v1/posts/{post}/comments").json["items"] == []
    assert open_about(api, f"comments/{comment}") == []
    assert report(api, ada, f"comments/{comment}").status == 404


def test_what_cannot_be_reported(api: Api, ada: Account) -> None:
    bob = api.join()
    draft, own = api.post(ada, publish="draft")["id"], api.post(bob)["id"]
    held = api.ready(ada)
    for target in (f"posts/{draft}", f"media/{held}", "posts/x", "profiles/nobody-at-all", "comments/x"):
        assert report(api, bob, target).status == 404, target
    assert report(api, bob, f"posts/{own}").fields == ["target"]
    assert report(api, bob, f"profiles/{bob.handle}").fields == ["target"]
    assert report(api, bob, "handles/x").fields == ["target"]
    assert report(api, bob, "jobs/x").status == 404
    assert report(api, bob, f"posts/{own}", reason="dislike").fields == ["reason"]
    assert api.ask("POST", "/v1/reports", {"target": f"posts/{own}", "reason": "spam"}).status == 401


def test_a_profile_is_reported_by_its_handle_and_kept_by_its_account(api: Api, ada: Account) -> None:
    assert report(api, api.join(), f"profiles/{ada.handle}").json["target"] == f"profiles/{ada.handle}"
    assert len(open_about(api, f"accounts/{ada.account_id}")) == 1
    assert decide(api, "dismiss", f"accounts/{ada.account_id}").status == 201
    assert open_about(api, f"accounts/{ada.account_id}") == []


def test_after_a_decision_the_same_can_be_reported_anew(api: Api, ada: Account) -> None:
    bob, target = api.join(), f"posts/{api.post(ada)['id']}"
    first = report(api, bob, target).json
    decide(api, "dismiss", target)
    second = report(api, bob, target).json
    assert (second["state"], second["id"] != first["id"]) == ("open", True)
    assert len(open_about(api, target)) == 1


def test_reports_have_an_allowance(api: Api, ada: Account) -> None:
    bob = api.join()
    for _ in range(REPORTS):
        assert report(api, bob, f"posts/{api.post(ada)['id']}").status == 201
    too_many = report(api, bob, f"posts/{api.post(ada)['id']}")
    assert (too_many.status, too_many.headers["ratelimit-remaining"]) == (429, "0")


@pytest.mark.parametrize("action", ["remove", "label", "restore", "dismiss"])
def test_moderators_do_not_decide_about_themselves(api: Api, action: str) -> None:
    moderator = api.join(Account(groups=("moderators",)))
    post = api.post(moderator)["id"]
    more = {"labels": ["gore"]} if action == "label" else {}
    targets = [f"posts/{post}"]
    if action == "dismiss":
        comment = api.ask("POST", f"/v1/posts/{post}/comments", {"text": "x"}, by=moderator).json["id"]
        targets += [f"comments/{comment}", f"profiles/{moderator.handle}", f"accounts/{moderator.account_id}"]
        for target in (f"posts/{post}", f"comments/{comment}"):
            assert report(api, api.join(), target).status == 201
    for target in targets:
        assert decide(api, action, target, by=moderator, **more).fields == ["target"]
