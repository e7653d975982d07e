"""The HTTP server: many connections, and clients that do not behave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import httpx
import pytest

from tests.localcloud.small_app import small_app
from tools.localcloud.gateway import ApiGateway
from tools.localcloud.messages import Answer, Request
from tools.localcloud.server import Server
from tools.localcloud.supervisor import bind
from tools.localcloud.web import edge

LIMIT = 1000


@dataclass
class Running:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def say(self, text: bytes) -> bytes:
        """Send `text` and return all of the answer, until the server closes."""
        with closing(self.connect()) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


def streamed(request: Request) -> Answer:
    return Answer(200, [("Content-Length", "6")], iter([b"abc", b"def"]))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with bind(0) as listening:
        port = listening.getsockname()[1]
        base_url = f"http://127.0.0.1:{port}"
        application = edge(
            api=ApiGateway(small_app(), base_url).answer,
            derivatives=streamed,
            web=lambda request: Answer(200, [], request.path.encode()),
            base_url=base_url,
            endpoint="http://127.0.0.1:9",
        )
        serving = Server(listening, application, base_url=base_url, limit=LIMIT)
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Running(port)
        serving.shutdown()
        thread.join()


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as client:
        yield client


def test_it_answers_while_a_hundred_connections_are_open(server: Running, client: httpx.Client) -> None:
    beginnings = [b"", b"GET /v1/echo/x HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /v1/echo/x HTTP/1.1\r\n"]
    beginnings.append(b"POST /v1/echo/x HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
    with ExitStack() as stack:
        for number in range(100):
            connection = stack.enter_context(closing(server.connect()))
            connection.sendall(beginnings[number % len(beginnings)])
        for _ in range(5):
            assert client.get("/v1/echo/x").status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"POST /v1/echo/x HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/echo/x HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n",
        b"POST /v1/echo/x HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"GET http://elsewhere.test/v1/echo/x HTTP/1.1\r\n\r\n",
    ],
)
def test_nonsense_is_survived(server: Running, client: httpx.Client, text: bytes) -> None:
    status_line = server.say(text).partition(b"\r\n")[0]
    assert not status_line.startswith(b"HTTP/1.1 2")
    assert client.get("/v1/echo/x").status_code == 200


def test_nonsense_is_answered_with_a_problem(server: Running) -> None:
    answer = server.say(b"GARBAGE LINE OF FOUR WORDS\r\n\r\n")
    assert b"application/problem+json" in answer
    assert b"/problems/malformed" in answer


def test_a_connection_is_kept(server: Running) -> None:
    twice = server.say(b"GET /v1/echo/x HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    assert twice.count(b"HTTP/1.1 200") == 2


def test_a_body_that_is_too_large_is_refused_and_ends_the_connection(client: httpx.Client) -> None:
    answer = client.post("/v1/echo/x", content=b"x" * (LIMIT + 1))
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert answer.json()["type"].endswith("/problems/too-large")


def test_a_client_that_sends_far_too_much_still_reads_the_answer(client: httpx.Client) -> None:
    for _ in range(5):
        assert client.post("/v1/echo/x", content=bytes(30_000_000)).status_code == 413


def test_a_body_of_the_largest_size_is_taken(client: httpx.Client) -> None:
    body = b'"' + b"x" * (LIMIT - 2) + b'"'
    answer = client.post("/v1/echo/x", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["body"] == "x" * (LIMIT - 2)


def test_a_body_without_a_length_is_refused(client: httpx.Client) -> None:
    assert client.post("/v1/echo/x", content=iter([b"x"])).status_code == 411


def test_a_client_that_waits_is_told_to_continue(server: Running) -> None:
    head = b"POST /v1/echo/x HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    assert server.say(head + b"Expect: 100-continue\r\n\r\n{}").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")


def test_the_answer_to_head_has_no_body(server: Running) -> None:
    answer = server.say(b"HEAD /v1/echo/x HTTP/1.1\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: " in answer


def test_a_body_in_pieces(client: httpx.Client) -> None:
    assert client.get("/media/x").content == b"abcdef"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/v1", 200), ("/v1/", 404), ("/v1x", 200), ("/mediax", 200), ("/media", 200)],
)
def test_where_paths_lead(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_what_never_became_a_request_is_logged(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    server.say(b"GET /x?secret HTTP/9.9\r\n\r\n")
    assert [record.getMessage() for record in caplog.records if " 505" in record.getMessage()]
    assert "secret" not in caplog.text
