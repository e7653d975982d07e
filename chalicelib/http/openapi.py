"""The API's description, OpenAPI 3.1, made of the routes as they are registered and of the schemas they use."""

import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from chalicelib import __version__
from chalicelib.http.routing import PAGE, Operation
from chalicelib.schemas.base import Problem
from chalicelib.schemas.registry import Hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.app import Chalice

_REF = "#/components/schemas/{model}"
_ALWAYS = (422, 500, 503)
_TEXT = {"type": "string"}
_FORMS = {"hash": TypeAdapter(Hash).json_schema()}  # of path parameters: others are ids and names, 404 where unknown
_DESCRIPTIONS = {
    200: "Done",
    201: "Created",
    202: "Begun",
    204: "Done",
    301: "Moved for good",
    400: "Malformed",
    401: "No valid access token",
    403: "Not for this account",
    404: "Nothing here",
    409: "The present state does not allow it",
    410: "It is over",
    412: "Changed since it was last read",
    413: "Too large",
    415: "The body is not JSON",
    422: "Invalid fields",
    429: "Too many requests: Retry-After says when to go on",
    500: "The fault is ours",
    501: "Not in this form",
    503: "Try again in a moment",
}


def describe(app: "Chalice", base_url: str) -> dict[str, Any]:
    """Return the description of every route of an application that was registered as an operation."""
    operations = sorted(_operations(app), key=lambda each: (each.path, each.method))
    models = _models(operations)
    references, schemas = models_json_schema([(m, mode) for m, mode in models], ref_template=_REF)
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cara",
            "version": __version__,
            "description": "Portfolio and social platform for human artists. Errors are application/problem+json.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "Cognito access token (JWT)"}
            },
        },
    }


def _operations(app: "Chalice") -> "Iterator[Operation]":
    for methods in app.routes.values():
        for entry in methods.values():
            operation = getattr(entry.view_function, "operation", None)
            if isinstance(operation, Operation):
                yield operation


def _models(operations: list[Operation]) -> list[tuple[type[BaseModel], Any]]:
    used: dict[tuple[type[BaseModel], str], None] = {(Problem, "serialization"): None}
    for operation in operations:
        if operation.body:
            used[operation.body, "validation"] = None
        if operation.answer:
            used[operation.answer, "serialization"] = None
    return list(used)


def _operation(operation: Operation, references: Any) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{operation.method.lower()}_{_name(operation)}",
        "summary": operation.summary,
        "tags": [_tag(operation)],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": _responses(operation, references),
    }
    if operation.auth != "none":
        described["security"] = [{"bearer": []}, {}] if operation.auth == "optional" else [{"bearer": []}]
    if operation.body:
        schema = references[operation.body, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _name(operation: Operation) -> str:
    path = operation.path.removeprefix("/v1/").removeprefix("/").removeprefix(".")
    return re.sub(r"[^a-z0-9]+", "_", f"page_{path}" if operation.produces == PAGE else path)


def _tag(operation: Operation) -> str:
    """Return the resource; what stands beside the API is for people, or about the whole origin."""
    if operation.produces == PAGE:
        return "pages"
    first, _, rest = operation.path.removeprefix("/").partition("/")
    return rest.split("/")[0].split(".")[0] if first == "v1" else "origin"


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [{"name": name, "in": "path", "required": True, "schema": _FORMS.get(name, _TEXT)} for name in names]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": value}
        for name, value in schema.get("properties", {}).items()
    ]


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = ["Idempotency-Key"] if operation.idempotent else []
    names += ["If-Match"] if 412 in operation.errors else []
    return [{"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in names]


def _responses(operation: Operation, references: Any) -> dict[str, Any]:
    responses: dict[str, Any] = {str(status): {"description": _DESCRIPTIONS[status]} for status in operation.status}
    if operation.answer:
        for response in responses.values():
            schema = references[operation.answer, "serialization"]
            response["content"] = {"application/json": {"schema": schema}}
    elif operation.produces != "application/json":
        for response in responses.values():
            schema = {} if operation.produces.endswith("json") else {"type": "string"}
            response["content"] = {operation.produces: {"schema": schema}}
    failures = {*operation.errors, *_ALWAYS}
    failures |= {429} if operation.limit else set()
    failures |= {404} if "{" in operation.path else set()
    failures |= {401} if operation.auth != "none" else set()
    failures |= {403} if operation.auth == "moderator" else set()
    failures |= {400, 413, 415} if operation.body else set()
    failures |= {409} if operation.idempotent else set()
    problem = {"application/problem+json": {"schema": references[Problem, "serialization"]}}
    problem |= {PAGE: {"schema": _TEXT}} if operation.produces == PAGE else {}
    for status in sorted(failures):
        responses[str(status)] = {"description": _DESCRIPTIONS[status], "content": problem}
    return responses
