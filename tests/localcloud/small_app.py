"""A small Chalice app to try the gateway and the server with."""

import threading
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, Request, Response


def small_app() -> Chalice:
    """Return an app with a route of each kind."""
    app = Chalice("small", configure_logs=False)
    app.api.binary_types = ["image/*"]
    meeting = threading.Barrier(2)

    def current() -> Request:
        request = app.current_request
        assert request is not None
        return request

    @app.authorizer()
    def authorizer(request: AuthRequest) -> AuthResponse:
        if request.token == "Bearer good":
            return AuthResponse(routes=["*"], principal_id="ada")
        if request.token == "Bearer suspended":
            return AuthResponse(routes=[], principal_id="ada")
        if request.token == "Bearer broken":
            raise ValueError("no keys")
        raise Exception("Unauthorized")  # noqa: TRY002 - exactly so is API Gateway told 401

    @app.route("/v1/echo/{name}", methods=["GET", "POST"])
    def echo(name: str) -> dict[str, Any]:
        request = current()
        tags = request.query_params.getlist("tag") if request.query_params else []
        return {"name": name, "tags": tags, "body": request.json_body, "ip": request.context["identity"]["sourceIp"]}

    @app.route("/v1/me", authorizer=authorizer)
    def me() -> dict[str, Any]:
        return {"me": current().context["authorizer"]["principalId"]}

    @app.route("/v1/picture")
    def picture() -> Response:
        return Response(bytes(range(256)), headers={"Content-Type": "image/png", "Set-Cookie": ["a=1", "b=2"]})

    @app.route("/v1/meet")
    def meet() -> dict[str, Any]:
        mine = app.lambda_context.aws_request_id
        meeting.wait(5)
        return {"mine": mine, "after": app.lambda_context.aws_request_id}

    @app.middleware("http")
    def refuse(event: Any, get_response: Any) -> Any:
        if event.path == "/v1/echo/{name}" and event.uri_params["name"] == "unanswerable":
            return "not an answer"
        return get_response(event)

    return app
