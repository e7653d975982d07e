"""API Gateway in front of the Chalice app: its own answers, each as problem details, and the app's passed on."""

import base64
import logging
from functools import partial
from typing import Any, cast

from chalice.app import Chalice
from chalice.local import ForbiddenError, InvalidAuthorizerError, NotAuthorizedError

from tools.localcloud.local_app import Gateway
from tools.localcloud.messages import Answer, BodyMissingLengthError, BodyTooLargeError, Request, problem

_log = logging.getLogger(__name__)

BODY_LIMIT_BYTES = 10_000_000
"""The payload quota of API Gateway."""


class ApiGateway:
    """Hands requests to the app in this process. Safe to use from many threads."""

    def __init__(self, app: Chalice, base_url: str) -> None:
        self._gateway = Gateway(app)
        self._base_url = base_url

    def answer(self, request: Request) -> Answer:
        """Return what API Gateway would answer to `request`."""
        # API Gateway has no HEAD of its own; the CDN in front of it asks with GET and drops the body.
        method = "GET" if request.method == "HEAD" else request.method
        allowed = self._gateway.allowed_methods(request.path)
        refuse = partial(problem, self._base_url, request_id=request.id)
        if not allowed:
            return refuse(404, "not-found", f"There is no {request.path} in this API.")
        if method not in allowed and method != "OPTIONS":
            listed = ", ".join(sorted(allowed))
            return refuse(405, "method-not-allowed", f"Allowed here: {listed}.", headers=[("Allow", listed)])
        try:
            body = request.read_body()
        except BodyTooLargeError:
            return refuse(413, "too-large", f"At most {BODY_LIMIT_BYTES} bytes are taken.")
        except BodyMissingLengthError:
            return refuse(411, "length-required")
        return self._call(method, request, body)

    def _call(self, method: str, request: Request, body: bytes) -> Answer:
        headers = {**request.headers, "x-forwarded-for": request.client, "x-forwarded-proto": "http"}
        refuse = partial(problem, self._base_url, request_id=request.id)
        try:
            response = self._gateway.handle_request(method, request.target, headers, body or None)
            return _convert(response)
        except NotAuthorizedError:
            detail = "Send a valid access token as Authorization: Bearer …."
            return refuse(401, "unauthorized", detail, headers=[("WWW-Authenticate", "Bearer")])
        except ForbiddenError:
            return refuse(403, "forbidden")
        except InvalidAuthorizerError:
            _log.exception("the authorizer failed")
            return refuse(500, "internal")
        except Exception:  # noqa: BLE001 - whatever it is, API Gateway answers for the function
            _log.exception("the function failed: %s %s", method, request.path)
            return refuse(502, "bad-gateway")


def _convert(response: dict[str, Any]) -> Answer:
    headers = [(name, str(value)) for name, value in response["headers"].items()]
    headers += [(name, str(value)) for name, values in response["multiValueHeaders"].items() for value in values]
    body = response["body"]
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    if response.get("isBase64Encoded"):
        body = base64.b64decode(cast("str", body))
    elif isinstance(body, str):
        body = body.encode()
    return Answer(response["statusCode"], headers, body or b"")
