"""What API Gateway answers by itself, as problem+json, its throttle and its access log.

`chalice deploy` overwrites the REST API and with it the gateway responses, so they cannot be part of a stack: they are
compared and put back after each one. Declared in infra/gateway.json, for every type that AWS lists:
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.domain.noai import media_headers
from tools.deploy.account import Account
from tools.deploy.stage import ROOT

DECLARED = ROOT / "infra" / "gateway.json"
API_STAGE = "api"


def declared(path: Path = DECLARED) -> dict[str, Any]:
    """Return infra/gateway.json."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def gateway_response(kind: str, wanted: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Return one response as API Gateway takes it: status, headers and a body template of RFC 9457."""
    # The default types keep the status of the error, which no variable of a template tells: their body has none.
    status = {"status": wanted["status"]} if "status" in wanted else {}
    problem = {
        "type": f"{base_url}/problems/{wanted['code']}",
        "title": wanted["title"],
        **status,
        "detail": wanted["detail"],
        "request_id": "$context.requestId",
    }
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": media_headers(base_url)["X-Robots-Tag"],
        **wanted.get("headers", {}),
    }
    parameters = {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}
    parameters["gatewayresponse.header.X-Request-Id"] = "context.requestId"
    made = {
        "responseType": kind,
        "responseParameters": parameters,
        "responseTemplates": {"application/json": json.dumps(problem)},
    }
    return made | {name + "Code": str(value) for name, value in status.items()}


def apply(account: Account, api_id: str, base_url: str, log_group_arn: str) -> list[str]:
    """Bring the API to what is declared and return what was changed, for people."""
    client = account.client("apigateway")
    changed = _responses(client, api_id, base_url)
    if changed:
        # what was put counts from the next deployment of the API on
        client.create_deployment(restApiId=api_id, stageName=API_STAGE, description="gateway responses")
    return changed + _stage_settings(client, api_id, log_group_arn)


def _responses(client: Any, api_id: str, base_url: str) -> list[str]:
    pages = client.get_paginator("get_gateway_responses").paginate(restApiId=api_id)
    found = {each["responseType"]: each for page in pages for each in page["items"] if not each.get("defaultResponse")}
    changed = []
    for kind, wanted in declared()["responses"].items():
        response = gateway_response(kind, wanted, base_url)
        if any(found.get(kind, {}).get(name) != value for name, value in response.items()):
            client.put_gateway_response(restApiId=api_id, **response)
            changed.append(f"gateway response {kind}")
    return changed


def _stage_settings(client: Any, api_id: str, log_group_arn: str) -> list[str]:
    stage = client.get_stage(restApiId=api_id, stageName=API_STAGE)
    throttle = declared()["throttle"]
    every = stage.get("methodSettings", {}).get("*/*", {})
    wanted: dict[str, str] = {}
    if float(every.get("throttlingRateLimit", -1)) != throttle["rate"]:
        wanted["/*/*/throttling/rateLimit"] = str(throttle["rate"])
    if int(every.get("throttlingBurstLimit", -1)) != throttle["burst"]:
        wanted["/*/*/throttling/burstLimit"] = str(throttle["burst"])
    log_format = json.dumps(declared()["access_log"])
    log = stage.get("accessLogSettings", {})
    # Without a role of the account's own, API Gateway may not write to CloudWatch, and refuses the setting.
    if client.get_account().get("cloudwatchRoleArn"):
        if log.get("destinationArn") != log_group_arn:
            wanted["/accessLogSettings/destinationArn"] = log_group_arn
        if log.get("format") != log_format:
            wanted["/accessLogSettings/format"] = log_format
    if wanted:
        operations = [{"op": "replace", "path": path, "value": value} for path, value in wanted.items()]
        client.update_stage(restApiId=api_id, stageName=API_STAGE, patchOperations=operations)
    return [path.removeprefix("/*/*/").removeprefix("/") for path in wanted]
