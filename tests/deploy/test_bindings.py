"""What needs the functions: the queue's consumer, alarms with their runbook, dashboard, canary and brake."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from chalicelib.domain.telemetry import Metric
from chalicelib.invocations import DIMENSIONS, NAMESPACE
from tests.support.cloud import Cloud
from tests.support.unit_env import read_settings
from tools.deploy.stacks import BODY_LIMIT, STORED_LIMIT, without_comments
from tools.deploy.steps import BINDINGS_TAKE
from tools.localcloud.stack import BASE, deploy

read_settings()

from app import app  # noqa: E402  what knows tables reads their names as it is imported
from chalicelib.triggers.changes import FOLLOWED  # noqa: E402  for the same reason

ROOT = Path(__file__).resolve().parent.parent.parent
INFRA = ROOT / "infra"
RUNBOOK = ROOT / "docs" / "operations.md"

MOST_METRICS_IN_AN_ALARM = 10
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

CALLED = ("protect_image", "run_errands", "follow_changes")
"""The functions that event source mappings call."""

NEVER_AN_ALARM = {"budget"}
"""Sections of the runbook that are told by something else."""


def load(name: str) -> dict[str, Any]:
    return json.loads(json.dumps(cfn_yaml.load(str(INFRA / name)), default=str))  # type: ignore[no-any-return]  # JSON


def functions() -> set[str]:
    """Return what every function of the application is called on AWS."""
    named: list[Any] = [*app.pure_lambda_functions, *app.event_sources, *app.builtin_auth_handlers]
    return {"cara-${Stage}", *(f"cara-${{Stage}}-{handler.name}" for handler in named)}


def alarms() -> dict[str, dict[str, Any]]:
    """Return the properties of all alarms by name, without the stage."""
    found = [
        each["Properties"]
        for template in ("bindings.yaml", "edge.yaml")
        for each in load(template)["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return {each["AlarmName"]["Fn::Sub"].removeprefix("cara-${Stage}-"): each for each in found}


def metrics(alarm: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the metrics that an alarm looks at, with what it takes of them."""
    if "MetricName" in alarm:
        yield {**alarm, "Stat": alarm.get("Statistic", alarm.get("ExtendedStatistic"))}
    for each in alarm.get("Metrics", ()):
        if "MetricStat" in each:
            yield {**each["MetricStat"], **each["MetricStat"]["Metric"]}


def sections() -> set[str]:
    """Return the anchors of the runbook's entries for alarms."""
    text = RUNBOOK.read_text("utf-8").split("\n## Alarms\n")[1].split("\n## ")[0]
    parts = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    for part in parts:
        assert all(f"**{word}.**" in part for word in ("Meaning", "First look", "Remedy")), part
    return {part.partition("\n")[0].strip().lower().replace(" ", "-") for part in parts}


def test_every_alarm_says_what_to_do() -> None:
    named = set()
    for name, alarm in alarms().items():
        found = re.search(r" docs/operations\.md#([a-z-]+)$", str(alarm["AlarmDescription"]))
        assert found, f"{name} does not end in a place of the runbook"
        assert name == found[1] or name.startswith(f"{found[1]}-"), f"{name} is not named as its section {found[1]}"
        named.add(found[1])
    assert sections() - NEVER_AN_ALARM == named


def test_every_alarm_tells_somebody_and_knows_what_silence_means() -> None:
    for name, alarm in alarms().items():
        assert alarm["AlarmActions"] == alarm["OKActions"], name
        assert "AlarmTopic" in json.dumps(alarm["AlarmActions"]), name
        assert alarm["TreatMissingData"] in {"breaching", "notBreaching"}, name
        returned = [each for each in alarm.get("Metrics", ()) if each.get("ReturnData", True) is True]
        assert len(returned) == (1 if "Metrics" in alarm else 0), name
        assert len(list(metrics(alarm))) <= MOST_METRICS_IN_AN_ALARM, name


def test_every_function_has_a_log_and_alarms() -> None:
    base = load("base.yaml")["Resources"].values()
    groups = {each["Properties"]["LogGroupName"]["Fn::Sub"] for each in base if each["Type"] == "AWS::Logs::LogGroup"}
    assert {f"/aws/lambda/{name}" for name in functions()} | {"/aws/apigateway/cara-${Stage}"} == groups
    watched: dict[str, set[str]] = {"Errors": set(), "Throttles": set()}
    for alarm in alarms().values():
        for metric in metrics(alarm):
            if metric["Namespace"] == "AWS/Lambda" and metric["MetricName"] in watched:
                (dimension,) = metric["Dimensions"]
                watched[metric["MetricName"]].add(dimension["Value"]["Fn::Sub"])
    assert watched == {"Errors": functions(), "Throttles": functions()}


def test_every_table_and_queue_is_watched() -> None:
    names = {"AWS/DynamoDB": "TableName", "AWS/SQS": "QueueName"}
    kinds = {"AWS::DynamoDB::Table": "TableName", "AWS::SQS::Queue": "QueueName"}
    resources = load("base.yaml")["Resources"].values()
    made = {each["Properties"][kinds[each["Type"]]]["Fn::Sub"] for each in resources if each["Type"] in kinds}
    watched = {
        dimension["Value"]["Fn::Sub"]
        for alarm in alarms().values()
        for metric in metrics(alarm)
        for dimension in metric.get("Dimensions", ())
        if dimension["Name"] == names.get(metric["Namespace"])
    }
    assert watched == made


def test_the_applications_metrics_are_those_it_writes() -> None:
    written = {metric.title: set(DIMENSIONS.get(metric, ("stage",))) for metric in Metric}
    for name, alarm in alarms().items():
        for metric in metrics(alarm):
            if metric["Namespace"] == NAMESPACE:
                assert {each["Name"] for each in metric["Dimensions"]} == written[metric["MetricName"]], name
    text = (INFRA / "bindings.yaml").read_text("utf-8")
    shown = re.findall(rf'\["{NAMESPACE}", "(\w+)", "stage", "\$\{{Stage\}}"', text)
    searched = re.search(r"SEARCH\('\{Cara,reason,stage\} MetricName=\S+?(\w+)\\", text)
    queried = re.search(r"SELECT SUM\((\w+)\) FROM SCHEMA\(Cara, reason, stage\)", text)
    assert searched
    assert queried
    assert searched[1] == queried[1] == Metric.REFUSED.title
    assert {*shown, searched[1]} == set(written), "the dashboard shows all there is"


def test_a_message_is_one_picture_and_may_take_its_time() -> None:
    mapping = load("bindings.yaml")["Resources"]["ProtectMapping"]["Properties"]
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    concurrency = load("bindings.yaml")["Parameters"]["ProtectConcurrency"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "ProtectConcurrency"}}
    assert int(concurrency["MinValue"]) == 2


def test_an_errand_is_a_message() -> None:
    mapping = load("bindings.yaml")["Resources"]["ErrandMapping"]["Properties"]
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "ErrandConcurrency"}}


def test_every_stream_is_followed_and_a_batch_stays_whole() -> None:
    mappings = [
        each["Properties"]
        for each in load("bindings.yaml")["Resources"].values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" in each["Properties"]
    ]
    assert {each["EventSourceArn"]["Ref"] for each in mappings} == {f"{name.title()}StreamArn" for name in FOLLOWED}
    for mapping in mappings:
        assert mapping["FunctionName"]["Fn::Sub"] == "cara-${Stage}-follow_changes"
        assert mapping["BisectBatchOnFunctionError"] in {"false", False}, "counting knows a batch by all of its events"
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert int(mapping["MaximumRecordAgeInSeconds"]) <= 3600, "nothing holds up a shard for a day"
        assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": {"Ref": "ChangesDeadQueueArn"}}}


def test_the_brake_takes_one_thing_from_one_role() -> None:
    resources = load("budget.yaml")["Resources"]
    brakes = {
        "PauseUploads": ("s3:PutObject", "cara-${Stage}-api_handler"),
        "PauseProtection": ("sqs:ReceiveMessage", "cara-${Stage}-protect_image"),
    }
    policy = resources["BrakeRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert len(policy) == len(brakes)
    for (name, (action, role)), statement in zip(brakes.items(), policy, strict=True):
        (denied,) = resources[name]["Properties"]["PolicyDocument"]["Statement"]
        assert (denied["Effect"], denied["Action"]) == ("Deny", action)
        ran = resources[f"{name}Action"]["Properties"]
        assert ran["Definition"]["IamActionDefinition"] == {"PolicyArn": {"Ref": name}, "Roles": [{"Fn::Sub": role}]}
        assert ran["ApprovalModel"] == "AUTOMATIC"
        assert statement["Action"] == ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        assert statement["Resource"]["Fn::Sub"].endswith(f":role/{role}")
        assert statement["Condition"] == {"ArnEquals": {"iam:PolicyARN": {"Ref": name}}}


@pytest.mark.parametrize("name", ["base.yaml", "bindings.yaml", "budget.yaml", "edge.yaml"])
def test_templates_need_nothing_that_cloudformation_does_not_have(name: str) -> None:
    text = (INFRA / name).read_text("utf-8")
    assert not re.search(r"(^|[\s\[,:])[&*][A-Za-z]\w*\s*($|[\[{,\]])", text, re.MULTILINE), "it knows no YAML aliases"
    # The base makes the bucket that others can be kept in, and so must itself fit into the call that makes it.
    limit = BODY_LIMIT if name in {"base.yaml", "budget.yaml"} else STORED_LIMIT
    assert len(without_comments(text).encode()) <= limit


@pytest.mark.parametrize("region", ["eu-north-1", "ap-southeast-2"])
def test_the_regional_templates_suit_any_region(region: str) -> None:
    command = [ROOT / ".venv" / "bin" / "cfn-lint", "--regions", region, "--", BASE, INFRA / "bindings.yaml"]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------- deployed


@pytest.fixture(scope="module")
def base(cloud: Cloud) -> dict[str, str]:
    """A stage of its own, with what Chalice would have made of the functions."""
    parameters = {"Stage": "bound", "WebOrigin": "https://bound.example"}
    outputs = deploy(cloud.admin, cloud.endpoint, parameters, stack="cara-bound-base")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return {'batchItemFailures': []}\n")
    iam = cloud.admin.client("iam", endpoint_url=cloud.endpoint)
    lambdas: Any = cloud.admin.client("lambda", endpoint_url=cloud.endpoint)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    roles = [
        iam.create_role(RoleName=f"cara-bound-{name}", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        for name in ("api_handler", *CALLED)
    ]
    for name, role in zip(CALLED, roles[1:], strict=True):
        lambdas.create_function(
            FunctionName=f"cara-bound-{name}",
            Runtime="python3.13",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
    return outputs


def bind(cloud: Cloud, base: Mapping[str, str], **more: str) -> dict[str, str]:
    parameters = {"Stage": "bound", **{name: base[name] for name in BINDINGS_TAKE}, **more}
    template = INFRA / "bindings.yaml"
    return deploy(cloud.admin, cloud.endpoint, parameters, stack="cara-bound-bindings", template=template)


def test_bindings_before_and_after_the_edge(cloud: Cloud, base: dict[str, str]) -> None:
    cloudwatch: Any = cloud.admin.client("cloudwatch", endpoint_url=cloud.endpoint)

    def widgets(outputs: Mapping[str, str]) -> list[dict[str, Any]]:
        body = cloudwatch.get_dashboard(DashboardName=outputs["DashboardName"])["DashboardBody"]
        found: list[dict[str, Any]] = json.loads(body)["widgets"]
        return found

    before = bind(cloud, base)
    lambdas: Any = cloud.admin.client("lambda", endpoint_url=cloud.endpoint)
    mapping = lambdas.get_event_source_mapping(UUID=before["ProtectMappingId"])
    assert mapping["EventSourceArn"] == base["ProtectQueueArn"]
    assert mapping["FunctionArn"].endswith(":cara-bound-protect_image")
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 20}
    regional = [name for name in alarms() if not name.startswith("edge-")]
    shown = widgets(before)
    assert len(shown[0]["properties"]["alarms"]) == len(regional) - len(["unreachable", "mail-reputation"])
    assert not [each for each in shown if "CDN" in each["properties"]["title"]]

    more = {"AlarmEmail": "ops@bound.example", "PublicBaseUrl": "https://bound.example", "DistributionId": "E2EXAMPLE"}
    topic = "arn:aws:sns:us-east-1:000000000000:cara-bound-mail"
    sns: Any = cloud.admin.client("sns", endpoint_url=cloud.endpoint)
    sns.create_topic(Name="cara-bound-mail")
    after = bind(cloud, base, MailTopicArn=topic, **more)
    assert after == before
    shown = widgets(after)
    assert len(shown[0]["properties"]["alarms"]) == len(regional)
    assert [each["properties"]["region"] for each in shown if "CDN" in each["properties"]["title"]] == ["us-east-1"] * 2


def test_the_brake_is_deployed(cloud: Cloud, base: dict[str, str]) -> None:
    parameters = {
        "Stage": "bound",
        "AlarmEmail": "ops@bound.example",
        **{name: base[name] for name in ("OriginalsBucketArn", "ProtectQueueArn")},
    }
    template = INFRA / "budget.yaml"
    outputs = deploy(cloud.admin, cloud.endpoint, parameters, stack="cara-bound-budget", template=template)
    iam = cloud.admin.client("iam", endpoint_url=cloud.endpoint)
    for name, role in (("PauseUploads", "api_handler"), ("PauseProtection", "protect_image")):
        arn = outputs[f"{name}PolicyArn"]
        iam.attach_role_policy(RoleName=f"cara-bound-{role}", PolicyArn=arn)
        attached = iam.list_attached_role_policies(RoleName=f"cara-bound-{role}")["AttachedPolicies"]
        assert arn in [each["PolicyArn"] for each in attached]


def test_the_brake_stops_uploads(cloud: Cloud, base: dict[str, str]) -> None:
    """By the words that the policy has: whoever signs may not put, and so nobody can post by the form."""
    (denied,) = load("budget.yaml")["Resources"]["PauseUploads"]["Properties"]["PolicyDocument"]["Statement"]
    resource = denied["Resource"]["Fn::Sub"].replace("${OriginalsBucketArn}", cloud.outputs["OriginalsBucketArn"])
    document = {"Version": "2012-10-17", "Statement": [{**denied, "Resource": resource}]}
    iam = cloud.admin.client("iam", endpoint_url=cloud.endpoint)
    s3 = cloud.session("api").client("s3", endpoint_url=cloud.endpoint)
    bucket = cloud.outputs["OriginalsBucket"]
    s3.put_object(Bucket=bucket, Key="originals/before", Body=b"x")
    iam.put_user_policy(UserName="cara-local-api", PolicyName="brake", PolicyDocument=json.dumps(document))
    try:
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.put_object(Bucket=bucket, Key="originals/after", Body=b"x")
    finally:
        iam.delete_user_policy(UserName="cara-local-api", PolicyName="brake")
    s3.put_object(Bucket=bucket, Key="originals/after", Body=b"x")
