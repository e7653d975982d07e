"""How the CDN's function is run: the events it gets, and what becomes of its failures."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.edge_agents import EdgeError
from tools.localcloud.cdn import Cdn
from tools.localcloud.edge_distribution import Behaviour, Distribution
from tools.localcloud.edge_event import generated, rewritten, viewer_request
from tools.localcloud.edge_function import EdgeFunction, FunctionError
from tools.localcloud.messages import Answer, Request

BASE = "http://cara.test"
HEAD = "import cf from 'cloudfront';\nconst store = cf.kvs();\n"

Write = Callable[..., EdgeFunction]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a function of one's own from the body of its handler."""

    def make(body: str, pairs: dict[str, str] | None = None, *, outside: str = "") -> EdgeFunction:
        file = tmp_path / "function.js"
        file.write_text(f"{HEAD}{outside}\nasync function handler(event) {{ {body} }}\n", encoding="utf-8")
        return EdgeFunction(pairs or {}, file=file)

    return make


def request(target: str = "/x", **headers: str) -> Request:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", target, target.partition("?")[0], sent, "192.0.2.7", bytes)


def test_the_event() -> None:
    asked = Request(
        "GET", "/a%20b?tag=x%26&flag&tag=&n=1=2", "/a%20b",
        {"host": "cara.test", "accept": "text/html, image/*", "cookie": "a=1; b=2; a=3"},
        "192.0.2.7", bytes, {"accept": ["text/html", "image/*"]},
    )  # fmt: skip
    assert viewer_request(asked, "the-id") == {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": "the-id", "distributionId": "LOCAL"},
        "viewer": {"ip": "192.0.2.7"},
        "request": {
            "method": "GET",
            "uri": "/a%20b",
            "querystring": {
                "tag": {"value": "x%26", "multiValue": [{"value": "x%26"}, {"value": ""}]},
                "flag": {"value": ""},
                "n": {"value": "1=2"},
            },
            "headers": {
                "host": {"value": "cara.test"},
                "accept": {"value": "text/html", "multiValue": [{"value": "text/html"}, {"value": "image/*"}]},
            },
            "cookies": {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "3"}]}, "b": {"value": "2"}},
        },
    }


def test_what_the_function_changes_is_what_goes_on(write: Write) -> None:
    function = write("""
        const request = event.request;
        request.uri = '/other';
        request.headers['x-new'] = {value: 'yes'};
        request.querystring.more = {value: '1', multiValue: [{value: '1'}, {value: '2'}]};
        delete request.cookies.session;
        return request;""")
    asked = request("/x?flag&a=1", cookie="session=secret; theme=dark", accept="text/html")
    event = viewer_request(asked, "the-id")
    changed = rewritten(asked, event, function.run(event).answer)
    assert (changed.path, changed.target) == ("/other", "/other?flag&a=1&more=1&more=2")
    assert changed.headers == {"accept": "text/html", "x-new": "yes", "cookie": "theme=dark"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"encoding": "text", "data": "ä"}, "ä".encode()),
        ({"encoding": "base64", "data": "AAH/"}, b"\0\1\xff"),
        (None, b""),
    ],
)
def test_what_the_function_answers_itself(body: Any, expected: bytes) -> None:
    headers = {"x-twice": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}}
    made = generated({"statusCode": 418, "headers": headers} | ({"body": body} if body else {}))
    assert (made.status, made.headers, made.body) == (418, [("x-twice", "1"), ("x-twice", "2")], expected)


def test_the_store(write: Write) -> None:
    function = write(
        "return {there: await store.exists('a'), not: await store.exists('toString'), value: await store.get('a')};",
        {"a": "1"},
    )
    outcome = function.run({})
    assert (outcome.answer, outcome.reads) == ({"there": True, "not": False, "value": "1"}, 3)
    assert function.run({}).reads == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("throw new Error('broken');", "broken"),
        ("await store.get('none');", "KeyNotFound"),
        ("await store.exists('x'.repeat(513));", "KeyTooLong"),
        ("return event.none.none;", "TypeError"),
        ("return undefined;", "no answer"),
        ("return 'text';", "no answer"),
        ("await {then: function () {}};", "no answer"),
        ("for (;;) {}", "interrupted"),
        ("await 1; for (;;) {}", "interrupted"),
        ("const all = []; for (;;) { all.push(new Array(1000).fill(1)); }", "out of memory"),
        ("return handler(event);", "call stack"),
    ],
)
def test_a_failure_is_one_whatever_it_is(write: Write, monkeypatch: pytest.MonkeyPatch, body: str, told: str) -> None:
    monkeypatch.setattr("tools.localcloud.edge_function._TIME_LIMIT_SECONDS", 0.2)
    function = write(f"if (event.good) {{ return {{fine: true}}; }} {body}")
    with pytest.raises(FunctionError, match=told):
        function.run({})
    assert function.run({"good": True}).answer == {"fine": True}


def test_what_was_interrupted_leaves_nothing_behind(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.localcloud.edge_function._TIME_LIMIT_SECONDS", 0.2)
    function = write("visits++; while (event.endless) {} return {visits: visits};", outside="let visits = 0;")
    assert function.run({}).answer == {"visits": 1}
    with pytest.raises(FunctionError, match="interrupted"):
        function.run({"endless": True})
    assert function.run({}).answer == {"visits": 1}


def test_a_function_that_cannot_be_read(write: Write, tmp_path: Path) -> None:
    with pytest.raises(FunctionError, match="SyntaxError"):
        write("return {;").run({})
    (tmp_path / "other.js").write_text("function handler(event) { return event.request; }", encoding="utf-8")
    with pytest.raises(EdgeError, match=r"other\.js must begin"):
        EdgeFunction({}, file=tmp_path / "other.js")


def test_a_failing_function_is_a_503_and_a_line_in_the_log(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    everything = Distribution([Behaviour("*", "web", frozenset({"GET"}), ())])
    cdn = Cdn(everything, write("throw new Error('broken');"), {"web": lambda request: Answer(200)}, BASE)
    answer = cdn.answer(request("/x?secret"))
    assert isinstance(answer.body, bytes)
    told = json.loads(answer.body)
    assert answer.status == told["status"] == 503
    assert told["type"] == f"{BASE}/problems/temporarily-unavailable"
    assert told["request_id"] == dict(answer.headers)["X-Amz-Cf-Id"]
    assert "broken" in caplog.text
    assert "FunctionExecutionError" in caplog.text
    assert "secret" not in caplog.text


def test_an_address_begins_with_a_slash(write: Write) -> None:
    everything = Distribution([Behaviour("*", "web", frozenset({"GET", "OPTIONS"}), ())])
    cdn = Cdn(everything, write("return event.request;"), {"web": lambda request: Answer(200)}, BASE)
    assert [cdn.answer(request(target)).status for target in ("http://x/", "*", "")] == [400, 400, 400]


def test_an_origin_that_nothing_stands_for(write: Write) -> None:
    everything = Distribution([Behaviour("*", "web", frozenset({"GET"}), ())])
    with pytest.raises(EdgeError, match="web"):
        Cdn(everything, write("return event.request;"), {}, BASE)
