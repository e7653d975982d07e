"""What the API and the authorizer write of each request, and under which id."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.http.authentication import bearer
from chalicelib.invocations import invocation
from tests.unit.http.api import UPLOAD, Account, Api
from tests.unit.http.tokens import bad_tokens, token
from tests.unit.loglines import written

EDGE_ID = "kq2Vv9bYb4Zc-Zq_7N3yTz6m0b1cQe5uJr8xWdPhLfSgAoXiKtEnMw=="


def correlation_ids(api: Api, **headers: Any) -> tuple[str, str]:
    """Ask with some headers, and return the correlation id of the line and the request id that the client is given."""
    with written() as lines:
        answer = api.ask("GET", "/v1/health", **headers)
    return lines.of_one("api")["correlation_id"], answer.headers["x-request-id"]


def test_id_that_the_edge_gave_is_taken(api: Api) -> None:
    assert correlation_ids(api, x_amz_cf_id=EDGE_ID)[0] == EDGE_ID


@pytest.mark.parametrize("given", ["a" * 20, "a" * 128])
def test_ids_of_unusual_length(api: Api, given: str) -> None:
    assert correlation_ids(api, x_amz_cf_id=given)[0] == given


@pytest.mark.parametrize(
    "given",
    [
        *("", "a" * 19, "a" * 129, f"{EDGE_ID}\n", f"{EDGE_ID} ", f"{EDGE_ID}, {EDGE_ID}", "%0a" * 10, "é" * 30),
        *('{"a": "bbbbbbbbbbbbbbbbb"}', "<script>alert(1)</script>", "a@b.example.aaaaaaaaaaaaaaaa"),
    ],
)
def test_what_no_edge_wrote_is_neither_taken_nor_logged(api: Api, given: str) -> None:
    with written() as lines:
        answer = api.ask("GET", "/v1/health", x_amz_cf_id=given)
    assert lines.of_one("api")["correlation_id"] == answer.headers["x-request-id"]
    assert not given or given not in lines.text


def test_request_without_an_edge_goes_by_the_id_of_the_gateway(api: Api) -> None:
    correlation_id, request_id = correlation_ids(api)
    assert correlation_id == request_id


def test_every_line_of_a_request_carries_both_ids(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        logging.getLogger("chalicelib.services.posts").warning("from a service")
        raise RuntimeError("of the fault")

    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", broken)
    with written() as lines:
        answer = api.ask("GET", f"/v1/posts/{new_id()}", x_amz_cf_id=EDGE_ID)
    assert len(lines.all) == 3
    assert {(line["correlation_id"], line["request_id"]) for line in lines.all} == {
        (EDGE_ID, answer.json["request_id"])
    }
    assert lines.of_one("api")["status"] == 500


def test_nothing_of_a_request_is_left_for_the_next(api: Api, ada: Account) -> None:
    with written() as lines:
        api.ask("POST", "/v1/uploads", UPLOAD, by=ada, x_amz_cf_id=EDGE_ID)
        api.ask("GET", "/v1/health")
        logging.getLogger("chalicelib.services.posts").warning("between requests")
    first, second = lines.of("api")
    assert EDGE_ID in first.values()
    assert EDGE_ID not in second.values()
    assert (second["ReadUnits"], second["WriteUnits"]) == (0, 0)
    assert "media_id" not in second
    (between,) = lines.said("between requests")
    assert not {"request_id", "correlation_id"} & set(between)


def test_requests_at_the_same_time_keep_their_ids_apart(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2)

    def absent() -> None:
        both.wait(10)
        logging.getLogger("chalicelib.services.posts").warning("in the middle")
        both.wait(10)
        raise NotFoundError

    def ask(edge_id: str) -> str:
        return str(api.ask("GET", f"/v1/posts/{new_id()}", x_amz_cf_id=edge_id).json["request_id"])

    monkeypatch.setattr("chalicelib.handlers.posts.post_reader", absent)
    edge_ids = ["a" * 56, "b" * 56]
    with written() as lines, ThreadPoolExecutor(2) as pool:
        expected = set(zip(edge_ids, pool.map(ask, edge_ids), strict=True))
    for message in ("in the middle", "invocation"):
        assert {(line["correlation_id"], line["request_id"]) for line in lines.said(message)} == expected


def test_line_tells_route_status_time_and_units(api: Api, ada: Account) -> None:
    post = api.post(ada)
    with written() as lines:
        api.ask("GET", f"/v1/posts/{post['id']}")
        api.ask("GET", f"/v1/posts/{new_id()}")
        api.ask("PATCH", f"/v1/posts/{post['id']}", {"title": "Another"}, by=ada)
    found, missing, changed = lines.of("api")
    assert (found["route"], found["status"]) == ("GET /v1/posts/{post_id}", 200)
    assert (missing["route"], missing["status"]) == ("GET /v1/posts/{post_id}", 404)
    assert (changed["route"], changed["status"]) == ("PATCH /v1/posts/{post_id}", 200)
    assert found["ReadUnits"] > missing["ReadUnits"] > 0
    assert (found["WriteUnits"], missing["WriteUnits"]) == (0, 0)
    assert changed["WriteUnits"] > 0
    assert all(line["ms"] > 0 for line in (found, missing, changed))


def test_units_of_remembered_answers_are_counted(api: Api, ada: Account) -> None:
    with written() as lines:
        api.ask("POST", "/v1/uploads", UPLOAD, by=ada)
        api.ask("POST", "/v1/uploads", UPLOAD, by=ada, idempotency_key="counted")
        api.ask("POST", "/v1/uploads", UPLOAD, by=ada, idempotency_key="counted")
    plain, first, again = lines.of("api")
    assert first["WriteUnits"] > plain["WriteUnits"] > 0
    assert "media_id" in first
    assert "media_id" not in again, "nothing was made anew"


def test_every_table_is_asked_for_its_units(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []
    make_request = Endpoint.make_request

    def noted(self: Endpoint, model: Any, request: dict[str, Any]) -> Any:
        if model.service_model.service_name == "dynamodb":
            body = json.loads(request["body"])
            asked.append((model.name, body.get("ReturnConsumedCapacity")))
        return make_request(self, model, request)

    monkeypatch.setattr(Endpoint, "make_request", noted)
    media_id = api.ask("POST", "/v1/uploads", UPLOAD, by=ada, idempotency_key="asked").json["media_id"]
    api.arrive(ada, media_id)
    api.post(ada, media_id)
    api.ask("GET", "/v1/me/posts", by=ada)
    assert {"PutItem", "GetItem", "UpdateItem", "BatchGetItem", "Query", "TransactWriteItems"} <= {
        name for name, _ in asked
    }
    assert [name for name, units in asked if units != "TOTAL"] == []


def test_answers_that_caches_keep_and_answers_for_one(api: Api, ada: Account) -> None:
    with written() as lines:
        api.ask("GET", f"/v1/profiles/{ada.handle}")
        api.ask("GET", "/v1/me", by=ada)
        api.ask("GET", f"/v1/posts/{new_id()}")
    kinds = [(line.get("CacheableAnswers", 0), line.get("PersonalAnswers", 0)) for line in lines.of("api")]
    assert kinds == [(1, 0), (0, 1), (0, 0)]


CAUSES = [
    ("Basic abc", "missing"),
    ("Bearer ", "missing"),
    ("Bearer nonsense", "invalid"),
    (f"Bearer {token('x', exp=1)}", "expired"),
    (f"Bearer {token('x', iss='https://issuer.test/other')}", "foreign"),
    (f"Bearer {token('x', client_id='another')}", "foreign"),
    (f"Bearer {token('x', token_use='id')}", "foreign"),
]


@pytest.mark.parametrize(("header", "cause"), CAUSES)
def test_causes_of_refused_tokens(api: Api, header: str, cause: str) -> None:
    with written() as lines:
        assert api.ask("GET", f"/v1/posts/{new_id()}", authorization=header).status == 401
        assert api.ask("GET", "/v1/me", authorization=header).status == 401
    optional, required = lines.of_one("api"), lines.of_one("authorizer")
    for line in (optional, required):
        assert (line["AuthorizationFailures"], line["cause"]) == (1, cause)
    assert required["outcome"] == "refused"


def test_every_bad_token_is_counted_and_none_is_logged(api: Api) -> None:
    for bad in bad_tokens("x").values():
        with written() as lines:
            api.ask("GET", "/v1/me", authorization=f"Bearer {bad}")
            api.ask("GET", f"/v1/posts/{new_id()}", authorization=f"Bearer {bad}")
        assert [line["AuthorizationFailures"] for line in lines.of("authorizer") + lines.of("api")] == [1, 1]
        assert not bad or bad not in lines.text


def test_admitted_account_is_no_failure_and_not_named(api: Api, ada: Account) -> None:
    with written() as lines:
        api.ask("GET", "/v1/me", by=ada)
    assert lines.of_one("authorizer")["outcome"] == "admitted"
    assert "AuthorizationFailures" not in lines.text
    assert ada.account_id not in lines.text


def test_authorizer_leaves_nothing_for_the_request_that_it_admits(api: Api, ada: Account) -> None:
    with written() as lines:
        with pytest.raises(Exception, match="Unauthorized"):
            bearer({"type": "TOKEN", "authorizationToken": "Basic x", "methodArn": "arn"}, {})
        api.ask("GET", "/v1/health")
    assert "cause" not in lines.of_one("api")


def test_nothing_that_people_wrote_or_are_is_logged(api: Api) -> None:
    ada = api.join(display_name="Ada Secret-Name", bio="a secret bio")
    media_id = api.upload(ada)
    with written() as lines:
        api.ask(
            "POST", "/v1/posts", {"title": "secret title", "media": [{"id": media_id, "alt": "secret alt"}]}, by=ada
        )
        api.ask("POST", "/v1/posts", {"title": 5, "secret": "field"}, by=ada)
        api.ask("POST", "/v1/uploads", {**UPLOAD, "filename": "secret.png"}, by=ada, idempotency_key="secret key")
        api.ask("GET", f"/v1/profiles/{ada.handle}/posts?limit=7&cursor=secret")
        api.ask("GET", "/v1/me", by=ada)
    assert len(lines.of("api")) == 5
    for secret in ("ecret", "cursor", ada.handle, ada.account_id, ada.header.removeprefix("Bearer ")):
        assert secret not in lines.text


def test_picture_is_found_by_the_request_that_announced_it(api: Api, ada: Account) -> None:
    with written() as lines:
        media_id = api.ask("POST", "/v1/uploads", UPLOAD, by=ada, x_amz_cf_id=EDGE_ID).json["media_id"]
    assert lines.of_one("api")["media_id"] == media_id
    post = api.post(ada, media_id)
    with written() as lines, invocation("protect_image", request_id="of the function"):
        api.arrive(ada, media_id)
    (published,) = lines.said("post published")
    assert (published["post_id"], published["correlation_ids"]) == (post["id"], [EDGE_ID])
    assert {line["correlation_id"] for line in lines.all} == {EDGE_ID}
    done = lines.of_one("protect_image")
    assert (done["media_id"], done["state"], done["attempts"]) == (media_id, "ready", 1)
    assert done["ReadUnits"] > 0
    assert done["WriteUnits"] > 0


def test_post_that_a_request_publishes_is_found_by_its_pictures(api: Api, ada: Account) -> None:
    media_id = api.ask("POST", "/v1/uploads", UPLOAD, by=ada, x_amz_cf_id=EDGE_ID).json["media_id"]
    api.arrive(ada, media_id)
    with written() as lines:
        api.post(ada, media_id)
    (published,) = lines.said("post published")
    assert published["correlation_ids"] == [EDGE_ID]
    assert published["correlation_id"] == lines.of_one("api")["correlation_id"] != EDGE_ID
    assert lines.of_one("api")["UploadToPublished"] >= 0
