"""Fills what the emulated CloudFormation lacks for our templates.

Resource types that it does not know are recorded by name, and nothing more: so a template deploys whole, and its
parameters, references and order are tried. What such a resource would do is not: each is named in the emulator's log
when it is made.
"""

import logging
import secrets
from typing import Any

from ministack.services.cloudformation import provisioners

_log = logging.getLogger("placeholders")

TYPES = {
    "AWS::Budgets::Budget": (),
    "AWS::Budgets::BudgetsAction": ("ActionId",),
    "AWS::CloudFront::KeyGroup": ("Id",),
    "AWS::CloudFront::MonitoringSubscription": (),
    "AWS::CloudFront::PublicKey": ("Id",),
    "AWS::CloudWatch::Alarm": ("Arn",),
    "AWS::Cognito::UserPoolRiskConfigurationAttachment": (),
    "AWS::Logs::Delivery": ("DeliveryId", "Arn"),
    "AWS::Logs::DeliveryDestination": ("Arn",),
    "AWS::Logs::DeliverySource": ("Arn",),
    "AWS::Synthetics::Canary": ("Id", "State"),
}
"""Each type with the attributes that Fn::GetAtt may ask for."""


def _handlers(kind: str) -> dict[str, Any]:
    """Return what the emulator calls for a resource of the type."""

    def attributes(name: str) -> dict[str, str]:
        return dict.fromkeys(TYPES[kind], f"arn:aws:placeholder:::{name}")

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        name = str(properties.get("Name") or f"{stack}-{logical_id}-{secrets.token_hex(4)}")
        _log.warning("%s %s is only recorded: the emulator has no such thing", kind, name)
        return name, attributes(name)

    def update(physical_id: str, *_: Any) -> tuple[str, dict[str, str]]:
        return physical_id, attributes(physical_id)

    def delete(*_: Any) -> None:
        """Forget it: there is nothing else to do."""

    return {"create": create, "update": update, "delete": delete}


def _alarms(known: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's handlers of alarms, except that those with metric math, which it refuses, are recorded."""
    recorded = _handlers("AWS::CloudWatch::Alarm")

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        handlers = recorded if "Metrics" in properties else known
        return handlers["create"](logical_id, properties, stack)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        handlers = recorded if "Metrics" in new else known
        return handlers["update"](physical_id, old, new, *rest)

    return {**known, "create": create, "update": update}


def _role_policy(known: dict[str, Any]) -> dict[str, Any]:
    """Return handlers of AWS::IAM::RolePolicy: for the emulator, an AWS::IAM::Policy of one role."""

    def translated(properties: dict[str, Any]) -> dict[str, Any]:
        return {"Roles": [properties["RoleName"]], **{key: properties[key] for key in properties if key != "RoleName"}}

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        return known["create"](logical_id, translated(properties), stack)

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        known["delete"](physical_id, translated(properties))

    return {"create": create, "delete": delete}


def _mappings(known: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's handlers of event source mappings, with the concurrency as a number.

    A parameter gives a text, which CloudFormation turns into what the resource takes.
    """

    def numbered(properties: dict[str, Any]) -> dict[str, Any]:
        scaling = properties.get("ScalingConfig")
        if not scaling:
            return properties
        return {**properties, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        return known["create"](logical_id, numbered(properties), stack)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        return known["update"](physical_id, numbered(old), numbered(new), stack)

    return {**known, "create": create, "update": update}


def install() -> None:
    """Bring all of this into the emulator of this process. A type that it learns by itself stays its own."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::CloudWatch::Alarm"] = _alarms(handlers["AWS::CloudWatch::Alarm"])
    handlers["AWS::Lambda::EventSourceMapping"] = _mappings(handlers["AWS::Lambda::EventSourceMapping"])
    handlers.setdefault("AWS::IAM::RolePolicy", _role_policy(handlers["AWS::IAM::Policy"]))
    for kind in TYPES:
        handlers.setdefault(kind, _handlers(kind))
