"""The Chalice application: problem+json for what Chalice answers by itself, the headers and the line of each answer."""

import re
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice

from chalicelib.domain import telemetry
from chalicelib.domain.telemetry import Metric
from chalicelib.http import problems
from chalicelib.http.routing import PAGE
from chalicelib.invocations import invocation
from chalicelib.settings import settings

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Robots-Tag": "noai, noimageai",
}
"""On every answer of the API; the CDN adds those that belong to a host."""

_EDGE_ID = re.compile(r"[A-Za-z0-9_=-]{20,128}")
"""How CloudFront's id of a request looks; nothing else is logged.

What comes through the CDN has CloudFront's. Who calls the REST API's own address chooses it: it finds lines, and proves
nothing.
"""


class Application(Chalice):
    """Chalice, with every error as ``application/problem+json``."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one request of API Gateway."""
        request_id = str((event.get("requestContext") or {}).get("requestId") or getattr(context, "aws_request_id", ""))
        with invocation("api", request_id=request_id, correlation_id=_edge_id(event) or request_id):
            answer = self._answer(event, context, request_id)
            _tell(event.get("requestContext") or {}, answer)
            return answer

    def _answer(self, event: Any, context: Any, request_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = super().__call__(event, context)
        headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        kind = str(headers.get("content-type", ""))
        if answer["statusCode"] >= 400 and kind != problems.CONTENT_TYPE and not kind.startswith(PAGE):
            answer = problems.from_chalice(settings().public_base_url, request_id, answer)
        answer["headers"] = {**SECURITY_HEADERS, "X-Request-Id": request_id, **answer.get("headers", {})}
        return answer


def _edge_id(event: Mapping[str, Any]) -> str | None:
    """Return the id that CloudFront gave a request, by which its own log and its answer name it as well."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    found = _EDGE_ID.fullmatch(str(headers.get("x-amz-cf-id", "")))
    return found[0] if found else None


def _tell(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Note what was asked, by the route's pattern and never by its address, and what kind of answer it got."""
    telemetry.note(route=f"{asked.get('httpMethod')} {asked.get('resourcePath')}", status=answer["statusCode"])
    # an answer without units counts as well, so that their average is what a request costs
    telemetry.measure(Metric.READ_UNITS, 0)
    telemetry.measure(Metric.WRITE_UNITS, 0)
    caching = str(answer["headers"].get("Cache-Control", ""))
    if caching.startswith("public"):
        telemetry.measure(Metric.CACHEABLE_ANSWERS)
    elif caching.startswith("private"):
        telemetry.measure(Metric.PERSONAL_ANSWERS)
