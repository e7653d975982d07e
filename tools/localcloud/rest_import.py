"""Teaches the emulated AWS to import a REST API from its description, which is how `chalice deploy` makes one.

The emulator's CloudFormation knows such imports, its API Gateway does not: without this, `chalice deploy` succeeds and
leaves an API without routes. It reaches into the emulator's own parts, so its version is pinned and a test deploys
through it. Calls: https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html and API_PutRestApi.html.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway_v1 as gateway

Spec = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]

_original_handle = gateway.handle_request
_original_import = gateway._import_operation
_original_update = gateway._update_rest_api


async def _handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Reply:
    """Answer ImportRestApi and PutRestApi; leave every other call to the emulator."""
    parts = [part for part in path.strip("/").split("/") if part]
    if parts[:1] == ["restapis"] and (method, len(parts)) in {("POST", 1), ("PUT", 2)}:
        spec = _description(body)
        if spec is not None:
            return _import(spec) if method == "POST" else _overwrite(parts[1], spec)
    reply: Reply = await _original_handle(method, path, headers, body, query)
    return reply


def _description(body: bytes) -> Spec | None:
    """Return the API description that a body holds; None if it is something else, such as plain CreateRestApi."""
    try:
        spec = json.loads(body)
    except ValueError:
        return None
    return spec if isinstance(spec, dict) and ("swagger" in spec or "openapi" in spec) else None


def _import(spec: Spec) -> Reply:
    return _view(_made_from(spec), 201)


def _made_from(spec: Spec) -> str:
    settings: dict[str, Any] = {"binaryMediaTypes": spec.get("x-amazon-apigateway-binary-media-types", [])}
    if spec.get("x-amazon-apigateway-policy"):
        settings["policy"] = json.dumps(spec["x-amazon-apigateway-policy"])
    made: str = gateway._import_rest_api(spec, settings)
    return made


def _overwrite(api_id: str, spec: Spec) -> Reply:
    """Put what the description says in the place of all that the API was, gateway responses included, as AWS does."""
    if api_id not in gateway._rest_apis:
        missing: Reply = gateway._v1_error("NotFoundException", "Invalid API identifier specified", 404)
        return missing
    made = _made_from(spec)
    for store in (gateway._resources, gateway._authorizers_v1, gateway._models):
        store[api_id] = store[made]
        store[made] = {}
    gateway._gateway_responses[api_id] = {}
    for name in ("name", "version", "binaryMediaTypes", "policy"):
        gateway._rest_apis[api_id][name] = gateway._rest_apis[made][name]
    gateway._delete_rest_api(made)
    return _view(api_id, 200)


def _view(api_id: str, status: int) -> Reply:
    reply: Reply = gateway._v1_response(gateway._rest_api_view(gateway._rest_apis[api_id]), status)
    return reply


def _import_operation(api_id: str, resource: str, method: str, operation: Spec, *schemes: Any) -> None:
    """Import one operation with all of its integration; the emulator's own import keeps type, method and address."""
    _original_import(api_id, resource, method, operation, *schemes)
    integration = (operation or {}).get("x-amazon-apigateway-integration") or {}
    if not integration or method not in gateway._resources[api_id][resource]["resourceMethods"]:
        return
    gateway._put_integration(
        api_id,
        resource,
        method,
        {
            "type": integration.get("type", "").upper(),
            "httpMethod": integration.get("httpMethod"),
            "uri": integration.get("uri"),
            "requestTemplates": integration.get("requestTemplates", {}),
            "passthroughBehavior": integration.get("passthroughBehavior", "WHEN_NO_MATCH").upper(),
            "contentHandling": integration.get("contentHandling"),
        },
    )
    for status, response in (operation.get("responses") or {}).items():
        declared = {f"method.response.header.{name}": False for name in response.get("headers") or {}}
        gateway._put_method_response(api_id, resource, method, str(status), {"responseParameters": declared})
    for pattern, response in (integration.get("responses") or {}).items():
        gateway._put_integration_response(
            api_id, resource, method, str(response.get("statusCode", "200")), _integration_response(pattern, response)
        )


def _integration_response(pattern: str, response: Mapping[str, Any]) -> Spec:
    return {
        "selectionPattern": "" if pattern == "default" else pattern,
        "responseParameters": response.get("responseParameters", {}),
        "responseTemplates": response.get("responseTemplates", {}),
    }


def _update_rest_api(api_id: str, data: Spec) -> Reply:
    """Update, with the compression size as the number that it is: Chalice sends an empty text for none."""
    for operation in data.get("patchOperations", []):
        if operation.get("path") == "/minimumCompressionSize":
            value = operation.get("value")
            operation["value"] = int(value) if value not in {"", None} else None
    reply: Reply = _original_update(api_id, data)
    return reply


def install() -> None:
    """Put all of this into the emulator of this process."""
    gateway._update_rest_api = _update_rest_api
    gateway._import_operation = _import_operation
    gateway.handle_request = _handle
