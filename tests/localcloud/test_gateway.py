"""API Gateway's own answers, and what reaches the app behind it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.localcloud.small_app import small_app
from tools.localcloud.gateway import ApiGateway
from tools.localcloud.messages import Answer, BodyMissingLengthError, BodyTooLargeError, Request

BASE = "http://cara.test"


@pytest.fixture(scope="module")
def gateway() -> ApiGateway:
    return ApiGateway(small_app(), BASE)


def request(target: str, method: str = "GET", *, body: bytes = b"", **headers: str) -> Request:
    return Request(
        method=method,
        target=target,
        path=target.partition("?")[0],
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        client="192.0.2.7",
        read_body=lambda: body,
    )


def content(answer: Answer) -> Any:
    assert isinstance(answer.body, bytes)
    return json.loads(answer.body)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (request("/v1/nowhere"), 404, "not-found"),
        (request("/v1/nowhere", authorization="Bearer good"), 404, "not-found"),
        (request("/v1/me", "DELETE"), 405, "method-not-allowed"),
        (request("/v1/me"), 401, "unauthorized"),
        (request("/v1/me", authorization="Bearer forged"), 401, "unauthorized"),
        (request("/v1/me", authorization="Bearer suspended"), 403, "forbidden"),
        (request("/v1/me", authorization="Bearer broken"), 500, "internal"),
        (request("/v1/echo/unanswerable"), 502, "bad-gateway"),
    ],
)
def test_its_own_answers_are_problems(gateway: ApiGateway, asked: Request, status: int, code: str) -> None:
    answer = gateway.answer(asked)
    problem = content(answer)
    assert answer.status == status == problem["status"]
    assert problem["type"] == f"{BASE}/problems/{code}"
    assert problem["title"]
    assert problem["detail"]
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"
    assert dict(answer.headers)["X-Request-Id"] == problem["request_id"]


def test_its_own_answers_name_the_request(gateway: ApiGateway) -> None:
    for target in ("/v1/nowhere", "/v1/me"):
        assert content(gateway.answer(request(target, x_amz_cf_id="the-id")))["request_id"] == "the-id"


def test_an_unauthorized_client_is_told_how_to_come_back(gateway: ApiGateway) -> None:
    assert dict(gateway.answer(request("/v1/me")).headers)["WWW-Authenticate"] == "Bearer"


def test_a_wrong_method_is_told_the_right_ones(gateway: ApiGateway) -> None:
    assert dict(gateway.answer(request("/v1/echo/x", "PUT")).headers)["Allow"] == "GET, POST"


@pytest.mark.parametrize(("error", "status"), [(BodyTooLargeError, 413), (BodyMissingLengthError, 411)])
def test_a_body_that_is_not_taken(gateway: ApiGateway, error: type[Exception], status: int) -> None:
    def read() -> bytes:
        raise error

    asked = Request("POST", "/v1/echo/x", "/v1/echo/x", {}, "192.0.2.7", read)
    assert gateway.answer(asked).status == status


def test_the_authorizer_lets_through(gateway: ApiGateway) -> None:
    assert content(gateway.answer(request("/v1/me", authorization="Bearer good"))) == {"me": "ada"}


def test_what_reaches_the_app(gateway: ApiGateway) -> None:
    asked = request("/v1/echo/a%20b%2Fc?tag=x&tag=y&tag=", "POST", body=b'{"n": 1}', content_type="application/json")
    # A path parameter is not decoded; a repeated query parameter arrives with all of its values.
    assert content(gateway.answer(asked)) == {
        "name": "a%20b%2Fc",
        "tags": ["x", "y", ""],
        "body": {"n": 1},
        "ip": "192.0.2.7",
    }


def test_bytes_and_repeated_headers_come_back_as_they_are(gateway: ApiGateway) -> None:
    answer = gateway.answer(request("/v1/picture", accept="image/png"))
    assert answer.body == bytes(range(256))
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == ["a=1", "b=2"]


def test_head_is_get(gateway: ApiGateway) -> None:
    assert gateway.answer(request("/v1/echo/x", "HEAD")).status == 200


def test_requests_at_the_same_time_keep_their_own_context(gateway: ApiGateway) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = map(content, pool.map(gateway.answer, [request("/v1/meet"), request("/v1/meet")]))
    assert first["mine"] == first["after"] != second["mine"] == second["after"]
