"""The Chalice application: problem+json for what Chalice answers by itself, and the headers of every answer."""

from typing import Any

from chalice.app import Chalice

from chalicelib.http import problems
from chalicelib.observability import begin_request
from chalicelib.settings import settings

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Robots-Tag": "noai, noimageai",
}
"""On every answer of the API; the CDN adds those that belong to a host."""


class Application(Chalice):
    """Chalice, with every error as ``application/problem+json``."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one request of API Gateway."""
        request_id = str((event.get("requestContext") or {}).get("requestId") or getattr(context, "aws_request_id", ""))
        begin_request(request_id)
        answer: dict[str, Any] = super().__call__(event, context)
        headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        if answer["statusCode"] >= 400 and headers.get("content-type") != problems.CONTENT_TYPE:
            answer = problems.from_chalice(settings().public_base_url, request_id, answer)
        answer["headers"] = {**SECURITY_HEADERS, "X-Request-Id": request_id, **answer.get("headers", {})}
        return answer
