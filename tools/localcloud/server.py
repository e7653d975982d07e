"""An HTTP server for many connections at once, none of which can end it or hold up the others."""

import http
import logging
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer, ThreadingMixIn
from typing import Any

from tools.localcloud.messages import Answer, BodyMissingLengthError, BodyTooLargeError, Request, problem

_log = logging.getLogger(__name__)

Application = Callable[[Request], Answer]

_IDLE_SECONDS = 30.0
_NO_BODY = {204, 304}
_DRAIN_SECONDS = 5.0
_DRAIN_CHUNK_BYTES = 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    """Reads requests of one connection, asks the application, writes its answers."""

    protocol_version = "HTTP/1.1"
    # The library would answer what it cannot read in the way of HTTP/0.9, without a status line.
    default_request_version = "HTTP/1.0"
    timeout = _IDLE_SECONDS
    # Buffered, so that the header goes out with the body in one packet.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def __init__(self, *args: Any, application: Application, base_url: str, limit: int) -> None:
        self._application = application
        self._base_url = base_url
        self._limit = limit
        self._body: bytes | None = None
        super().__init__(*args)

    def handle_expect_100(self) -> bool:
        """Ask for the body only when it is going to be read."""
        return True

    def handle_one_request(self) -> None:
        self._body = None
        super().handle_one_request()

    def _serve(self) -> None:
        values = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        request = Request(
            method=self.command,
            target=self.path,
            path=self.path.partition("?")[0],
            headers={name: ", ".join(each) for name, each in values.items()},
            client=self.client_address[0],
            read_body=self._read_body,
            repeated={name: each for name, each in values.items() if len(each) > 1},
        )
        try:
            answer = self._application(request)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - one request must not end the connection's thread unanswered
            _log.exception("%s %s failed", request.method, request.path)
            answer = problem(self._base_url, 500, "internal")
        self._write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - named by the library

    def _read_body(self) -> bytes:
        if self._body is not None:
            return self._body
        if "transfer-encoding" in self.headers:
            raise BodyMissingLengthError
        text = self.headers.get("content-length", "0").strip()
        # what is longer than any limit has is not made a number: Python refuses thousands of digits
        length = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else self._limit + 1
        if length > self._limit:
            raise BodyTooLargeError
        if length and self.headers.get("expect", "").lower() == "100-continue":
            self.send_response_only(http.HTTPStatus.CONTINUE)
            self.end_headers()
            self.wfile.flush()
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError("the client left in the middle of its request")
        self._body = body
        return body

    def _write(self, answer: Answer) -> None:
        # Not send_response, which logs: the application keeps the log of what reaches it.
        self.send_response_only(answer.status)
        self.send_header("Server", self.version_string())
        self.send_header("Date", self.date_time_string())
        names = set()
        for name, value in answer.headers:
            names.add(name.lower())
            self.send_header(name, value.replace("\r", " ").replace("\n", " "))
        if isinstance(answer.body, bytes) and "content-length" not in names and answer.status not in _NO_BODY:
            self.send_header("Content-Length", str(len(answer.body)))
        unread = self._body is None and (
            self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers
        )
        if unread:
            # The body was never read: what follows on this connection is not the next request.
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD" and answer.status not in _NO_BODY:
            for piece in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                self.wfile.write(piece)
        self.wfile.flush()
        if unread:
            self._drain()

    def _drain(self) -> None:
        """Let go of a body that nobody wants: closing while it still comes would take the answer from the client."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        self.connection.settimeout(_DRAIN_SECONDS)
        self.connection.shutdown(socket.SHUT_WR)
        while time.monotonic() < deadline and self.rfile.read1(_DRAIN_CHUNK_BYTES):
            pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be read as a request, as the library asks for it, but as problem details."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        answer = problem(self._base_url, code, "malformed", message or explain or "")
        self.send_response(code)
        for name, value in [*answer.headers, ("Connection", "close")]:
            self.send_header(name, value)
        body = answer.body if isinstance(answer.body, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def version_string(self) -> str:
        """Return what goes into the Server header: no versions."""
        return "cara"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - the library's signature
        """Log what never became a request."""
        # The path alone: a query can carry what is nobody's business.
        path = getattr(self, "path", "-").partition("?")[0]
        _log.info("%s %s %s", getattr(self, "command", "-"), path, int(code) if isinstance(code, int) else code)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's signature
        _log.info(format, *args)


class Server(ThreadingMixIn, BaseServer):
    """Serves an application on a socket that is already bound, a thread for each connection."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, application: Application, *, base_url: str, limit: int) -> None:
        self.socket = listening
        handler: Any = partial(_Handler, application=application, base_url=base_url, limit=limit)
        super().__init__(listening.getsockname(), handler)

    def fileno(self) -> int:
        """Return what to wait on for the next connection."""
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Return the next connection and its address."""
        return self.socket.accept()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection in both directions, whatever its state."""
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        finally:
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's signature
        """Log what went wrong with one connection; a client that left is not worth a traceback."""
        error = sys.exc_info()[1]
        if isinstance(error, ConnectionError | TimeoutError):
            _log.debug("a client left: %r", error)
        else:
            _log.exception("a connection failed")
