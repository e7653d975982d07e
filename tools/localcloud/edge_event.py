"""Requests as CloudFront Functions see them, and what they answer as the stand-in understands it.

The form: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tools.localcloud.edge_function import Event
from tools.localcloud.messages import Answer, Request

_DISTRIBUTION = "LOCAL"

Values = dict[str, Any]
"""One name's value; with `multiValue`, all of them, if it came more than once."""


def viewer_request(request: Request, request_id: str) -> Event:
    """Return the event of `request`. Names and values of the query stay encoded as they were sent."""
    headers = {
        name: _values(request.repeated.get(name, [value]))
        for name, value in request.headers.items()
        if name != "cookie"
    }
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": request_id, "distributionId": _DISTRIBUTION},
        "viewer": {"ip": request.client},
        "request": {
            "method": request.method,
            "uri": request.path,
            "querystring": _named(_query(request).split("&")),
            "headers": headers,
            "cookies": _named(request.headers.get("cookie", "").split(";")),
        },
    }


def rewritten(request: Request, event: Event, answer: dict[str, Any]) -> Request:
    """Return `request` as the function's `answer` to `event` would have it go on."""
    headers = {name: ", ".join(_all(values)) for name, values in answer["headers"].items()}
    cookies = "; ".join(f"{name}={value}" for name, values in answer["cookies"].items() for value in _all(values))
    if cookies:
        headers["cookie"] = cookies
    query = _query(request)
    if answer["querystring"] != event["request"]["querystring"]:
        query = "&".join(_assignments(answer["querystring"]))
    path = answer["uri"]
    return replace(request, target=f"{path}?{query}" if query else path, path=path, headers=headers, repeated={})


def generated(answer: dict[str, Any]) -> Answer:
    """Return the response that the function made itself."""
    headers = [(name, value) for name, values in answer.get("headers", {}).items() for value in _all(values)]
    body = answer.get("body", {"data": ""})
    encoded = body.get("encoding") == "base64"
    return Answer(answer["statusCode"], headers, base64.b64decode(body["data"]) if encoded else body["data"].encode())


def _query(request: Request) -> str:
    return request.target.partition("?")[2]


def _named(parts: Iterable[str]) -> dict[str, Values]:
    """Read parts such as `name=value`."""
    found: dict[str, list[str]] = {}
    for part in parts:
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name, []).append(value)
    return {name: _values(values) for name, values in found.items()}


def _values(values: list[str]) -> Values:
    first: Values = {"value": values[0]}
    return first if len(values) == 1 else {**first, "multiValue": [{"value": value} for value in values]}


def _all(values: Values) -> list[str]:
    return [each["value"] for each in values.get("multiValue", [values])]


def _assignments(query: dict[str, Values]) -> Iterator[str]:
    for name, values in query.items():
        for value in _all(values):
            yield f"{name}={value}" if value else name
