"""Requests and answers as the parts of the web process hand them to each other."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

REQUEST_ID_HEADER = "x-amz-cf-id"
"""The header by which CloudFront tells an origin, and with other capitals the client, the id of a request."""


class BodyTooLargeError(Exception):
    """The body is larger than API Gateway takes."""


class BodyMissingLengthError(Exception):
    """The body comes without a length."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: as sent.
        target: path and query, as sent, percent-encoding included.
        path: the path alone, as sent.
        headers: by lower-case name; repeated ones are joined by commas.
        client: the address of the client.
        read_body: reads the body when first called; raises BodyTooLargeError or BodyMissingLengthError.
        repeated: the values of those headers that came more than once, by lower-case name.
    """

    method: str
    target: str
    path: str
    headers: Mapping[str, str]
    client: str
    read_body: Callable[[], bytes]
    repeated: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str | None:
        """The id that the CDN gave the request; None before that."""
        return self.headers.get(REQUEST_ID_HEADER)


@dataclass(slots=True)
class Answer:
    """One answer. `body` is all of it, or an iterable of pieces together with a `Content-Length` header."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


_TITLES = {
    "malformed": "The request cannot be understood",
    "unauthorized": "A valid access token is needed",
    "forbidden": "This is not allowed",
    "not-found": "There is nothing here",
    "method-not-allowed": "This address does not take this method",
    "length-required": "The body needs a Content-Length",
    "too-large": "The request is too large",
    "range-not-satisfiable": "There is no such range",
    "internal": "Something went wrong on our side",
    "bad-gateway": "The function gave no usable answer",
    "temporarily-unavailable": "This does not work at the moment",
}


def problem(
    base_url: str,
    status: int,
    code: str,
    detail: str = "",
    *,
    headers: Iterable[tuple[str, str]] = (),
    request_id: str | None = None,
) -> Answer:
    """Return an error as RFC 9457 problem details.

    `base_url` is the public origin, `code` one of the codes in kebab case that have a title here, `detail` what was
    wrong this time, `headers` are added to the answer.
    """
    identity = request_id or str(uuid.uuid4())
    title = _TITLES[code]
    document = {
        "type": f"{base_url}/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "request_id": identity,
    }
    return Answer(
        status,
        [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", "no-store"),
            ("X-Request-Id", identity),
            *headers,
        ],
        json.dumps(document, ensure_ascii=False).encode(),
    )
