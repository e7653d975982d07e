"""What lasts: the base stack as AWS would take it, with all that a stage may ask for, two stages in one account."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from chalicelib.domain.noai import PREFIXES
from tests.support.cloud import Cloud
from tools.localcloud.environment import variable_name
from tools.localcloud.stack import BASE, deploy

DATA = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::Cognito::UserPool"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return json.loads(json.dumps(cfn_yaml.load(str(BASE)), default=str))  # type: ignore[no-any-return]  # JSON


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def test_data_outlives_its_stack(template: dict[str, Any]) -> None:
    lasting = {name: each for name, each in template["Resources"].items() if each["Type"] in DATA} | {
        "DataKey": template["Resources"]["DataKey"]
    }
    for name, resource in lasting.items():
        assert resource["DeletionPolicy"] in {"Retain", "RetainExceptOnCreate"}, name
        assert resource["UpdateReplacePolicy"] == "Retain", name
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}, name
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], name


def test_pictures_are_encrypted_by_the_stages_own_key(template: dict[str, Any]) -> None:
    buckets = of_type(template, "AWS::S3::Bucket")
    for name in ("Originals", "Derivatives"):
        (rule,) = buckets[name]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": {"Fn::GetAtt": ["DataKey", "Arn"]},
        }
        assert rule["BucketKeyEnabled"], f"{name}: each object would be a request to KMS"
    assert template["Resources"]["DataKey"]["Properties"]["EnableKeyRotation"]


def test_what_was_replaced_or_withdrawn_goes(template: dict[str, Any]) -> None:
    days = {"Originals": 30, "Derivatives": 1, "Deploy": 90}
    buckets = of_type(template, "AWS::S3::Bucket")
    assert set(buckets) == set(days)
    for name, bucket in buckets.items():
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
        rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        assert {"NoncurrentDays": days[name]} in [rule.get("NoncurrentVersionExpiration") for rule in rules]
        assert any(rule.get("ExpiredObjectDeleteMarker") for rule in rules), name
        going = [rule["Prefix"] for rule in rules if "ExpirationInDays" in rule]
        expected = {"Deploy": ["templates/"], "Derivatives": ["exports/", "resumes/new/"]}
        assert going == expected.get(name, []), f"{name}: what is there would go"


def test_every_bucket_and_queue_refuses_what_is_not_encrypted_in_transit(template: dict[str, Any]) -> None:
    policies = [
        *of_type(template, "AWS::S3::BucketPolicy").values(),
        *of_type(template, "AWS::SQS::QueuePolicy").values(),
    ]
    guarded = set()
    for policy in policies:
        properties = policy["Properties"]
        denied = [each for each in properties["PolicyDocument"]["Statement"] if each.get("Sid") == "OnlyOverTls"]
        assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
        guarded |= {each["Ref"] for each in properties.get("Queues", [properties.get("Bucket")])}
    assert guarded == {*of_type(template, "AWS::S3::Bucket"), *of_type(template, "AWS::SQS::Queue")}


def test_nothing_names_a_region_a_partition_or_an_account() -> None:
    text = re.sub(r"AllowedPattern: .*", "", BASE.read_text("utf-8"))
    assert not re.findall(r"arn:aws|[a-z]{2}-[a-z]+-[0-9]\b|\b[0-9]{12}\b", text)


def test_names_are_of_the_stage(template: dict[str, Any]) -> None:
    named = re.findall(r'"(?:\w*Name|Domain)": (\{"Fn::Sub": "[^"]*"\}|"[^"]*")', json.dumps(template["Resources"]))
    ours = [each for each in named if "cara" in each]
    assert len(ours) > 15
    assert not [each for each in ours if "${Stage}" not in each]


# ---------------------------------------------------------------- two stages side by side


def without_dns_records(directory: Path) -> Path:
    """Write the template without the one output that asks an attribute which the emulator does not have."""
    text = BASE.read_text("utf-8")
    path = directory / BASE.name
    path.write_text(text[: text.index("  MailDnsRecords:")], "utf-8")
    return path


@pytest.fixture(scope="module")
def stages(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    template = without_dns_records(tmp_path_factory.mktemp("base"))
    asked = {
        "one": {},
        "two": {
            "MailDomain": "two.example",
            "MailFrom": "hello@two.example",
            "UserPoolTier": "PLUS",
            "LogDays": "90",
            "DistributionArn": "arn:aws:cloudfront::000000000000:distribution/E2EXAMPLE",
        },
    }
    return {
        stage: deploy(
            cloud.admin,
            cloud.endpoint,
            {"Stage": stage, "WebOrigin": f"https://{stage}.example", **parameters},
            stack=f"cara-{stage}-base",
            template=template,
        )
        for stage, parameters in asked.items()
    }


def test_two_stages_share_nothing(stages: dict[str, dict[str, str]]) -> None:
    one, two = stages["one"], stages["two"]
    same = {name for name in one if one[name] == two.get(name)}
    assert same == {"ProtectVisibilitySeconds", "ProtectMaxReceives"}
    assert set(two) - set(one) == {"MailTopicArn"}


def test_a_stage_can_be_deployed_again(cloud: Cloud, stages: dict[str, dict[str, str]], tmp_path: Path) -> None:
    parameters = {
        "Stage": "one",
        "WebOrigin": "https://one.example",
        "DistributionArn": "arn:aws:cloudfront::000000000000:distribution/E1EXAMPLE",
    }
    template = without_dns_records(tmp_path)
    again = deploy(cloud.admin, cloud.endpoint, parameters, stack="cara-one-base", template=template)
    assert again.pop("DistributionArn") == parameters["DistributionArn"]
    assert again == {name: value for name, value in stages["one"].items() if name != "DistributionArn"}
    policy = cloud.admin.client("s3", endpoint_url=cloud.endpoint).get_bucket_policy(Bucket=again["DerivativesBucket"])
    (reads,) = [
        each for each in json.loads(policy["Policy"])["Statement"] if each["Sid"] == "DistributionReadsPublished"
    ]
    assert [each.rpartition("/")[0].rpartition("/")[2] for each in reads["Resource"]] == [*PREFIXES, "held"]
    assert reads["Condition"]["StringEquals"]["aws:SourceArn"] == parameters["DistributionArn"]


def test_tools_find_a_stage_by_its_name(cloud: Cloud, stages: dict[str, dict[str, str]]) -> None:
    ssm: Any = cloud.admin.client("ssm", endpoint_url=cloud.endpoint)
    for stage in stages:
        found = ssm.get_parameter(Name=f"/cara/{stage}/public-base-url")["Parameter"]
        assert found["Value"] == f"https://{stage}.example"


def test_logs_are_forgotten_in_time(cloud: Cloud, stages: dict[str, dict[str, str]]) -> None:
    logs: Any = cloud.admin.client("logs", endpoint_url=cloud.endpoint)
    for stage, days in (("one", 30), ("two", 90)):
        names = {f"/aws/lambda/cara-{stage}{end}" for end in ("", "-bearer", "-protect_image", "-sweep")}
        names.add(f"/aws/apigateway/cara-{stage}")
        found = [
            group
            for prefix in ("/aws/lambda/", "/aws/apigateway/")
            for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
        ]
        kept = {group["logGroupName"]: group.get("retentionInDays") for group in found}
        assert {name: kept.get(name) for name in names} == dict.fromkeys(names, days)


def test_changes_of_tables_can_be_followed(cloud: Cloud, stages: dict[str, dict[str, str]]) -> None:
    dynamodb = cloud.admin.client("dynamodb", endpoint_url=cloud.endpoint)
    for table in ("Profiles", "Media", "Posts"):
        description = dynamodb.describe_table(TableName=stages["one"][f"{table}Table"])["Table"]
        assert description["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        assert description["LatestStreamArn"] == stages["one"][f"{table}StreamArn"]


def test_the_environment_of_functions_has_no_arns(stages: dict[str, dict[str, str]]) -> None:
    assert variable_name("DeployBucket") == "CARA_DEPLOY_BUCKET"
    for name, value in stages["two"].items():
        assert name.endswith("Arn") == value.startswith("arn:"), name


def test_mail_and_threat_protection_when_asked_for(cloud: Cloud, stages: dict[str, dict[str, str]]) -> None:
    cognito = cloud.admin.client("cognito-idp", endpoint_url=cloud.endpoint)
    one = cognito.describe_user_pool(UserPoolId=stages["one"]["UserPoolId"])["UserPool"]
    two = cognito.describe_user_pool(UserPoolId=stages["two"]["UserPoolId"])["UserPool"]
    assert (one["UserPoolTier"], two["UserPoolTier"]) == ("LITE", "PLUS")
    assert one["MfaConfiguration"] == "OPTIONAL"
    assert two["UserPoolAddOns"]["AdvancedSecurityMode"] == "ENFORCED"
    assert two["EmailConfiguration"]["EmailSendingAccount"] == "DEVELOPER"
    assert two["EmailConfiguration"]["From"] == "hello@two.example"
    assert one.get("EmailConfiguration", {}).get("EmailSendingAccount", "COGNITO_DEFAULT") == "COGNITO_DEFAULT"
