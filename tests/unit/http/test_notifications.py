"""Notifications: told by streams that may tell twice, grouped, read, taken back, and never of what is hidden."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.changes import Change
from chalicelib.domain.notifications import MOST_ENTRIES, Note
from chalicelib.repositories import comments, posts, reactions, relations
from chalicelib.services.comment_notes import CommentNotes
from chalicelib.services.notes import PostNotes, ReactionNotes, RelationNotes
from chalicelib.settings import settings
from tests.support.fake_social import FakeErrands
from tests.support.units import read_units
from tests.unit.http.api import Account, Api

FROM_IMAGE: dict[str, Any] = {
    "relations": relations.from_image,
    "reactions": reactions.from_image,
    "posts": posts.from_image,
    "comments": comments.from_image,
}


def items(table: str) -> dict[str, Any]:
    """Return what a table holds, as its stream would show it."""
    found = boto3.client("dynamodb").scan(TableName=getattr(settings(), f"{table}_table"))["Items"]
    kept = {str(sorted((k, str(v)) for k, v in each.items() if k in KEYS[table])): each for each in found}
    return {key: FROM_IMAGE[table](each) for key, each in kept.items()}


KEYS = {
    "relations": ("account_id", "relation"),
    "reactions": ("account_id", "reaction"),
    "posts": ("post_id",),
    "comments": ("comment_id",),
}


@dataclass
class Streams:
    """Tells the consumers what changed since it was last asked, everything twice."""

    errands: FakeErrands
    before: dict[str, dict[str, Any]]

    def tell(self) -> None:
        consumers: dict[str, Any] = {
            "relations": RelationNotes(composition.telling_service(), self.errands),
            "reactions": ReactionNotes(composition.telling_service()),
            "posts": PostNotes(composition.telling_service(), self.errands, composition.sight()),
            "comments": CommentNotes(composition.telling_service(), self.errands, composition.sight()),
        }
        for table, consumer in consumers.items():
            old, new = self.before[table], items(table)
            changes: list[Change[Any]] = [
                Change(key, old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)
            ]
            for _ in range(2):
                consumer.take(changes)
            self.before[table] = new
        self.errands.run({"forget-notifications": composition.telling_service().forget})


@pytest.fixture
def streams(api: Api) -> Streams:
    del api
    return Streams(FakeErrands(), {table: items(table) for table in KEYS})


@pytest.fixture
def bob(api: Api) -> Account:
    return api.join(display_name="Bob")


def listed(api: Api, account: Account, query: str = "") -> list[tuple[str, list[str], int]]:
    """Return an account's notifications: kind, who, how many."""
    answer = api.ask("GET", f"/v1/notifications{query}", by=account)
    assert answer.status == 200
    return [
        (each["kind"], [person["handle"] for person in each["people"]], each["count"]) for each in answer.json["items"]
    ]


def unread(api: Api, account: Account) -> int:
    return int(api.ask("GET", "/v1/notifications", by=account).json["unread"])


def put(api: Api, by: Account, path: str) -> None:
    assert api.ask("PUT", path, by=by).status in {202, 204}


def delete(api: Api, by: Account, path: str) -> None:
    assert api.ask("DELETE", path, by=by).status == 204


# ---------------------------------------------------------------- what is told


def test_followers_and_requests(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    put(api, bob, f"/v1/profiles/{ada.handle}/follow")
    streams.tell()
    assert listed(api, ada) == [("follow", [bob.handle], 1)]
    delete(api, bob, f"/v1/profiles/{ada.handle}/follow")
    streams.tell()
    assert listed(api, ada) == []
    guarded = api.join(protected=True)
    put(api, bob, f"/v1/profiles/{guarded.handle}/follow")
    streams.tell()
    assert (listed(api, guarded), listed(api, bob)) == ([("follow_request", [bob.handle], 1)], [])
    put(api, guarded, f"/v1/me/follow_requests/{bob.handle}")
    streams.tell()
    assert (listed(api, guarded), listed(api, bob)) == ([], [("request_accepted", [guarded.handle], 1)])


def test_likes_are_one_line_with_the_newest_names(api: Api, ada: Account, streams: Streams) -> None:
    post = api.post(ada)["id"]
    people = [api.join() for _ in range(5)]
    for count, each in enumerate(people, 1):
        put(api, each, f"/v1/posts/{post}/like")
        put(api, each, f"/v1/posts/{post}/bookmark")
        streams.tell()
        newest = [person.handle for person in people[:count][::-1]][:3]
        assert listed(api, ada) == [("like", newest, count)]
    [item] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert (item["target"], item["text"], item["many"], item["read"]) == (f"posts/{post}", "A post", False, False)
    delete(api, people[4], f"/v1/posts/{post}/like")
    streams.tell()
    assert listed(api, ada) == [("like", [people[3].handle, people[2].handle, people[1].handle], 4)]
    put(api, ada, f"/v1/posts/{post}/like")
    streams.tell()
    assert listed(api, ada)[0][2] == 4, "nobody is told of what they did themselves"


def test_another_day_is_another_line(api: Api, ada: Account, bob: Account) -> None:
    for day in (20, 21):
        note = Note(ada.account_id, "like", "P", bob.account_id, bob.account_id, f"2026-11-{day}T10:00:00.000Z")
        composition.telling_service().tell([note])
    assert [kind for kind, _, _ in listed(api, ada)] == ["like", "like"]


def test_what_the_platform_says(api: Api, ada: Account) -> None:
    at = clock.to_text(clock.now())
    composition.telling_service().tell(
        [Note(ada.account_id, "media", "M", "ready", None, at, "media/M", "Your picture is ready.")]
    )
    [item] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert (item["kind"], item["people"], item["count"], item["text"]) == ("media", [], 1, "Your picture is ready.")


def test_quotes_come_and_go_with_what_may_be_seen(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    quoted = api.post(ada)["id"]
    draft = api.post(bob, quote_post_id=quoted, publish="draft")["id"]
    hidden = api.post(bob, quote_post_id=quoted, visibility="followers")["id"]
    streams.tell()
    assert listed(api, ada) == []
    put(api, ada, f"/v1/profiles/{bob.handle}/follow")
    api.ask("PATCH", f"/v1/posts/{draft}", {"publish": "now"}, by=bob)
    streams.tell()
    assert listed(api, ada) == [("quote", [bob.handle], 1)]
    for change in ({"visibility": "private"}, {"visibility": "public"}):
        assert api.ask("PATCH", f"/v1/posts/{draft}", change, by=bob).status == 200
        streams.tell()
        assert len(listed(api, ada)) == (change["visibility"] == "public")
    assert api.ask("DELETE", f"/v1/posts/{draft}", by=bob).status == 204
    streams.tell()
    assert listed(api, ada) == []
    assert api.ask("PATCH", f"/v1/posts/{hidden}", {"visibility": "private"}, by=bob).status == 200


def test_who_is_named_in_a_post(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    post = api.post(bob, text=f"After @{ada.handle}", visibility="private")["id"]
    streams.tell()
    assert listed(api, ada) == []
    for change, told in (
        ({"visibility": "public"}, True),
        ({"text": "After nobody"}, False),
        ({"text": f"After @{ada.handle}!"}, True),
        ({"visibility": "followers"}, False),
    ):
        assert api.ask("PATCH", f"/v1/posts/{post}", change, by=bob).status == 200
        streams.tell()
        assert listed(api, ada) == [("mention", [bob.handle], 1)] * told
    quoted = api.post(ada)["id"]
    api.post(bob, text=f"See @{ada.handle}", quote_post_id=quoted)
    streams.tell()
    assert listed(api, ada) == [("quote", [bob.handle], 1)]


def test_a_deleted_post_is_spoken_of_no_more(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    post, other = api.post(ada)["id"], api.post(ada)["id"]
    for each in (post, other):
        put(api, bob, f"/v1/posts/{each}/like")
        put(api, bob, f"/v1/posts/{each}/repost")
    streams.tell()
    assert len(listed(api, ada)) == 4
    api.ask("DELETE", f"/v1/posts/{post}", by=ada)
    streams.tell()
    targets = [each["target"] for each in api.ask("GET", "/v1/notifications", by=ada).json["items"]]
    assert targets == [f"posts/{other}"] * 2


# ---------------------------------------------------------------- what is not told


@pytest.mark.parametrize("what", ["block", "mute"])
def test_nothing_of_people_who_are_out_of_sight(
    api: Api, ada: Account, bob: Account, streams: Streams, what: str
) -> None:
    post, carol = api.post(ada)["id"], api.join()
    put(api, carol, f"/v1/posts/{post}/like")
    put(api, bob, f"/v1/posts/{post}/like")
    put(api, bob, f"/v1/profiles/{ada.handle}/follow")
    streams.tell()
    assert len(listed(api, ada)) == 2
    put(api, ada, f"/v1/profiles/{bob.handle}/{what}")
    assert listed(api, ada) == [("like", [carol.handle], 1)], "at once"
    streams.tell()
    assert listed(api, ada) == [("like", [carol.handle], 1)]
    late = Note(ada.account_id, "repost", post, bob.account_id, bob.account_id, clock.to_text(clock.now()))
    composition.telling_service().tell([late])
    assert listed(api, ada) == [("like", [carol.handle], 1)]
    delete(api, ada, f"/v1/profiles/{bob.handle}/{what}")
    assert (len(listed(api, ada)) == 1) == (what == "block"), "what a block took away does not come back"


def test_a_block_takes_both_sides_away(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    put(api, ada, f"/v1/profiles/{bob.handle}/follow")
    streams.tell()
    assert len(listed(api, bob)) == 1
    put(api, ada, f"/v1/profiles/{bob.handle}/block")
    assert listed(api, bob) == []
    streams.tell()
    delete(api, ada, f"/v1/profiles/{bob.handle}/block")
    assert listed(api, bob) == []


def test_kinds_are_switched_off_and_on(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    path = "/v1/me/notification_preferences"
    assert set(api.ask("GET", path, by=ada).json["kinds"].values()) == {True}
    kinds = api.ask("PUT", path, {"kinds": {"follow": False}}, by=ada).json["kinds"]
    assert [kind for kind, on in kinds.items() if not on] == ["follow"]
    put(api, bob, f"/v1/profiles/{ada.handle}/follow")
    streams.tell()
    assert listed(api, ada) == []
    api.ask("PUT", path, {"kinds": {"like": False}}, by=ada)
    api.ask("PUT", path, {"kinds": {"follow": True}}, by=ada)
    assert [kind for kind, on in api.ask("GET", path, by=ada).json["kinds"].items() if not on] == ["like"]
    assert api.ask("PUT", path, {"kinds": {"nonsense": True}}, by=ada).status == 422


# ---------------------------------------------------------------- reading


def tell(account: Account, actors: Iterable[str], *, subject: str = "P", kind: Any = "like") -> None:
    at = clock.to_text(clock.now())
    composition.telling_service().tell([Note(account.account_id, kind, subject, each, each, at) for each in actors])


def test_unread_until_read(api: Api, ada: Account, bob: Account) -> None:
    for subject in "ABC":
        tell(ada, [bob.account_id], subject=subject)
    items = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert (unread(api, ada), [each["read"] for each in items]) == (3, [False] * 3)
    assert (
        api.ask("POST", "/v1/notifications/read", {"ids": [items[0]["id"], "like.x.2026-01-01"]}, by=ada).status == 204
    )
    assert unread(api, ada) == 2
    assert api.ask("POST", "/v1/notifications/read", {"until": items[1]["at"]}, by=ada).status == 204
    assert unread(api, ada) == 0
    assert api.ask("POST", "/v1/notifications/read", {"until": "2001-01-01T00:00:00Z"}, by=ada).status == 204
    assert unread(api, ada) == 0, "an earlier mark takes nothing back"
    assert api.ask("POST", "/v1/notifications/read", {"until": "2999-01-01T00:00:00Z"}, by=ada).status == 204
    tell(ada, [Account().account_id], subject="A")
    answer = api.ask("GET", "/v1/notifications", by=ada).json
    assert (answer["unread"], answer["items"][0]["count"]) == (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"until": "soon"},
        {"ids": []},
        {"ids": ["x"]},
        {"until": "2026-01-01T00:00:00Z", "ids": ["like.x.2026-01-01"]},
    ],
)
def test_marks_that_are_none(api: Api, ada: Account, body: dict[str, Any]) -> None:
    assert api.ask("POST", "/v1/notifications/read", body, by=ada).status == 422


def test_nobody_marks_for_another(api: Api, ada: Account, bob: Account) -> None:
    tell(ada, [bob.account_id])
    [item] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    api.ask("POST", "/v1/notifications/read", {"ids": [item["id"]]}, by=bob)
    assert (unread(api, ada), listed(api, bob)) == (1, [])


def test_pages_and_their_cursors(api: Api, ada: Account, bob: Account) -> None:
    for number in range(23):
        tell(ada, [bob.account_id], subject=f"S{number}")
    seen, path = [], "/v1/notifications?limit=50"
    while path:
        answer = api.ask("GET", path, by=ada)
        seen += [each["id"].split(".")[1] for each in answer.json["items"]]
        cursor = answer.json["next_cursor"]
        path = f"/v1/notifications?limit=6&cursor={cursor}" if cursor else ""
        if cursor:
            assert api.ask("GET", path, by=bob).code == "bad-cursor"
            assert api.ask("GET", path[:-2] + "xx", by=ada).status == 400
    assert seen == [f"S{number}" for number in range(22, -1, -1)]
    first = api.ask("GET", "/v1/notifications?limit=5", by=ada).json
    assert (len(first["items"]), first["unread"], first["unread_more"]) == (5, 20, True)
    second = api.ask("GET", f"/v1/notifications?limit=5&cursor={first['next_cursor']}", by=ada).json
    assert (second["items"][0]["id"].split(".")[1], second["unread"]) == ("S17", None)


def test_more_than_a_group_remembers(api: Api, ada: Account) -> None:
    start = datetime(2026, 11, 20, 10, tzinfo=UTC)
    notes = [
        Note(ada.account_id, "like", "P", f"fan{n}", f"fan{n}", clock.to_text(start + timedelta(seconds=n)))
        for n in range(MOST_ENTRIES + 10)
    ]
    for part in (notes[:30], notes[30:], notes[:5], notes):
        composition.telling_service().tell(part)
    [item] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert (item["count"], item["many"]) == (MOST_ENTRIES, True)


def test_two_streams_tell_at_once(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = composition.telling_service()
    find, fans = telling.notifications.group, [api.join().account_id for _ in range(2)]

    def meanwhile(account_id: str, group_id: str) -> Any:
        found = find(account_id, group_id)
        monkeypatch.undo()
        tell(ada, fans[:1])
        return found

    monkeypatch.setattr(type(telling.notifications), "group", lambda _, *args: meanwhile(*args))
    tell(ada, fans[1:])
    assert listed(api, ada)[0][2] == 2
    assert unread(api, ada) == 1


def test_what_a_page_costs(api: Api, ada: Account) -> None:
    fans = []
    for _ in range(3):
        fan = Account()
        api.join(fan, display_name="Some Artist of Note", avatar_media_id=None)
        api.join(fan, display_name="Some Artist of Note", avatar_media_id=api.ready(fan))
        fans.append(fan.account_id)
    for _ in range(22):
        note = Note(
            ada.account_id, "like", api.upload(ada), "x", fans[0], clock.to_text(clock.now()), text="A title " * 4
        )
        composition.telling_service().tell([replace(note, cause=each, actor_id=each) for each in fans])
    read = boto3.client("dynamodb").query(
        TableName=settings().notifications_table,
        KeyConditionExpression="account_id = :a AND begins_with(#p, :n)",
        ExpressionAttributeNames={"#p": "position"},
        ExpressionAttributeValues={":a": {"S": ada.account_id}, ":n": {"S": "n#"}},
        Limit=22,
    )["Items"]
    assert len(read) == 22
    assert read_units(read) <= 1.5, "beside half a unit for bounds"


# ---------------------------------------------------------------- comments


def comment(api: Api, by: Account, post: str, text: str = "Fine.", parent: str | None = None) -> str:
    body = {"text": text} | ({"parent_id": parent} if parent else {})
    answer = api.ask("POST", f"/v1/posts/{post}/comments", body, by=by)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def test_comments_answers_and_mentions(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    post, carol = api.post(ada)["id"], api.join()
    above = comment(api, bob, post)
    streams.tell()
    assert listed(api, ada) == [("comment", [bob.handle], 1)]
    below = comment(api, carol, post, f"@{bob.handle} and @{ada.handle}", above)
    comment(api, ada, post, f"Look, @{carol.handle}")
    streams.tell()
    assert listed(api, ada) == [("comment", [carol.handle, bob.handle], 2)]
    assert listed(api, bob) == [("answer", [carol.handle], 1)], "who is answered is not told of the mention as well"
    assert listed(api, carol) == [("mention", [ada.handle], 1)]
    delete(api, carol, f"/v1/comments/{below}")
    streams.tell()
    assert (listed(api, ada), listed(api, bob)) == ([("comment", [bob.handle], 1)], [])


def test_nobody_is_told_of_what_they_may_not_see(api: Api, ada: Account, bob: Account, streams: Streams) -> None:
    carol, dan = api.join(), api.join()
    put(api, bob, f"/v1/profiles/{ada.handle}/follow")
    put(api, dan, f"/v1/profiles/{ada.handle}/follow")
    post = api.post(ada, visibility="followers")["id"]
    streams.tell()
    before = [listed(api, each) for each in (carol, dan)]
    comment(api, bob, post, f"@{carol.handle} @{dan.handle}")
    put(api, ada, f"/v1/profiles/{dan.handle}/block")
    streams.tell()
    assert [listed(api, each) for each in (carol, dan)] == before == [[], []]
    open_post = api.post(ada)["id"]
    comment(api, bob, open_post, f"@{carol.handle} @{dan.handle}")
    streams.tell()
    assert (listed(api, carol), listed(api, dan)) == ([("mention", [bob.handle], 1)], [])
