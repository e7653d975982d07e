"""Every error is problem+json, names what is wrong, and tells nothing of the inside."""

import io
import json
import logging
import re
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.ids import new_id
from chalicelib.http.routing import MAX_BODY_BYTES, MAX_PARAMETER
from chalicelib.observability import logger
from tests.unit.http.api import UPLOAD, Account, Api, description

PROFILE = {"handle": "ada_l", "display_name": "Ada"}


@pytest.fixture(scope="module")
def ada(api: Api) -> Account:
    """One artist for all tests here: few of them change anything."""
    return api.join()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nope", b"{'a': 1}", b'{"title": "x",}', b"\xff\xfe", b'{"title": "\\ud800"}', b"[" * 50_000]
)
def test_bodies_that_are_no_json(api: Api, ada: Account, raw: bytes) -> None:
    answer = api.ask("POST", "/v1/posts", raw, by=ada)
    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize("body", [[], [{"title": "x"}], "text", 1, True, None])
def test_bodies_that_are_no_object(api: Api, ada: Account, body: Any) -> None:
    for method, path in (("POST", "/v1/posts"), ("PUT", "/v1/me"), ("POST", "/v1/uploads")):
        answer = api.ask(method, path, json.dumps(body).encode(), by=ada)
        assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"]
)
def test_bodies_of_another_type(api: Api, ada: Account, kind: str) -> None:
    answer = api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, content_type=kind)
    assert (answer.status, answer.code) == (415, "unsupported-media-type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_bodies_of_the_right_type(api: Api, ada: Account, kind: str) -> None:
    assert api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, content_type=kind).status == 201


def test_change_takes_merge_patch(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    kind = "application/merge-patch+json"
    assert api.ask("PATCH", f"/v1/posts/{post}", {"title": "y"}, by=ada, content_type=kind).json["title"] == "y"


def test_body_that_is_too_large(api: Api, ada: Account) -> None:
    fits = json.dumps({"title": "x"}).encode().ljust(MAX_BODY_BYTES)
    assert api.ask("POST", "/v1/posts", fits, by=ada).status == 201
    answer = api.ask("POST", "/v1/posts", fits + b" ", by=ada)
    assert (answer.status, answer.code) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"title": "x", "nonsense": 1}, ["nonsense"]),
        ({"title": 1}, ["title"]),
        ({"title": None}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "a\nb"}, ["title"]),
        ({"title": "a\u0000b"}, ["title"]),
        ({"text": "x" * 5001}, ["text"]),
        ({"text": ["x"]}, ["text"]),
        ({"title": "x", "portfolio": "true"}, ["portfolio"]),
        ({"title": "x", "portfolio": 1}, ["portfolio"]),
        ({"title": "x", "visibility": "everyone"}, ["visibility"]),
        ({"title": "x", "tags": "ink"}, ["tags"]),
        ({"title": "x", "tags": ["x", 1]}, ["tags[1]"]),
        ({"title": "x", "tags": [f"t{index}" for index in range(31)]}, ["tags"]),
        ({"title": "x", "tags": [chr(0x1F300 + index) * 50 for index in range(3)]}, ["tags"]),
        ({"title": "x", "content_warnings": [f"{index:050}" for index in range(5)]}, ["content_warnings"]),
        ({"title": "x", "tags": ["y" * 51]}, ["tags[0]"]),
        ({"media": {"id": "x"}}, ["media"]),
        ({"media": [{}]}, ["media[0].id"]),
        ({"media": [{"id": 1}]}, ["media[0].id"]),
        ({"media": [{"id": "x", "focus": {"x": "0.5", "y": 0}}]}, ["media[0].focus.x"]),
        ({"media": [{"id": "x", "focus": {"x": 1.1, "y": -0.1}}]}, ["media[0].focus.x", "media[0].focus.y"]),
        ({"media": [{"id": "x", "focus": {"x": 1}}]}, ["media[0].focus.y"]),
        ({"media": [{"id": "x", "focus": {"x": 1, "y": 1, "z": 1}}]}, ["media[0].focus.z"]),
        ({"media": [{"id": "x", "alt": "y" * 1501}]}, ["media[0].alt"]),
        ({"media": [{"id": f"{index}"} for index in range(21)]}, ["media"]),
        ({"title": 1, "text": 2, "media": [{"id": "x"}, {"alt": 3, "id": "y"}]}, ["media[1].alt", "text", "title"]),
        ({}, ["text"]),
        ({"title": "  "}, ["text"]),
        ({"media": [{"id": "x"}]}, ["media[0].id"]),
        ({"title": "x", "quote_post_id": "x"}, ["quote_post_id"]),
        ({"title": "x", "publish": "2020-01-01T00:00:00Z"}, ["publish"]),
    ],
)
def test_fields_of_a_post(api: Api, ada: Account, body: dict[str, Any], fields: list[str]) -> None:
    answer = api.ask("POST", "/v1/posts", body, by=ada)
    assert (answer.status, answer.code) == (422, "validation-failed")
    assert answer.fields == fields
    assert all(field in answer.json["detail"] or "pictures" in answer.json["detail"] for field in fields)


@pytest.mark.parametrize("publish", ["later", "", 5, None, True, "2099-01-01", "2030-01-01T00:00:00", ["now"], "NOW"])
def test_publish(api: Api, ada: Account, publish: Any) -> None:
    answer = api.ask("POST", "/v1/posts", {"title": "x", "publish": publish}, by=ada)
    assert answer.status == 422
    assert {field.split(".")[0] for field in answer.fields} == {"publish"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(api: Api, ada: Account, number: str) -> None:
    raw = f'{{"media": [{{"id": "x", "focus": {{"x": {number}, "y": 0}}}}]}}'
    answer = api.ask("POST", "/v1/posts", raw.encode(), by=ada)
    assert answer.status in {400, 422}
    if answer.status == 422:
        assert answer.fields == ["media[0].focus.x"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"bytes": 0}, ["bytes"]),
        ({"bytes": -1}, ["bytes"]),
        ({"bytes": 50 * 1024 * 1024 + 1}, ["bytes"]),
        ({"bytes": "4"}, ["bytes"]),
        ({"bytes": 4.5}, ["bytes"]),
        ({"content_type": "image/svg+xml"}, ["content_type"]),
        ({"content_type": ""}, ["content_type"]),
        ({"filename": ""}, ["filename"]),
        ({"filename": "x" * 256}, ["filename"]),
        ({"filename": "a\nb"}, ["filename"]),
        ({"cloak": "max"}, ["cloak"]),
        ({"ai_disclosure": "maybe"}, ["ai_disclosure"]),
        ({"key": "x"}, ["key"]),
    ],
)
def test_fields_of_an_upload(api: Api, ada: Account, change: dict[str, Any], fields: list[str]) -> None:
    answer = api.ask("POST", "/v1/uploads", {**UPLOAD, **change}, by=ada)
    assert (answer.status, answer.fields) == (422, fields)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"handle": "a-b"}, ["handle"]),
        ({"handle": "admin"}, ["handle"]),
        ({"handle": "x" * 41}, ["handle"]),
        ({"display_name": ""}, ["display_name"]),
        ({"display_name": " \t "}, ["display_name"]),
        ({"links": [{"url": "javascript:alert(1)"}]}, ["links[0].url"]),
        ({"links": [{"url": "nowhere"}]}, ["links[0].url"]),
        ({"links": [{"label": "x"}]}, ["links[0].url"]),
        ({"links": [{"url": "https://x.test"}] * 11}, ["links"]),
        ({"account_type": "studio"}, ["account_type"]),
        ({"availability": "maybe"}, ["availability"]),
        ({"avatar_media_id": "x"}, ["avatar_media_id"]),
        ({"avatar_media_id": 5}, ["avatar_media_id"]),
        ({"posts_count": 5}, ["posts_count"]),
    ],
)
def test_fields_of_a_profile(api: Api, ada: Account, change: dict[str, Any], fields: list[str]) -> None:
    answer = api.ask("PUT", "/v1/me", {**PROFILE, **change}, by=ada)
    assert (answer.status, answer.fields) == (422, fields)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", ["limit"]),
        ("limit=51", ["limit"]),
        ("limit=ten", ["limit"]),
        ("limit=", ["limit"]),
        ("portfolio=maybe", ["portfolio"]),
        ("cursor=" + "x" * 501, ["cursor"]),
        ("page=2", ["page"]),
        ("limit=0&page=2", ["limit", "page"]),
    ],
)
def test_queries(api: Api, ada: Account, query: str, fields: list[str]) -> None:
    answer = api.ask("GET", f"/v1/profiles/{ada.handle}/posts?{query}")
    assert (answer.status, answer.fields) == (422, fields)


@pytest.mark.parametrize("query", ["state=deleted", "state=x", "portfolio=true"])
def test_queries_of_the_own_list(api: Api, ada: Account, query: str) -> None:
    assert api.ask("GET", f"/v1/me/posts?{query}", by=ada).status == 422


@pytest.mark.parametrize("wait", ["-1", "21", "x", "1.5"])
def test_waiting(api: Api, ada: Account, wait: str) -> None:
    answer = api.ask("GET", f"/v1/media/{new_id()}?wait={wait}", by=ada)
    assert (answer.status, answer.fields) == (422, ["wait"])


def test_routes_without_query_take_none(api: Api, ada: Account) -> None:
    assert api.ask("GET", "/v1/me?x=1", by=ada).fields == ["x"]
    assert api.ask("GET", "/v1/health?x=1").fields == ["x"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%C3%A4", "MjAyNi0wMS0wMVQwMDowMDowMFo"])
def test_cursors_of_no_list(api: Api, ada: Account, cursor: str) -> None:
    for path, by in ((f"/v1/profiles/{ada.handle}/posts", None), ("/v1/me/posts", ada)):
        answer = api.ask("GET", f"{path}?cursor={cursor}", by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor")


@pytest.mark.parametrize("some_id", [new_id(), "x", "01KB", new_id().lower(), "%20", "%00", "..%2F..", "x" * 3000])
def test_ids_of_nothing(api: Api, ada: Account, some_id: str) -> None:
    for path in (f"/v1/posts/{some_id}", f"/v1/media/{some_id}", f"/v1/media/{some_id}/protection"):
        assert (api.ask("GET", path).status, api.ask("GET", path, by=ada).status) == (404, 404)
    assert api.ask("PATCH", f"/v1/posts/{some_id}", {"title": "x"}, by=ada).status == 404
    assert api.ask("DELETE", f"/v1/posts/{some_id}", by=ada).status == 404


@pytest.mark.parametrize("handle", ["nobody", "@nobody", "%20", "@", "%F0%9F%8E%A8", "a%2Fb", "x" * 3000])
def test_handles_of_nobody(api: Api, handle: str) -> None:
    for path in (f"/v1/profiles/{handle}", f"/v1/profiles/{handle}/posts"):
        answer = api.ask("GET", path)
        assert (answer.status, answer.code) == (404, "not-found")


def test_methods_that_an_address_does_not_take(api: Api) -> None:
    answer = api.ask("DELETE", "/v1/health", described=False)
    assert (answer.status, answer.code) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_temporary_fault(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise TemporaryError("DynamoDB: table cara-local-posts is throttled")

    monkeypatch.setattr("chalicelib.handlers.posts.post_service", broken)
    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", broken)
    for answer in (
        api.ask("GET", f"/v1/posts/{new_id()}"),
        api.ask("POST", "/v1/posts", {"title": "x"}, by=ada),
        api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="k"),
    ):
        assert (answer.status, answer.code) == (503, "temporarily-unavailable")
        assert answer.headers["retry-after"].isdecimal()
        assert "DynamoDB" not in answer.text


def test_race_that_nobody_foresaw(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise LostRaceError

    monkeypatch.setattr("chalicelib.handlers.posts.post_service", broken)
    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", broken)
    answer = api.ask("POST", "/v1/posts", {"title": "x"}, by=ada)
    assert (answer.status, answer.code) == (409, "conflict")


@pytest.mark.parametrize("error", [RuntimeError("secret: /var/task"), KeyError("secret"), AssertionError()])
def test_fault_that_nobody_foresaw(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr("chalicelib.handlers.posts.post_service", broken)
    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", broken)
    for answer in (
        api.ask("GET", f"/v1/posts/{new_id()}"),
        api.ask("POST", "/v1/posts", {"title": "x"}, by=ada),
        api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="k"),
    ):
        assert (answer.status, answer.code) == (500, "internal")
        for word in ("secret", "Traceback", "Error", "task"):
            assert word not in answer.text


def test_request_that_failed_is_not_remembered(api: Api, ada: Account) -> None:
    assert api.ask("POST", "/v1/posts", {}, by=ada, idempotency_key="again").status == 422
    assert api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="again").status == 201


def test_each_request_has_an_id_of_its_own(api: Api) -> None:
    ids = {api.ask("GET", "/v1/health").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


def test_profile_is_needed(api: Api) -> None:
    stranger = Account()
    answer = api.ask("POST", "/v1/posts", {"title": "x"}, by=stranger)
    assert (answer.status, answer.code) == (409, "profile-needed")
    for path in ("/v1/me", "/v1/me/posts"):
        answer = api.ask("GET", path, by=stranger)
        assert (answer.status, answer.code) == (404, "profile-missing")


def test_log_line_of_a_fault_carries_the_id_that_the_client_is_given(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        logging.getLogger("chalicelib.services.protection").warning("from a service")
        raise RuntimeError("for the log")

    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    monkeypatch.setattr("chalicelib.handlers.posts.post_service", broken)
    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", broken)
    answer = api.ask("GET", f"/v1/posts/{new_id()}")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {line["request_id"] for line in logged} == {answer.json["request_id"]}
    assert "for the log" in lines.getvalue()
    assert logged[0]["message"] == "from a service"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "\u200b"}, "title"),
        ({"title": "\u202eanoM"}, "title"),
        ({"title": "two\u2028lines"}, "title"),
        ({"text": "\u0007"}, "text"),
        ({"text": "\U0001d160" * 1700}, "text"),  # NFC makes three characters of each
        ({"title": "x", "tags": ["!?"]}, "tags"),
        ({"title": "x", "publish": "1795459200"}, "publish"),
        ({"title": "x", "publish": "2026-12-01 00:00:00Z"}, "publish"),
        ({"title": "x", "publish": "2026-13-01T00:00:00Z"}, "publish"),
    ],
)
def test_texts_that_are_none_for_people(api: Api, ada: Account, body: dict[str, object], field: str) -> None:
    answer = api.ask("POST", "/v1/posts", body, by=ada)
    assert (answer.status, answer.fields) == (422, [field])


def test_an_emoji_of_a_newer_unicode_is_text(api: Api, ada: Account) -> None:
    answer = api.ask("POST", "/v1/posts", {"title": "\U0001fae9", "tags": ["\U0001fae9", "हिन्दी"]}, by=ada)
    assert (answer.status, answer.json["tags"]) == (201, ["\U0001fae9", "हिन्दी"])


def test_an_address_that_shows_one_host_and_leads_to_another(api: Api, ada: Account) -> None:
    links = [{"label": "me", "url": "https://artist.example@elsewhere.example/"}]
    answer = api.ask("PUT", "/v1/me", {"handle": ada.handle, "display_name": "Ada", "links": links}, by=ada)
    assert (answer.status, answer.fields) == (422, ["links[0].url"])


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_times_at_the_ends_of_the_calendar(api: Api, ada: Account, until: str) -> None:
    for kind in ("tags", "words"):
        answer = api.ask("PUT", f"/v1/me/muted_{kind}/x?until={quote(until)}", by=ada)
        assert (answer.status, answer.fields) == (422, ["until"])
    answer = api.ask("POST", "/v1/notifications/read", {"until": until}, by=ada)
    assert (answer.status, answer.fields) == (422, ["until"])
    assert api.ask("POST", "/v1/posts", {"title": "x", "publish": until}, by=ada).fields == ["publish"]


def test_addresses_longer_than_any_name(api: Api) -> None:
    """DynamoDB refuses keys of more than 2,048 bytes, which would be a fault of ours."""
    moderator = api.join(Account(groups=("moderators",)))
    asked = 0
    for path, operations in description()["paths"].items():
        for method in operations if "{" in path else ():
            long = re.sub(r"{\w+}", quote("ä" * (MAX_PARAMETER + 1)), path)
            answer = api.ask(method.upper(), long, {} if "requestBody" in operations[method] else None, by=moderator)
            assert answer.status in {404, 422}, f"{method} {path}"  # a body may be found wrong first
            asked += 1
    assert asked > 50
