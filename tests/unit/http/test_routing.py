"""Routes, apart from those of the platform."""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.http.application import Application
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from tools.localcloud.local_app import Gateway


def test_requests_know_the_address_that_was_asked_for() -> None:
    """Chalice's own ``path`` is the route's: links would lead nowhere, and one key would do for two things."""
    scopes: list[list[Any]] = []

    def run_once(scope: str, _: str, work: Callable[[], dict[str, Any]], __: object, ___: int) -> dict[str, Any]:
        scopes.append(json.loads(scope))
        return work()

    routes = Routes("things", run_once)

    @routes.operation("POST", "/v1/things/{thing}/{part}", summary="Touch", idempotent=True)
    def touch(request: ApiRequest[None, Empty], thing: str, part: str) -> Answer:
        return Answer({"path": request.path, "thing": thing, "part": part})

    app = Application(app_name="things", configure_logs=False)
    app.register_blueprint(routes)
    gateway = Gateway(app)
    for path, thing in (("/v1/things/a/%C3%A4", "a"), ("/v1/things/@b/%C3%A4", "@b")):
        made = gateway.handle_request("POST", path, {"idempotency-key": "k"}, b"{}")
        assert json.loads(made["body"]) == {"path": path, "thing": thing, "part": "ä"}
    assert scopes == [[None, "POST", "/v1/things/a/%C3%A4", "k"], [None, "POST", "/v1/things/@b/%C3%A4", "k"]]
