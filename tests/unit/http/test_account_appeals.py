"""Appeals against suspensions, and against the removal of what a profile says."""

from typing import Any

import pytest

from tests.unit.http.api import Account, Answer, Api

MODERATOR, COLLEAGUE = Account(groups=("moderators",)), Account(groups=("moderators",))
SUSPENSION, PROFILE = "suspension", "profile"


@pytest.fixture
def ada(api: Api) -> Account:
    return api.join(bio="I paint.")


def decide(api: Api, action: str, target: str, by: Account = MODERATOR, **more: Any) -> Answer:
    body = {"action": action, "target": target, "reason": f"So I {action}.", **more}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def appeal(api: Api, by: Account, about: str, text: str = "It was somebody else.") -> Answer:
    return api.ask("POST", "/v1/me/appeals", {"about": about, "text": text}, by=by)


def target_of(account: Account, about: str) -> str:
    return f"accounts/{account.account_id}" + ("/profile" if about == PROFILE else "")


def strike(api: Api, account: Account, about: str) -> None:
    assert decide(api, "suspend" if about == SUSPENSION else "remove", f"profiles/{account.handle}").status == 201


def told(api: Api, account: Account, about: str) -> Any:
    own = api.ask("GET", "/v1/me", by=account).json
    return own["suspension_appeal" if about == SUSPENSION else "removal_appeal"]


def stands(api: Api, account: Account, about: str) -> bool:
    own = api.ask("GET", "/v1/me", by=account).json
    return own["suspended" if about == SUSPENSION else "removed"] is not None


def waiting(api: Api) -> dict[str, str]:
    """Return the ids of appeals in the queue, by target."""
    found: dict[str, str] = {}
    path: str | None = "/v1/moderation/queue?kind=appeal&limit=50"
    while path is not None:
        answer = api.ask("GET", path, by=MODERATOR)
        found |= {each["target"]: each["id"] for each in answer.json["items"]}
        path = answer.headers["link"].split("<")[1].split(">")[0] if answer.json["next_cursor"] else None
    return found


@pytest.mark.parametrize("about", [SUSPENSION, PROFILE])
def test_from_the_appeal_to_the_word_on_it(api: Api, ada: Account, about: str) -> None:
    assert (appeal(api, ada, about).status, appeal(api, ada, about).code) == (409, "not-appealable")
    strike(api, ada, about)
    assert told(api, ada, about) is None
    opened = appeal(api, ada, about)
    assert (opened.status, opened.json["state"], opened.headers["location"]) == (201, "open", "/v1/me")
    assert told(api, ada, about) == opened.json
    assert appeal(api, ada, about).code == "appeal-open"
    target = target_of(ada, about)
    case = api.ask("GET", f"/v1/moderation/cases/{waiting(api)[target]}", by=MODERATOR).json
    assert (case["text"], case["opened_by"]) == ("It was somebody else.", ada.account_id)
    assert case["evidence"] == ["So I suspend." if about == SUSPENSION else "So I remove."]
    granted = decide(api, "grant_appeal", target, by=COLLEAGUE)
    assert granted.status == 201, granted.text
    assert decide(api, "grant_appeal", target, by=COLLEAGUE).json == granted.json
    assert decide(api, "refuse_appeal", target).code == "already-decided"
    assert target not in waiting(api)
    assert not stands(api, ada, about)
    assert told(api, ada, about) is None, "nothing stands any more"
    assert api.ask("GET", "/v1/me/posts", by=ada).status == 200
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").json["bio"] == "I paint."


@pytest.mark.parametrize("about", [SUSPENSION, PROFILE])
def test_a_refused_appeal_is_told_and_final_until_the_next_decision(api: Api, ada: Account, about: str) -> None:
    strike(api, ada, about)
    appeal(api, ada, about)
    target = target_of(ada, about)
    refused = decide(api, "refuse_appeal", target)
    assert refused.status == 201
    assert decide(api, "refuse_appeal", target).json == refused.json
    assert decide(api, "grant_appeal", target, by=COLLEAGUE).code == "already-decided"
    found = told(api, ada, about)
    assert (found["state"], found["answer"]) == ("refused", "So I refuse_appeal.")
    assert stands(api, ada, about)
    assert appeal(api, ada, about).code == "appeal-decided"
    undo = "unsuspend" if about == SUSPENSION else "restore"
    assert decide(api, undo, target_of(ada, SUSPENSION)).status == 201
    strike(api, ada, about)
    assert (appeal(api, ada, about).status, told(api, ada, about)["state"]) == (201, "open")


@pytest.mark.parametrize("about", [SUSPENSION, PROFILE])
def test_lifting_it_without_a_word_on_the_appeal_closes_that(api: Api, ada: Account, about: str) -> None:
    strike(api, ada, about)
    appeal(api, ada, about)
    assert decide(api, "unsuspend" if about == SUSPENSION else "restore", target_of(ada, SUSPENSION)).status == 201
    assert target_of(ada, about) not in waiting(api)
    assert decide(api, "grant_appeal", target_of(ada, about)).status == 409


def test_each_appeal_is_answered_by_itself(api: Api, ada: Account) -> None:
    for about in (PROFILE, SUSPENSION):
        strike(api, ada, about)
        assert appeal(api, ada, about).status == 201
    assert decide(api, "label", target_of(ada, SUSPENSION), labels=["gore"]).status == 201
    assert {told(api, ada, about)["state"] for about in (PROFILE, SUSPENSION)} == {"open"}
    assert decide(api, "refuse_appeal", target_of(ada, PROFILE)).status == 201
    assert [told(api, ada, about)["state"] for about in (PROFILE, SUSPENSION)] == ["refused", "open"]
    assert decide(api, "grant_appeal", f"profiles/{ada.handle}").status == 201
    assert [stands(api, ada, about) for about in (PROFILE, SUSPENSION)] == [True, False]


def test_what_is_no_word_on_an_appeal(api: Api, ada: Account) -> None:
    for about in (SUSPENSION, PROFILE):
        target = target_of(ada, about)
        assert decide(api, "grant_appeal", target).code == "nothing-to-decide"
        strike(api, ada, about)
        appeal(api, ada, about)
        assert decide(api, "dismiss", target).code == "nothing-to-decide", "somebody waits for a word"
        assert target in waiting(api)
    moderator = api.join(Account(groups=("moderators",)))
    strike(api, moderator, PROFILE)
    assert appeal(api, moderator, PROFILE).status == 201
    assert decide(api, "grant_appeal", target_of(moderator, PROFILE), by=moderator).fields == ["target"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, ["text"]), ({"text": " "}, ["text"]), ({"text": "x", "about": "bans"}, ["about"])],
)
def test_appeals_that_are_not_understood(api: Api, ada: Account, body: Any, fields: list[str]) -> None:
    strike(api, ada, SUSPENSION)
    answer = api.ask("POST", "/v1/me/appeals", body, by=ada)
    assert (answer.status, answer.fields) == (422, fields)
