"""Chalice's own emulation of API Gateway, made safe for many threads and closer to what API Gateway sends."""

import threading
import uuid
from typing import Any, cast

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ForbiddenError,
    InvalidAuthorizerError,
    LambdaContext,
    LocalChalice,
    LocalGateway,
    LocalGatewayAuthorizer,
    NotAuthorizedError,
)

Event = dict[str, Any]


class ThreadedChalice(LocalChalice):
    """A Chalice app whose current request and context belong to the thread that serves them.

    Chalice keeps the request apart for each thread but not the Lambda context, so that two requests at the same time
    would log each other's request id.
    """

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the request that this thread serves."""
        return getattr(self._THREAD_LOCAL, "lambda_context", None)

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        self._THREAD_LOCAL.lambda_context = value


class _Authorizer(LocalGatewayAuthorizer):
    """Runs authorizers; what they raise becomes what API Gateway makes of it."""

    def authorize(self, raw_path: str, lambda_event: Event, lambda_context: LambdaContext) -> tuple[Event, Any]:
        try:
            return cast("tuple[Event, Any]", super().authorize(raw_path, lambda_event, lambda_context))
        except (ForbiddenError, NotAuthorizedError, InvalidAuthorizerError):
            raise
        except Exception as error:
            # This exact text is how an authorizer says 401 to API Gateway. Anything else is its own failure.
            if str(error) == "Unauthorized":
                raise NotAuthorizedError({}, b"") from error
            raise InvalidAuthorizerError({}, b"") from error


class Gateway(LocalGateway):
    """LocalGateway with the parts of API Gateway's event that the application reads."""

    def __init__(self, app: Chalice) -> None:
        _become_threaded(app)
        config = Config.create(function_name="api", lambda_timeout=29, lambda_memory_size=1024)
        super().__init__(app, config)
        self._authorizer = _Authorizer(app)
        self._routes = app.routes

    def allowed_methods(self, path: str) -> set[str]:
        """Return the methods of the route that `path` (without a query) leads to; none if there is no such route."""
        try:
            # Private, but the only way to ask without calling the app.
            match = self.event_converter._route_matcher.match_route(path)
        except ValueError:
            return set()
        return set(self._routes[match.route])

    def _generate_lambda_event(self, method: str, path: str, headers: Event, body: bytes | None) -> Event:
        event = super()._generate_lambda_event(method, path, headers, body)
        context = event["requestContext"]
        context["requestId"] = str(uuid.uuid4())
        context["stage"] = "api"
        context["identity"] = {
            "sourceIp": headers.get("x-forwarded-for", "127.0.0.1"),
            "userAgent": headers.get("user-agent", ""),
        }
        event["path"] = context["path"]
        event["httpMethod"] = method
        return event


_becoming = threading.Lock()


def _become_threaded(app: Chalice) -> None:
    """Swap the class of `app`, as `chalice.local.create_local_server` does."""
    with _becoming:
        if not isinstance(app, ThreadedChalice):
            app.__class__ = type("LocalApp", (ThreadedChalice, app.__class__), {})
