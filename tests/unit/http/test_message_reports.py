"""Reports of messages: what one of the two may say, and what moderators see of a conversation."""

from typing import Any

import pytest

from tests.unit.http.api import Account, Answer, Api

MODERATOR = Account(groups=("moderators",))


@pytest.fixture
def bob(api: Api) -> Account:
    return api.join(display_name="Bob")


def send(api: Api, by: Account, talk: str, text: str, **more: Any) -> str:
    answer = api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": text, **more}, by=by)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def begin(api: Api, by: Account, whom: Account) -> str:
    return str(api.ask("POST", "/v1/conversations", {"handle": whom.handle}, by=by).json["id"])


def report(api: Api, by: Account, talk: str, message: str) -> Answer:
    body = {"target": f"conversations/{talk}/messages/{message}", "reason": "harassment", "text": "He threatens me."}
    return api.ask("POST", "/v1/reports", body, by=by)


def decide(api: Api, action: str, talk: str, message: str, by: Account = MODERATOR) -> Answer:
    body = {"action": action, "target": f"conversations/{talk}/messages/{message}", "reason": "A threat."}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def case(api: Api, made: Answer) -> Any:
    answer = api.ask("GET", f"/v1/moderation/cases/{made.json['id']}", by=MODERATOR)
    assert answer.status == 200, answer.text
    return answer.json


def texts(api: Api, by: Account, talk: str) -> list[str]:
    return [each["text"] for each in api.ask("GET", f"/v1/conversations/{talk}/messages", by=by).json["items"]]


def threatened(api: Api, ada: Account, bob: Account) -> tuple[str, str]:
    """Have Ada and Bob write to each other, and Bob threaten; return the conversation and that message."""
    talk = begin(api, ada, bob)
    for number in range(4):
        send(api, (ada, bob)[number % 2], talk, f"before {number}")
    threat = send(api, bob, talk, "I will find you")
    for number in range(3):
        send(api, ada, talk, f"after {number}")
    return talk, threat


def test_moderators_see_the_message_and_a_few_around_it(api: Api, ada: Account, bob: Account) -> None:
    talk, threat = threatened(api, ada, bob)
    made = report(api, ada, talk, threat)
    assert (made.status, made.json["state"]) == (201, "open")
    assert report(api, ada, talk, threat).json["id"] == made.json["id"]
    seen = case(api, made)["messages"]
    expected = ["before 2", "before 3", "I will find you", "after 0", "after 1"]
    assert [each["text"] for each in seen] == expected
    assert [each["handle"] for each in seen if each["reported"]] == [bob.handle]
    assert api.ask("GET", f"/v1/conversations/{talk}/messages", by=MODERATOR).status == 404
    assert decide(api, "dismiss", talk, threat).status == 201
    assert case(api, made)["messages"] == [], "what is decided is nobody's business any more"


def test_a_report_beyond_the_days_keeps_nothing(
    api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, threat = threatened(api, ada, bob)
    monkeypatch.setattr("chalicelib.services.reports.REPORTS", 0)
    assert report(api, ada, talk, threat).status == 429
    assert api.ask("DELETE", f"/v1/conversations/{talk}/messages/{threat}", by=bob).status == 204
    assert decide(api, "remove", talk, threat).code == "nothing-to-decide", "there is no such message any more"


def test_none_but_the_two_report(api: Api, ada: Account, bob: Account) -> None:
    talk, threat = threatened(api, ada, bob)
    assert report(api, api.join(), talk, threat).status == 404
    assert report(api, bob, talk, threat).fields == ["target"], "it is his own"
    assert report(api, ada, talk, "0" * 26).status == 404
    assert report(api, ada, begin(api, ada, api.join()), threat).status == 404
    assert decide(api, "remove", talk, threat).code == "nothing-to-decide", "moderators look into nothing by themselves"
    own = Account(bob.account_id, groups=("moderators",))
    assert report(api, ada, talk, threat).status == 201
    for action in ("remove", "dismiss"):
        assert decide(api, action, talk, threat, by=own).fields == ["target"]


def test_whoever_blocked_reports_as_well(api: Api, ada: Account, bob: Account) -> None:
    talk, threat = threatened(api, ada, bob)
    assert api.ask("PUT", f"/v1/profiles/{bob.handle}/block", by=ada).status == 204
    assert report(api, ada, talk, threat).status == 201


def test_a_removed_message_is_gone_for_both(api: Api, ada: Account, bob: Account) -> None:
    talk = begin(api, ada, bob)
    picture = api.ready(bob)
    send(api, ada, talk, "hello")
    threat = send(api, bob, talk, "I will find you", media=[picture])
    made = report(api, ada, talk, threat)
    assert [each["media_id"] for each in case(api, made)["pictures"]] == [picture]
    assert decide(api, "label", talk, threat).status == 422
    removed = decide(api, "remove", talk, threat)
    assert removed.status == 201, removed.text
    assert decide(api, "remove", talk, threat).json == removed.json
    for each in (ada, bob):
        assert texts(api, each, talk) == ["hello"]
        assert api.ask("GET", "/v1/conversations", by=each).json["items"][0]["excerpt"] == ""
    shown = case(api, made)
    assert (shown["state"], shown["messages"]) == ("decided", [])
    assert decide(api, "remove", talk, threat, by=Account(groups=("moderators",))).code == "already-decided"


@pytest.mark.parametrize("action", ["remove", "dismiss"])
def test_who_wrote_it_cannot_take_it_from_moderators(api: Api, ada: Account, bob: Account, action: str) -> None:
    talk, threat = threatened(api, ada, bob)
    made = report(api, ada, talk, threat)
    path = f"/v1/conversations/{talk}/messages/{threat}"
    assert [api.ask("DELETE", path, by=bob).status for _ in range(2)] == [204, 204]
    for each in (ada, bob):
        assert "I will find you" not in texts(api, each, talk)
    [seen] = [each for each in case(api, made)["messages"] if each["reported"]]
    assert (seen["text"], seen["deleted"]) == ("I will find you", True)
    assert decide(api, action, talk, threat).status == 201
    again = report(api, ada, talk, threat)
    assert again.status == 404, "nothing of it is kept"


def test_a_message_that_is_cleared_is_deleted_as_any(api: Api, ada: Account, bob: Account) -> None:
    talk, threat = threatened(api, ada, bob)
    report(api, ada, talk, threat)
    assert decide(api, "dismiss", talk, threat).status == 201
    assert api.ask("DELETE", f"/v1/conversations/{talk}/messages/{threat}", by=bob).status == 204
    made = report(api, ada, talk, threat)
    assert made.status == 404
