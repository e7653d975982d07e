"""Errors as ``application/problem+json`` (RFC 9457)."""

import json
from typing import Any

from chalice.app import Response

from chalicelib.domain import errors
from chalicelib.domain.allowances import TooManyRequestsError

CONTENT_TYPE = "application/problem+json"

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.MalformedError, 400),
    (errors.UnauthorizedError, 401),
    (errors.ForbiddenError, 403),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.GoneError, 410),
    (errors.PreconditionFailedError, 412),
    (errors.TooLargeError, 413),
    (errors.InvalidError, 422),
    (TooManyRequestsError, 429),
    (errors.UnsupportedError, 501),
)

_CHALICE_CODES = {
    400: ("malformed", "The request cannot be understood"),
    401: ("unauthorized", "A valid access token is needed"),
    403: ("forbidden", "This is not allowed"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This address does not take this method"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "The body must be JSON"),
}
_INTERNAL = ("internal", "Something went wrong on our side")
_TEMPORARY = ("temporarily-unavailable", "This does not work at the moment")
_RACE = ("conflict", "It was changed by somebody else at the same time")


def problem(  # noqa: PLR0917  what RFC 9457 lists, in its order
    base_url: str,
    request_id: str,
    status: int,
    kind: tuple[str, str],
    detail: str,
    field_errors: tuple[errors.FieldError, ...] = (),
) -> dict[str, Any]:
    """Return the body of a problem of a kind (code and title); ``errors`` stands in it where fields are to blame."""
    code, title = kind
    body: dict[str, Any] = {
        "type": f"{base_url}/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if field_errors:
        body["errors"] = [{"field": error.field, "message": error.message} for error in field_errors]
    return body


def response(status: int, body: dict[str, Any]) -> Response:
    """Return a problem as Chalice answers; never cached, and with the header its status asks for."""
    headers: dict[str, str | list[str]] = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "2"
    return Response(body=json.dumps(body), status_code=status, headers=headers)


def from_error(base_url: str, request_id: str, error: Exception) -> Response | None:
    """Return the answer to a known error; None for one that nobody foresaw."""
    if isinstance(error, errors.DomainError):
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
        body = problem(base_url, request_id, status, (error.code, error.title), error.detail, error.errors)
        answer = response(status, body)
        if isinstance(error, TooManyRequestsError):
            answer.headers |= {**error.allowance.headers, "Retry-After": str(error.allowance.resets_in)}
        return answer
    if isinstance(error, errors.LostRaceError):
        return response(409, problem(base_url, request_id, 409, _RACE, "Please read it again and retry."))
    if isinstance(error, errors.TemporaryError):
        return response(503, problem(base_url, request_id, 503, _TEMPORARY, "Please try again in a moment."))
    return None


def from_chalice(base_url: str, request_id: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Rewrite an error that Chalice made by itself (``{"Code", "Message"}``) as a problem, its headers kept."""
    status = answer["statusCode"]
    code, title = _CHALICE_CODES.get(status, _INTERNAL)
    try:
        detail = json.loads(answer.get("body") or "{}").get("Message", title)
    except (ValueError, AttributeError):
        detail = title
    if status >= 500:
        detail = "The fault is ours and has been noted. Please try again later."
    made = response(status, problem(base_url, request_id, status, (code, title), detail))
    return {**answer, "headers": {**answer.get("headers", {}), **made.headers}, "body": made.body}
