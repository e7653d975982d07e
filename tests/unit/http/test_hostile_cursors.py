"""Cursors that no list gave, or not to whom shows them: of every route that takes one, by the API's own description."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.http import cursors
from tests.unit.http.api import Account, Answer, Api, description
from tests.unit.http.applying import applied
from tests.unit.http.studios import open_job, verified_studio

POSITION = "2026-11-22T12:00:00.000Z#01KB0000000000000000000000"
GARBAGE = ["x", "!!!!", "AAAA", "A" * 64, "%C3%A4", "%00", "%0A", "%2527", "%5B%5D", "=", "A" * 499, "A" * 5000]
POSITIONS = [
    "",
    "x",
    "|",
    "a|b|c",
    "|||",
    "~",
    "9" * 60,
    "-1",
    "\x00",
    "é",
    "../..",
    POSITION,
    f"{POSITION}|",
    "#",
    "0|0|",
]
FOR_EVERYONE = {"/v1/jobs", "/studios/{slug}", "/{name}"}
"""Answers that the CDN keeps, whoever asks: they know of no account."""

ASKED = {"/v1/search": "q=river&", "/v1/moderation/log": "target=posts/01KB0000000000000000000000&"}


def _lists() -> dict[str, str]:
    """Return the parameter that takes the cursor, by route."""
    found = {}
    for path, operations in description()["paths"].items():
        names = {each.get("name") for each in operations.get("get", {}).get("parameters", [])}
        for name in names & {"cursor", "after"}:
            found[path] = name
    return found


LISTS = _lists()


@dataclass(frozen=True)
class World:
    """Who is in every list somehow: an artist who hires, moderates and talks, and another one beside."""

    api: Api
    ada: Account
    bob: Account
    names: dict[str, str]

    def ask(self, path: str, cursor: str | None, by: Account) -> Answer:
        """Ask for a page of a list."""
        address = path
        for name, value in self.names.items():
            address = address.replace(f"{{{name}}}", value)
        query = ASKED.get(path, "")
        query += f"{LISTS[path]}={cursor}" if cursor is not None else ""
        return self.api.ask("GET", f"{address}?{query}", by=None if path in FOR_EVERYONE else by)


@pytest.fixture(scope="module")
def world(api: Api) -> World:
    ada, bob = (api.join(Account(groups=("artists", "moderators"))) for _ in range(2))
    artist = api.join()
    post = str(api.post(ada, title="A river", tags=["river"])["id"])
    studio = verified_studio(api, ada)
    slug = studio.rpartition("/")[2]
    assert api.ask("POST", f"{studio}/members", {"handle": bob.handle, "role": "recruiter"}, by=ada).status == 201
    assert api.ask("PUT", f"/v1/me/studios/{slug}", by=bob).status == 204
    job = open_job(api, ada, studio)
    application = applied(api, artist, job)
    assert api.ask("PUT", f"/v1/profiles/{bob.handle}/follow", by=ada).status == 204
    begun = api.ask("POST", "/v1/conversations", {"handle": bob.handle}, by=ada)
    assert begun.status == 201, begun.text
    for each in (ada, bob):
        sent = api.ask("POST", f"/v1/conversations/{begun.json['id']}/messages", {"text": "Hello"}, by=each)
        assert sent.status == 201
    names = {
        "slug": slug,
        "application_id": application.rpartition("/")[2],
        "conversation_id": str(begun.json["id"]),
        "job_id": job.rpartition("/")[2],
        "post_id": post,
        "handle": ada.handle,
        "tag": "river",
        "name": f"@{ada.handle}",
    }
    return World(api, ada, bob, names)


def scope_of(world: World, path: str, by: Account, patch: pytest.MonkeyPatch) -> str:
    """Return what a list's cursors are bound to."""
    seen: list[str] = []
    decode = cursors.decode

    def spying(scope: str, cursor: str | None) -> str | None:
        seen.append(scope)
        return decode(scope, cursor)

    with patch.context() as patched:
        patched.setattr(cursors, "decode", spying)
        assert world.ask(path, None, by).status == 200
    [scope] = set(seen)
    return scope


def closed(scope: str, position: str) -> str:
    """Return a cursor as the platform would make it, of a position that it would not."""
    cursor = cursors.encode(scope, position)
    assert cursor is not None
    return cursor


def refused(answer: Answer) -> bool:
    if answer.headers["content-type"].startswith("text/html"):  # pages say in words what is wrong
        return answer.status in {400, 422}
    if answer.status == 422:  # too long for any
        return answer.fields in (["cursor"], ["after"])
    return answer.status == 400 and answer.code == "bad-cursor"


def test_every_list_is_known() -> None:
    assert len(LISTS) > 30
    assert set(LISTS) >= FOR_EVERYONE


@pytest.mark.parametrize("path", LISTS)
def test_garbage_is_refused(world: World, path: str) -> None:
    for cursor in GARBAGE:
        answer = world.ask(path, cursor, world.ada)
        assert refused(answer), (cursor, answer.status, answer.text)


@pytest.mark.parametrize("path", LISTS)
def test_a_changed_cursor_is_refused(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = closed(scope_of(world, path, world.ada, monkeypatch), POSITION)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for index in (0, 15, 16, len(raw) - 1):
        changed = raw.copy()
        changed[index] ^= 1
        assert refused(world.ask(path, base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("="), world.ada))


@pytest.mark.parametrize("path", sorted(set(LISTS) - FOR_EVERYONE))
def test_the_cursor_of_somebody_else_is_refused(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if path == "/v1/conversations/{conversation_id}/messages" or world.ask(path, None, world.bob).status == 200:
        theirs = closed(scope_of(world, path, world.bob, monkeypatch), POSITION)
        assert refused(world.ask(path, theirs, world.ada))
    else:
        pytest.fail("nobody else can read this list here")


def test_the_cursor_of_another_list_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes = {path: scope_of(world, path, world.ada, monkeypatch) for path in LISTS}
    assert len(set(scopes.values())) == len(scopes)
    for path, other in zip(scopes, [*list(scopes)[1:], *list(scopes)[:1]], strict=True):
        assert refused(world.ask(path, closed(scopes[other], POSITION), world.ada))


@pytest.mark.parametrize("path", LISTS)
def test_a_position_that_no_page_ended_at_is_no_error_of_the_platform(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = scope_of(world, path, world.ada, monkeypatch)
    for position in POSITIONS:
        answer = world.ask(path, closed(scope, position), world.ada)
        assert answer.status == 200 or refused(answer), (position, answer.status, answer.text)


def test_a_cursor_names_nothing(world: World) -> None:
    posts = [str(world.api.post(world.ada, title=f"Post {index}")["id"]) for index in range(3)]
    answer = world.api.ask("GET", "/v1/me/posts?limit=1", by=world.ada)
    cursor = answer.json["next_cursor"]
    plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert all(each.encode() not in plain for each in posts)
    again: Any = world.api.ask("GET", "/v1/me/posts?limit=1", by=world.ada).json
    assert json.dumps(again["next_cursor"]) == json.dumps(cursor), "a page that nothing changed keeps its ETag"
