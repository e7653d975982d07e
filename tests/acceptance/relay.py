"""A relay in front of the platform that changes a client's name on the way in, and headers on the way out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_PASSED_BACK = ("content-type", "x-robots-tag", "tdm-reservation", "content-usage")


@contextmanager
def relay(base_url: str, agent: str, *, without: str = "") -> Iterator[str]:
    """Relay GET to `base_url` under the name `agent`, leave out the header `without`, and give the relay's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = httpx.get(base_url + self.path, headers={"User-Agent": agent}, timeout=30, trust_env=False)
            self.send_response(answer.status_code)
            for name in _PASSED_BACK:
                if name in answer.headers and name != without:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's signature
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
