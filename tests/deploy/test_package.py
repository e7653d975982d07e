"""The second way to deploy: `chalice package` makes a SAM template, which CloudFormation deploys as it is."""

import json
from typing import Any

import httpx
import pytest

from chalicelib import __version__
from tests.deploy.checkout import DeployedStage
from tests.support.processes import until

STACK = "cara-packaged"


@pytest.fixture(scope="module")
def template(alpha: DeployedStage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The template of the stage alpha, its code in the deployment bucket: what `aws cloudformation package` does."""
    folder = tmp_path_factory.mktemp("package")
    done = alpha.checkout.chalice("package", "--stage", "alpha", str(folder))
    assert done.code == 0, done.output
    found: dict[str, Any] = json.loads((folder / "sam.json").read_text(encoding="utf-8"))
    bucket, key = alpha.outputs["DeployBucket"], "packages/deployment.zip"
    alpha.checkout.client("s3").upload_file(str(folder / "deployment.zip"), bucket, key)
    for resource in found["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            assert resource["Properties"]["CodeUri"] == "./deployment.zip"
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return found


def test_a_package_carries_settings_layers_and_policies(alpha: DeployedStage, template: dict[str, Any]) -> None:
    functions = {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    assert set(functions) == {"APIHandler", "Bearer", "FollowChanges", "ProtectImage", "RunErrands", "Sweep"}
    assert len(functions["ProtectImage"]["Layers"]) == 3
    assert functions["ProtectImage"]["Timeout"] == 120
    roles = {json.dumps(each["Role"]) for each in functions.values()}
    assert len(roles) == len(functions)
    folder = alpha.checkout.folder / ".chalice" / "policies" / "alpha"
    written = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())]
    attached = [
        policy["PolicyDocument"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Role"
        for policy in each["Properties"]["Policies"]
    ]
    assert sorted(map(json.dumps, attached)) == sorted(map(json.dumps, written))


def test_a_package_deploys_through_cloudformation(alpha: DeployedStage, template: dict[str, Any]) -> None:
    client = alpha.checkout.client("cloudformation")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    client.create_stack(StackName=STACK, TemplateURL=kept(alpha, template), Capabilities=capabilities)
    status = until(lambda: ended(client), 120, f"the end of {STACK}")
    assert status == "CREATE_COMPLETE", failures(client)
    api_id = alpha.checkout.outputs(STACK)["RestAPIId"]
    url = f"{alpha.checkout.endpoint}/_aws/execute-api/{api_id}/api"
    assert until(lambda: health(url), 60, f"an answer of {url}")["version"] == __version__
    me = httpx.get(f"{url}/v1/me", timeout=30, trust_env=False)
    assert me.status_code == 401
    client.delete_stack(StackName=STACK)


def kept(alpha: DeployedStage, template: dict[str, Any]) -> str:
    """Keep a template that is larger than a request may be, as `aws cloudformation deploy --s3-bucket` does."""
    bucket, key = alpha.outputs["DeployBucket"], "packages/sam.json"
    alpha.checkout.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(template).encode())
    return f"{alpha.checkout.endpoint}/{bucket}/{key}"


def ended(client: Any) -> str:
    status: str = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
    return "" if status.endswith("_IN_PROGRESS") else status


def failures(client: Any) -> list[str]:
    events = client.describe_stack_events(StackName=STACK)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def health(url: str) -> dict[str, Any]:
    answer = httpx.get(f"{url}/v1/health", timeout=30, trust_env=False)
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found
