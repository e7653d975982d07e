"""What is deployed, as a drawing needs it: nodes by stack, lines between them, and what each function may touch.

Read from infra/*.yaml, .chalice/config.template.json, infra/policies/*.json and the decorators of the triggers. A type
of resource, an action of a policy or an output that is not known here is an error, so that nothing new is left out
unnoticed.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
STACKS = ("edge", "functions", "base", "bindings", "budget")
"""From the outside inwards. The functions are Chalice's own; every other one is a template."""

SHAPES = {
    "AWS::ApiGateway::RestApi": '["{}"]',
    "AWS::Budgets::Budget": '["{}"]',
    "AWS::CloudFront::Distribution": '["{}"]',
    "AWS::CloudFront::Function": '["{}"]',
    "AWS::CloudFront::KeyValueStore": '[("{}")]',
    "AWS::CloudWatch::Alarm": '["{}"]',
    "AWS::Cognito::UserPool": '["{}"]',
    "AWS::DynamoDB::Table": '[("{}")]',
    "AWS::Lambda::Function": '(["{}"])',
    "AWS::S3::Bucket": '[/"{}"/]',
    "AWS::SNS::Topic": '>"{}"]',
    "AWS::SQS::Queue": '>"{}"]',
    "AWS::Synthetics::Canary": '["{}"]',
    "AWS::WAFv2::WebACL": '["{}"]',
}
"""What is drawn, and how Mermaid writes its shape."""

NOT_DRAWN = """
    KMS::Key KMS::Alias IAM::Role IAM::ManagedPolicy Logs::LogGroup SQS::QueuePolicy SNS::TopicPolicy
    S3::BucketPolicy SNS::Subscription Cognito::UserPoolClient Cognito::UserPoolGroup
    Cognito::UserPoolRiskConfigurationAttachment SES::EmailIdentity SES::ConfigurationSet
    SES::ConfigurationSetEventDestination SSM::Parameter Lambda::EventSourceMapping Lambda::Permission
    CloudWatch::Dashboard
    CloudFront::OriginAccessControl CloudFront::MonitoringSubscription CloudFront::CachePolicy
    CloudFront::OriginRequestPolicy CloudFront::ResponseHeadersPolicy CloudFront::PublicKey CloudFront::KeyGroup
    Logs::DeliverySource Logs::DeliveryDestination Logs::Delivery Budgets::BudgetsAction
""".split()
"""What belongs to something that is drawn, or is a line of the drawing; without the `AWS::`."""

READS = set(
    "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query s3:GetObject s3:GetObjectVersion sqs:ReceiveMessage".split()
) | {
    *("sqs:GetQueueAttributes", "dynamodb:ConditionCheckItem"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}
WRITES = {
    *("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "s3:PutObject", "s3:DeleteObject"),
    *("dynamodb:BatchWriteItem", "sqs:DeleteMessage", "sqs:SendMessage", "sqs:ChangeMessageVisibility"),
    *("s3:AbortMultipartUpload", "s3:DeleteObjectVersion"),
}
OTHERWISE = {
    "s3:ListBucket": "lists",
    "s3:ListBucketMultipartUploads": "lists",
    "s3:ListBucketVersions": "lists",
    "cognito-idp:AdminDeleteUser": "ends sign-ins",
    "cognito-idp:ListUsers": "ends sign-ins",
    "kms:Decrypt": "decrypts",
    "kms:GenerateDataKey": "encrypts",
    "kms:GetPublicKey": "publishes",
    "kms:Sign": "signs",
    "ssm:GetParameter": "reads",
    "cloudfront:CreateInvalidation": "has copies forgotten",
    "cognito-idp:AdminGetUser": "reads",
    "ses:SendEmail": "sends",
}
EVERYWHERE = ("logs:", "xray:", "dynamodb:ListStreams")
"""Actions that are about no part of the drawing: to write its own log and traces, and to find streams."""

PEOPLE, CLOCK = "people", "clock"
"""Ids of what is in no stack."""
API = "api_handler"
"""What Chalice's configuration calls the function of the API."""


class ArchitectureError(Exception):
    """Something is deployed that has no place here; the message names it."""


_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Parser(_PARSER):  # type: ignore[misc]
    """Safe YAML, with CloudFormation's short functions in their long form."""


def _function(parser: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: parser.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: parser.construct_sequence(node, deep=True)}
    return {name: parser.construct_mapping(node, deep=True)}


_Parser.add_multi_constructor("!", _function)


@dataclass(slots=True)
class Deployed:
    """What is deployed.

    Attributes:
        nodes: type and label by id, by stack; the id of a resource is its stack and its name in the template.
        lines: from, to, label.
        access: by function and resource, what it may do with which part of that; no part for the resource itself.
    """

    nodes: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    access: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)


def template(stack: str) -> dict[str, Any]:
    """Return a template of infra/."""
    found: dict[str, Any] = yaml.load((INFRA / f"{stack}.yaml").read_text(encoding="utf-8"), _Parser)  # noqa: S506
    return found


def read() -> Deployed:
    """Read what is deployed. Raises ArchitectureError for what is not known here."""
    unknown = {path.stem for path in INFRA.glob("*.yaml")} - set(STACKS)
    if unknown:
        raise ArchitectureError(f"infra/{min(unknown)}.yaml is no stack that tools/architecture_model.py knows")
    config = json.loads((ROOT / ".chalice" / "config.template.json").read_text(encoding="utf-8"))
    templates = {stack: template(stack) for stack in STACKS if stack != "functions"}
    deployed = Deployed()
    for stack in STACKS:
        deployed.nodes[stack] = _functions(config) if stack == "functions" else _resources(stack, templates[stack])
    deployed.lines += [*_edge_lines(templates["edge"]), *_function_lines(config), *_base_lines(templates["base"])]
    deployed.lines += [*_binding_lines(templates["bindings"]), *_budget_lines(templates["budget"])]
    for function, chosen in config["lambda_functions"].items():
        _read_policy(deployed, function, chosen["policy"], templates["base"])
    return deployed


def _resources(stack: str, document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    nodes: dict[str, tuple[str, str]] = {}
    alarms = 0
    for name, resource in document["Resources"].items():
        kind = resource["Type"]
        if kind == "AWS::CloudWatch::Alarm":
            alarms += 1
        elif kind in SHAPES:
            nodes[f"{stack}.{name}"] = (kind, f"{_words(name)}<br/>{kind.split('::')[1]}")
        elif kind.removeprefix("AWS::") not in NOT_DRAWN:
            raise ArchitectureError(
                f"infra/{stack}.yaml: {name} is a {kind}, which is neither in SHAPES nor in NOT_DRAWN"
            )
    if alarms:
        nodes[f"{stack}.alarms"] = ("AWS::CloudWatch::Alarm", f"{alarms} alarms")
    return nodes


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _functions(config: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    nodes = {"functions.gateway": ("AWS::ApiGateway::RestApi", "REST API<br/>API Gateway")}
    for name in config["lambda_functions"]:
        nodes[f"functions.{name}"] = ("AWS::Lambda::Function", f"{name}<br/>Lambda")
    return nodes


def _edge_lines(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    origins = {"derivatives": "base.Derivatives", "web": "edge.Web", "api": "functions.gateway"}
    [distribution] = (
        each["Properties"]["DistributionConfig"]
        for each in document["Resources"].values()
        if each["Type"] == "AWS::CloudFront::Distribution"
    )
    yield PEOPLE, "edge.Distribution", "pages, pictures, API"
    yield "edge.Distribution", "edge.WebAcl", "asks first"
    yield "edge.Distribution", "edge.ViewerRequest", "then asks"
    yield "edge.ViewerRequest", "edge.Agents", "looks up crawlers"
    paths: dict[str, list[str]] = {}
    for behavior in [
        *distribution["CacheBehaviors"],
        {**distribution["DefaultCacheBehavior"], "PathPattern": "the rest"},
    ]:
        chosen = behavior["If"][1] if "If" in behavior else behavior
        paths.setdefault(chosen["TargetOriginId"], []).append(chosen["PathPattern"])
    for origin, patterns in paths.items():
        yield "edge.Distribution", origins[origin], ", ".join(patterns)
    yield "edge.Distribution", "edge.Logs", "access log"
    yield "edge.alarms", "edge.AlarmTopic", "tell"


def _function_lines(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give the lines that Chalice makes, by the decorators of the functions that its configuration names."""
    decorated = dict(_decorators())
    yield "functions.gateway", f"functions.{API}", "every route"
    for name in config["lambda_functions"]:
        if name == API:
            continue
        if name not in decorated:
            raise ArchitectureError(f".chalice/config.template.json: no decorated function is called {name}")
        kind, argument = decorated[name]
        if kind == "authorizer":
            yield "functions.gateway", f"functions.{name}", "is this token valid?"
            yield f"functions.{name}", "base.UserPool", "public keys"
        elif kind == "schedule":
            yield CLOCK, f"functions.{name}", argument


def _decorators() -> Iterator[tuple[str, tuple[str, str]]]:
    """Give name, kind and argument of each function of the application that Lambda calls by itself."""
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        functions = (each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.FunctionDef))
        for node in functions:
            for decorator in node.decorator_list:
                match decorator:
                    case ast.Call(func=ast.Attribute(attr="authorizer" | "schedule" | "lambda_function" as kind)):
                        argument = ast.unparse(decorator.args[0]) if decorator.args else ""
                        yield node.name, (kind, _schedule(argument))


def _schedule(argument: str) -> str:
    """Return `Rate(5, unit=Rate.MINUTES)` as people say it."""
    found = re.fullmatch(r"Rate\((\d+), unit=Rate\.(\w+)\)", argument)
    return f"every {found[1]} {found[2].lower()}" if found else argument


def _base_lines(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::S3::Bucket":
                if "CorsConfiguration" in properties:
                    yield PEOPLE, f"base.{name}", "post signed forms"
                for each in properties.get("NotificationConfiguration", {}).get("QueueConfigurations", []):
                    yield f"base.{name}", f"base.{_target(each['Queue'])}", each["Event"]
            case "AWS::SQS::Queue" if "RedrivePolicy" in properties:
                dead = _target(properties["RedrivePolicy"]["deadLetterTargetArn"])
                yield f"base.{name}", f"base.{dead}", "after too many tries"
            case "AWS::Cognito::UserPoolClient":
                yield PEOPLE, f"base.{_target(properties['UserPoolId'])}", "sign in"


def _binding_lines(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Lambda::EventSourceMapping":
                source = _target(properties["EventSourceArn"]).removesuffix("Arn").removesuffix("Stream")
                function = properties["FunctionName"]["Sub"].rpartition("-")[2]
                yield f"base.{source}", f"functions.{function}", f"{properties['BatchSize']} at a time"
            case "AWS::SNS::Subscription" if properties["Protocol"] == "lambda":
                topic = _target(properties["TopicArn"]).removesuffix("Arn")
                function = properties["Endpoint"]["Sub"].rpartition("-")[2]
                yield f"base.{topic}", f"functions.{function}", "what bounced"
            case "AWS::Synthetics::Canary":
                yield f"bindings.{name}", "edge.Distribution", "/v1/health"
    yield "bindings.alarms", "bindings.AlarmTopic", "tell"


def _budget_lines(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Budgets::BudgetsAction":
            properties = resource["Properties"]
            percent = document["Parameters"][_target(properties["ActionThreshold"]["Value"])]["Default"]
            for role in properties["Definition"]["IamActionDefinition"]["Roles"]:
                yield "budget.Budget", f"functions.{role['Sub'].rpartition('-')[2]}", f"brakes at {percent} %"


def _target(value: Any) -> str:
    """Return the name of the resource or parameter that a function of CloudFormation refers to.

    Of a text with several names in it, it is the one that AWS does not give.
    """
    [name] = value.values()
    named = re.findall(r"\$\{(\w+)\}", str(name))
    return named[0] if named else str(name).split(".", 1)[0]


def _read_policy(deployed: Deployed, function: str, policy: str, base: Mapping[str, Any]) -> None:
    """Note what a function's policy allows, by resource of the base stack."""
    outputs = {
        name: _target(each["Value"]) for name, each in base["Outputs"].items() if isinstance(each["Value"], dict)
    }
    # what tools or the edge make has an output, and no resource here
    outputs = {name: each if each in base["Resources"] else name.removesuffix("Arn") for name, each in outputs.items()}
    document = json.loads((INFRA / "policies" / f"{policy}.json").read_text(encoding="utf-8"))
    for statement in document["Statement"]:
        if statement["Effect"] != "Allow":
            raise ArchitectureError(f"infra/policies/{policy}.json: a statement that denies")
        actions = [each for each in _listed(statement["Action"]) if not each.startswith(EVERYWHERE)]
        for resource in _listed(statement["Resource"]) if actions else ():
            found = re.fullmatch(r"\$\{(\w+)\}(.*)", resource)
            if not found or found[1] not in outputs:
                raise ArchitectureError(f"infra/policies/{policy}.json: {resource} is no output of base.yaml")
            part = found[2].removeprefix("/").removeprefix("index/").removesuffix("/*")
            parts = _encrypted(statement, outputs) or [part]
            allowed = deployed.access.setdefault((function, outputs[found[1]]), set())
            allowed.update((_kind(action), each) for action in actions for each in parts)


def _encrypted(statement: Mapping[str, Any], outputs: Mapping[str, str]) -> list[str]:
    """Return the buckets that a statement lets a key be used for; none if it is not about a key."""
    condition = statement.get("Condition", {}).get("StringLike", {})
    named = re.findall(r"\$\{(\w+)\}", " ".join(condition.get("kms:EncryptionContext:aws:s3:arn", [])))
    return sorted({outputs[name] for name in named})


def _kind(action: str) -> str:
    """Return in one word what an action does."""
    if action in OTHERWISE:
        return OTHERWISE[action]
    if action in READS:
        return "reads"
    if action in WRITES:
        return "writes"
    raise ArchitectureError(f"{action} is neither in READS nor in WRITES of tools/architecture_model.py")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
