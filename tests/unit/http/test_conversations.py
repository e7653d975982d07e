"""Conversations: who may write to whom, who reads what, and what two do at the same time."""

from itertools import pairwise
from typing import Any

import boto3
import pytest

from chalicelib.domain.conversations import Conversation
from chalicelib.domain.ids import new_id
from chalicelib.http import cursors
from chalicelib.repositories.conversations import ConversationRepository
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.http.api import Account, Answer, Api

TEXT = "Would you paint a lighthouse for me?"


@pytest.fixture
def bob(api: Api) -> Account:
    return api.join(display_name="Bob")


def begin(api: Api, by: Account, whom: Account) -> Answer:
    return api.ask("POST", "/v1/conversations", {"handle": whom.handle}, by=by)


def send(api: Api, by: Account, conversation: str, text: str = TEXT, **more: Any) -> Answer:
    return api.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": text, **more}, by=by)


def talk(api: Api, one: Account, two: Account) -> str:
    """Begin a conversation that both have in their inbox, with a message of each."""
    found = str(begin(api, one, two).json["id"])
    for each in (one, two):
        assert send(api, each, found).status == 201
    return found


def listed(api: Api, by: Account, folder: str = "inbox") -> list[str]:
    answer = api.ask("GET", f"/v1/conversations?folder={folder}", by=by)
    assert answer.status == 200
    return [each["id"] for each in answer.json["items"]]


def texts(api: Api, by: Account, conversation: str) -> list[str]:
    answer = api.ask("GET", f"/v1/conversations/{conversation}/messages", by=by)
    assert answer.status == 200
    return [each["text"] for each in answer.json["items"]]


def change(api: Api, by: Account, method: str, path: str) -> None:
    assert api.ask(method, path, by=by).status in {202, 204}


# ---------------------------------------------------------------- beginning


def test_the_same_two_have_the_same_conversation(api: Api, ada: Account, bob: Account) -> None:
    first = begin(api, bob, ada)
    assert (first.status, first.json["person"]["handle"], first.json["last_at"]) == (201, ada.handle, None)
    assert begin(api, bob, ada).status == 200
    assert begin(api, ada, bob).json["id"] == begin(api, bob, ada).json["id"] == first.json["id"]


def test_nothing_shows_before_a_message(api: Api, ada: Account, bob: Account) -> None:
    found = begin(api, bob, ada).json["id"]
    assert listed(api, bob) == listed(api, ada) == listed(api, ada, "requests") == []
    assert api.ask("GET", f"/v1/conversations/{found}", by=ada).status == 404
    assert api.ask("GET", f"/v1/conversations/{found}", by=bob).status == 200


def test_a_stranger_asks_and_is_answered(api: Api, ada: Account, bob: Account) -> None:
    found = begin(api, bob, ada).json["id"]
    send(api, bob, found)
    assert (listed(api, ada), listed(api, ada, "requests"), listed(api, bob)) == ([], [found], [found])
    [line] = api.ask("GET", "/v1/conversations?folder=requests", by=ada).json["items"]
    assert (line["person"]["handle"], line["excerpt"], line["unread"]) == (bob.handle, TEXT, True)
    assert send(api, ada, found, "Gladly.").status == 201
    assert (listed(api, ada), listed(api, ada, "requests"), listed(api, bob)) == ([found], [], [found])
    assert texts(api, ada, found) == texts(api, bob, found) == ["Gladly.", TEXT]


def test_whom_one_follows_is_no_stranger(api: Api, ada: Account, bob: Account) -> None:
    change(api, ada, "PUT", f"/v1/profiles/{bob.handle}/follow")
    found = begin(api, bob, ada).json["id"]
    send(api, bob, found)
    assert (listed(api, ada), listed(api, ada, "requests")) == ([found], [])


def test_a_stranger_writes_three_times_and_then_waits(api: Api, ada: Account, bob: Account) -> None:
    found = begin(api, bob, ada).json["id"]
    assert [send(api, bob, found).status for _ in range(3)] == [201] * 3
    answer = send(api, bob, found)
    assert (answer.status, answer.code) == (409, "waiting-for-answer")
    change(api, ada, "PUT", f"/v1/conversations/{found}/accept")
    assert listed(api, ada) == [found]
    assert [send(api, bob, found).status for _ in range(4)] == [201] * 4


def test_who_asks_is_not_told_of_a_refusal(api: Api, ada: Account, bob: Account) -> None:
    found = begin(api, bob, ada).json["id"]
    send(api, bob, found)
    change(api, ada, "DELETE", f"/v1/conversations/{found}")
    assert listed(api, ada) == listed(api, ada, "requests") == []
    assert [send(api, bob, found).status for _ in range(3)] == [201, 201, 409]
    assert listed(api, ada) == listed(api, ada, "requests") == []
    assert texts(api, bob, found) == [TEXT] * 3
    assert begin(api, ada, bob).json["id"] == found
    assert listed(api, ada) == [found]


@pytest.mark.parametrize(
    "case",
    [("everyone", False, 201), ("following", True, 201), ("following", False, 403), ("nobody", True, 403)],
)
def test_who_may_write(api: Api, ada: Account, bob: Account, case: tuple[str, bool, int]) -> None:
    who, followed, status = case
    if followed:
        change(api, ada, "PUT", f"/v1/profiles/{bob.handle}/follow")
    path = "/v1/me/message_preferences"
    assert api.ask("PUT", path, {"who_may_write": who}, by=ada).json == {"who_may_write": who}
    assert api.ask("GET", path, by=ada).json == {"who_may_write": who}
    assert begin(api, bob, ada).status == status
    assert begin(api, ada, bob).status == 201 if status == 403 else 200


def test_what_was_accepted_goes_on_whatever_is_preferred(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    api.ask("PUT", "/v1/me/message_preferences", {"who_may_write": "nobody"}, by=ada)
    assert send(api, bob, found).status == 201


def test_beginnings_that_are_none(api: Api, ada: Account) -> None:
    assert begin(api, ada, ada).code == "self-relation"
    assert begin(api, ada, Account()).status == 404
    assert begin(api, Account(), ada).code == "profile-needed"


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(
    "body", [{}, {"text": " "}, {"text": "x" * 4001}, {"text": 5}, {"media": ["x"] * 5}, {"text": "x", "unknown": 1}]
)
def test_messages_that_are_none(api: Api, ada: Account, bob: Account, body: dict[str, Any]) -> None:
    found = begin(api, bob, ada).json["id"]
    assert api.ask("POST", f"/v1/conversations/{found}/messages", body, by=bob).status == 422


def test_pictures_are_seen_by_the_two_alone(api: Api, ada: Account, bob: Account) -> None:
    found, picture, waiting, theirs = talk(api, bob, ada), api.ready(bob), api.upload(bob), api.ready(ada)
    answer = send(api, bob, found, "", media=[picture])
    assert answer.status == 201, answer.text
    for by in (ada, bob):
        message = api.ask("GET", f"/v1/conversations/{found}/messages", by=by).json["items"][0]
        [shown] = message["pictures"]
        assert (shown["media_id"], message["mine"]) == (picture, by == bob)
        assert all("/held/" in each["url"] and "Signature=" in each["url"] for each in shown["renditions"])
    assert api.ask("GET", f"/v1/media/{picture}", by=api.join()).status == 404
    for wrong in (waiting, theirs, new_id(), "x"):
        assert send(api, bob, found, media=[wrong]).fields == ["media[0]"]


def test_posts_are_ids_alone(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    post, private = api.post(ada)["id"], api.post(ada, visibility="private")["id"]
    draft = api.post(bob, publish="draft")["id"]
    assert send(api, bob, found, posts=[post]).json["posts"] == [post]
    for wrong in (private, draft, new_id(), "x"):
        assert send(api, bob, found, posts=[wrong]).fields == ["posts[0]"]
    api.ask("PATCH", f"/v1/posts/{post}", {"visibility": "private"}, by=ada)
    assert texts(api, bob, found)[0] == TEXT
    assert api.ask("GET", f"/v1/posts/{post}", by=bob).status == 404


def test_an_own_message_is_deleted_for_both(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    mine, theirs = send(api, bob, found, "Mine").json["id"], send(api, ada, found, "Theirs").json["id"]
    assert api.ask("DELETE", f"/v1/conversations/{found}/messages/{theirs}", by=bob).status == 404
    for _ in range(2):
        change(api, bob, "DELETE", f"/v1/conversations/{found}/messages/{mine}")
    change(api, ada, "DELETE", f"/v1/conversations/{found}/messages/{theirs}")
    for by in (ada, bob):
        assert texts(api, by, found) == [TEXT, TEXT]
        [line] = api.ask("GET", "/v1/conversations", by=by).json["items"]
        assert line["excerpt"] == ""
    held = boto3.client("dynamodb").scan(TableName=settings().messages_table)["Items"]
    assert "Theirs" not in str(held)


def test_who_left_sees_what_comes_after(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    change(api, ada, "DELETE", f"/v1/conversations/{found}")
    assert (listed(api, ada), texts(api, ada, found), len(texts(api, bob, found))) == ([], [], 2)
    assert api.ask("GET", f"/v1/conversations/{found}", by=ada).json["excerpt"] == ""
    send(api, bob, found, "Still there?")
    assert (listed(api, ada, "requests"), texts(api, ada, found)) == ([found], ["Still there?"])


def test_read_marks(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    last = send(api, ada, found).json["id"]

    def unread(by: Account) -> bool:
        [line] = api.ask("GET", "/v1/conversations", by=by).json["items"]
        assert api.ask("GET", f"/v1/conversations/{found}", by=by).json["unread"] == line["unread"]
        return bool(line["unread"])

    assert (unread(ada), unread(bob)) == (False, True)
    for _ in range(2):
        assert api.ask("POST", f"/v1/conversations/{found}/read", {"message_id": last}, by=bob).status == 204
        assert not unread(bob)
    far = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
    assert api.ask("POST", f"/v1/conversations/{found}/read", {"message_id": far}, by=bob).status == 204
    send(api, ada, found)
    assert unread(bob)


def test_by_newest_message_page_by_page(api: Api, ada: Account) -> None:
    others = [api.join() for _ in range(5)]
    found = [talk(api, each, ada) for each in others]
    send(api, others[1], found[1])
    order = [found[1], found[4], found[3], found[2], found[0]]
    assert listed(api, ada) == order
    seen, path = [], "/v1/conversations?limit=2"
    while path:
        answer = api.ask("GET", path, by=ada).json
        seen += [each["id"] for each in answer["items"]]
        path = f"/v1/conversations?limit=2&cursor={answer['next_cursor']}" if answer["next_cursor"] else ""
    assert seen == order


@pytest.mark.parametrize("length", [20, 3000])
def test_pages_of_messages_cost_two_units(api: Api, ada: Account, bob: Account, length: int) -> None:
    found = talk(api, bob, ada)
    sent = [send(api, bob, found, f"{number} " + "x" * length).json["id"] for number in range(23)]
    key = {":c": {"S": f"c#{found}"}, ":m": {"S": "m#"}}
    items = boto3.client("dynamodb").query(
        TableName=settings().messages_table,
        KeyConditionExpression="#p = :c AND begins_with(#q, :m)",
        ExpressionAttributeNames={"#p": "partition", "#q": "position"},
        ExpressionAttributeValues=key,
        ScanIndexForward=False,
    )["Items"]
    seen, path, sizes = [], f"/v1/conversations/{found}/messages?limit=50", []
    while path:
        answer = api.ask("GET", path, by=ada)
        seen += [each["id"] for each in answer.json["items"]]
        sizes.append(len(answer.json["items"]))
        cursor = answer.json["next_cursor"]
        path = f"/v1/conversations/{found}/messages?limit=50&cursor={cursor}" if cursor else ""
    assert seen[:23] == sent[::-1]
    assert len(seen) == 25
    begins = [sum(sizes[:index]) for index in range(len(sizes) + 1)]
    assert all(read_units(items[one:two]) <= 2 for one, two in pairwise(begins))
    assert sizes[0] == (20 if length == 20 else 4)


# ---------------------------------------------------------------- blocks, and others


def test_a_block_ends_it_both_ways(api: Api, ada: Account, bob: Account) -> None:
    found, nowhere = talk(api, bob, ada), "0" * 26
    message = send(api, bob, found).json["id"]
    change(api, ada, "PUT", f"/v1/profiles/{bob.handle}/block")
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/v1/conversations/{}", None),
        ("DELETE", "/v1/conversations/{}", None),
        ("PUT", "/v1/conversations/{}/accept", None),
        ("POST", "/v1/conversations/{}/read", {"message_id": message}),
        ("GET", "/v1/conversations/{}/messages", None),
        ("POST", "/v1/conversations/{}/messages", {"text": "x"}),
        ("DELETE", "/v1/conversations/{}/messages/" + message, None),
    ]
    for by, other in ((bob, ada), (ada, bob)):
        for method, path, body in asked:
            there, none = (api.ask(method, path.format(each), body, by=by) for each in (found, nowhere))
            assert there.status == none.status == 404
            assert {**there.json, "request_id": ""} == {**none.json, "request_id": ""}
        assert listed(api, by) == listed(api, by, "requests") == []
        assert begin(api, by, other).status == begin(api, by, Account()).status == 404
    change(api, ada, "DELETE", f"/v1/profiles/{bob.handle}/block")
    assert send(api, bob, found).status == 201


def test_others_have_no_part_in_it(api: Api, ada: Account, bob: Account) -> None:
    found, carol = talk(api, bob, ada), api.join()
    for method, path, body in (
        ("GET", f"/v1/conversations/{found}", None),
        ("GET", f"/v1/conversations/{found}/messages", None),
        ("POST", f"/v1/conversations/{found}/messages", {"text": "x"}),
        ("PUT", f"/v1/conversations/{found}/accept", None),
        ("DELETE", f"/v1/conversations/{found}", None),
    ):
        assert api.ask(method, path, body, by=carol).status == 404


def test_cursors_are_their_owners_alone(api: Api, ada: Account, bob: Account) -> None:
    found, other = talk(api, bob, ada), talk(api, api.join(), ada)
    for path in (f"/v1/conversations/{found}/messages?limit=1", "/v1/conversations?limit=1"):
        cursor = api.ask("GET", path, by=ada).json["next_cursor"]
        assert api.ask("GET", f"{path}&cursor={cursor}", by=ada).status == 200
        for by, elsewhere in (
            (bob, path),
            (ada, f"/v1/conversations/{other}/messages?limit=1"),
            (ada, "/v1/conversations?folder=requests&limit=1"),
        ):
            assert api.ask("GET", f"{elsewhere}&cursor={cursor}", by=by).code == "bad-cursor"
        assert api.ask("GET", f"{path}&cursor={cursor[:-2]}xx", by=ada).status == 400


@pytest.mark.parametrize(
    "position", ["x", "01KB0000000000000000000000|", "01KB0000000000000000000000|9999", "|5", "m|1"]
)
def test_a_cursor_that_somebody_made_up(api: Api, ada: Account, bob: Account, position: str) -> None:
    found = talk(api, bob, ada)
    cursor = cursors.encode(f"messages of {found} for {ada.account_id}", position)
    answer = api.ask("GET", f"/v1/conversations/{found}/messages?cursor={cursor}", by=ada)
    assert (answer.status, answer.code) == (400, "bad-cursor")


# ---------------------------------------------------------------- at the same time


def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    """Have something done between the next reading of a conversation and its writing."""
    read = ConversationRepository.get

    def get(self: ConversationRepository, conversation_id: str) -> Conversation | None:
        found = read(self, conversation_id)
        monkeypatch.undo()
        work()
        return found

    monkeypatch.setattr(ConversationRepository, "get", get)


def test_both_write_at_once(api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    found = talk(api, bob, ada)
    meanwhile(monkeypatch, lambda: send(api, ada, found, "first"))
    assert send(api, bob, found, "second").status == 201
    assert texts(api, bob, found)[:2] == ["second", "first"]
    assert listed(api, ada) == listed(api, bob) == [found]


def test_both_begin_at_once(api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: begin(api, ada, bob))
    answer = begin(api, bob, ada)
    assert answer.status in {200, 201}
    assert begin(api, ada, bob).json["id"] == answer.json["id"]
    assert send(api, bob, answer.json["id"]).status == 201
    assert listed(api, ada) == [answer.json["id"]]


def test_no_beginning_outruns_a_block(api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: change(api, ada, "PUT", f"/v1/profiles/{bob.handle}/block"))
    assert begin(api, bob, ada).status == 404


def test_no_message_outruns_a_block(api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    found = talk(api, bob, ada)
    from chalicelib.repositories.conversations import ConversationRepository as Repository

    save = Repository.save

    def late(self: Repository, *args: Any, **kwargs: Any) -> None:
        monkeypatch.undo()
        change(api, ada, "PUT", f"/v1/profiles/{bob.handle}/block")
        save(self, *args, **kwargs)

    monkeypatch.setattr(Repository, "save", late)
    assert send(api, bob, found, "late").status == 404
    change(api, ada, "DELETE", f"/v1/profiles/{bob.handle}/block")
    assert "late" not in texts(api, ada, found)


def test_the_fourth_message_of_a_stranger_loses_the_race(
    api: Api, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = begin(api, bob, ada).json["id"]
    for _ in range(2):
        send(api, bob, found)
    meanwhile(monkeypatch, lambda: send(api, bob, found, "third"))
    assert send(api, bob, found, "fourth").status == 409
    assert len(texts(api, bob, found)) == 3


def test_the_same_request_twice_is_one_message(api: Api, ada: Account, bob: Account) -> None:
    found = talk(api, bob, ada)
    path, body = f"/v1/conversations/{found}/messages", {"text": "once"}
    answers = [api.ask("POST", path, body, by=bob, idempotency_key="a key") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert texts(api, ada, found).count("once") == 1


def test_nothing_of_messages_is_logged(api: Api, ada: Account, bob: Account, capfd: pytest.CaptureFixture[str]) -> None:
    found = talk(api, bob, ada)
    send(api, bob, found, "a secret word")
    texts(api, ada, found)
    written = capfd.readouterr()
    assert "conversations" in written.out + written.err, "something was logged"
    assert "secret word" not in written.out + written.err
    assert found not in written.out + written.err
