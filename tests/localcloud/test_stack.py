"""The base stack in the emulated AWS, and what each identity may do there."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.support.cloud import BASE_URL, MAX_RECEIVES, VISIBILITY_SECONDS, Cloud
from tests.support.processes import until
from tools.localcloud.environment import variable_name
from tools.localcloud.stack import deploy
from tools.policies import FUNCTIONS, render


def test_outputs_name_the_variables(cloud: Cloud) -> None:
    assert variable_name("ProfilesTable") == "CARA_PROFILES_TABLE"
    assert variable_name("UserPoolClientId") == "CARA_USER_POOL_CLIENT_ID"
    assert variable_name("Stage") == "CARA_STAGE"
    env = cloud.env("api")
    assert env["CARA_PROFILES_TABLE"] == "cara-local-profiles"
    assert env["CARA_PROTECT_MAX_RECEIVES"] == str(MAX_RECEIVES)
    assert env["CARA_PROTECT_VISIBILITY_SECONDS"] == str(VISIBILITY_SECONDS)
    assert env["AWS_ACCESS_KEY_ID"] == cloud.identities["api"].access_key_id


def test_deploying_again_changes_nothing(cloud: Cloud) -> None:
    parameters = {
        "ProtectVisibilitySeconds": str(VISIBILITY_SECONDS),
        "ProtectMaxReceives": str(MAX_RECEIVES),
        "WebOrigin": BASE_URL,
        "DistributionArn": cloud.outputs["DistributionArn"],
    }
    assert deploy(cloud.admin, cloud.endpoint, parameters) == cloud.outputs


def test_an_upload_reaches_the_queue(cloud: Cloud) -> None:
    key = f"originals/{uuid4().hex}"
    s3 = cloud.session("api").client("s3", endpoint_url=cloud.endpoint)
    form = s3.generate_presigned_post(
        cloud.outputs["OriginalsBucket"], key, Conditions=[["content-length-range", 1, 10]], ExpiresIn=60
    )
    with httpx.Client(trust_env=False) as client:
        too_large = client.post(form["url"], data=form["fields"], files={"file": b"x" * 11})
        assert (too_large.status_code, "EntityTooLarge" in too_large.text) == (400, True)
        sent = client.post(form["url"], data=form["fields"], files={"file": b"x" * 10}, headers={"Origin": BASE_URL})
        assert sent.status_code == 204
        assert sent.headers["Access-Control-Allow-Origin"] == BASE_URL
        assert client.get(f"{form['url']}/{key}").status_code == 403
    sqs = cloud.session("poller").client("sqs", endpoint_url=cloud.endpoint)

    def arrived() -> bool:
        url = cloud.outputs["ProtectQueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(message["Body"]) for message in found]
        return key in [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])]

    until(arrived, what="the event of the upload")


SEVERAL = [{"Id": "1", "MessageBody": "x"}, {"Id": "2", "MessageBody": "y"}]
Call = Callable[[Any, dict[str, str]], Any]
ALLOWED: list[tuple[str, str, Call]] = [
    ("api", "s3", lambda c, o: c.put_object(Bucket=o["OriginalsBucket"], Key="originals/x", Body=b"")),
    ("api", "s3", lambda c, o: c.list_objects_v2(Bucket=o["OriginalsBucket"], Prefix="originals/x")),
    ("api", "s3", lambda c, o: c.put_object(Bucket=o["DerivativesBucket"], Key="media/x", Body=b"")),
    ("protect_image", "s3", lambda c, o: c.put_object(Bucket=o["DerivativesBucket"], Key="held/x", Body=b"")),
    ("api", "dynamodb", lambda c, o: c.get_item(TableName=o["ProfilesTable"], Key={"account_id": {"S": "x"}})),
    ("protect_image", "s3", lambda c, o: c.get_object(Bucket=o["OriginalsBucket"], Key="originals/there")),
    ("protect_image", "s3", lambda c, o: c.delete_object(Bucket=o["DerivativesBucket"], Key="media/x")),
    ("sweep", "s3", lambda c, o: c.list_objects_v2(Bucket=o["OriginalsBucket"], Prefix="originals/")),
    ("api", "sqs", lambda c, o: c.send_message_batch(QueueUrl=o["ErrandQueueUrl"], Entries=SEVERAL)),
]
DENIED: list[tuple[str, str, Call]] = [
    ("api", "s3", lambda c, o: c.get_object(Bucket=o["OriginalsBucket"], Key="originals/there")),
    ("api", "s3", lambda c, o: c.put_object(Bucket=o["OriginalsBucket"], Key="elsewhere/x", Body=b"")),
    ("api", "s3", lambda c, o: c.list_objects_v2(Bucket=o["OriginalsBucket"])),
    ("api", "s3", lambda c, o: c.put_object(Bucket=o["DerivativesBucket"], Key="elsewhere/x", Body=b"")),
    ("api", "s3", lambda c, o: c.put_object(Bucket=o["DerivativesBucket"], Key="held/x", Body=b"")),
    ("protect_image", "s3", lambda c, o: c.delete_object(Bucket=o["DerivativesBucket"], Key="held/x")),
    ("api", "s3", lambda c, o: c.delete_object(Bucket=o["OriginalsBucket"], Key="originals/there")),
    ("api", "dynamodb", lambda c, o: c.scan(TableName=o["ProfilesTable"])),
    ("api", "dynamodb", lambda c, o: c.delete_table(TableName=o["ProfilesTable"])),
    ("api", "sqs", lambda c, o: c.receive_message(QueueUrl=o["ProtectQueueUrl"])),
    ("run_errands", "sqs", lambda c, o: c.send_message_batch(QueueUrl=o["ProtectQueueUrl"], Entries=SEVERAL)),
    ("api", "cognito-idp", lambda c, o: c.admin_get_user(UserPoolId=o["UserPoolId"], Username="x")),
    ("authorizer", "dynamodb", lambda c, o: c.scan(TableName=o["ProfilesTable"])),
    ("protect_image", "s3", lambda c, o: c.put_object(Bucket=o["OriginalsBucket"], Key="originals/x", Body=b"")),
    ("protect_image", "dynamodb", lambda c, o: c.get_item(TableName=o["HandlesTable"], Key={"handle": {"S": "x"}})),
    ("protect_image", "dynamodb", lambda c, o: c.delete_item(TableName=o["MediaTable"], Key={"media_id": {"S": "x"}})),
    ("sweep", "s3", lambda c, o: c.get_object(Bucket=o["OriginalsBucket"], Key="originals/there")),
]


@pytest.fixture(scope="module", autouse=True)
def an_original(cloud: Cloud) -> None:
    s3 = cloud.admin.client("s3", endpoint_url=cloud.endpoint)
    s3.put_object(Bucket=cloud.outputs["OriginalsBucket"], Key="originals/there", Body=b"as it came")


@pytest.mark.parametrize(("identity", "service", "call"), ALLOWED)
def test_what_a_function_may_do(cloud: Cloud, identity: str, service: str, call: Call) -> None:
    call(client(cloud, identity, service), cloud.outputs)


@pytest.mark.parametrize(("identity", "service", "call"), DENIED)
def test_what_a_function_may_not_do(cloud: Cloud, identity: str, service: str, call: Call) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        call(client(cloud, identity, service), cloud.outputs)


def client(cloud: Cloud, identity: str, service: str) -> Any:
    make: Any = cloud.session(identity).client
    return make(service, endpoint_url=cloud.endpoint)


def test_a_transaction_needs_each_of_its_parts(cloud: Cloud) -> None:
    dynamodb = client(cloud, "protect_image", "dynamodb")

    def update(table: str, key: str) -> dict[str, Any]:
        change = {"UpdateExpression": "SET seen = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
        return {"Update": {"TableName": cloud.outputs[table], "Key": {key: {"S": uuid4().hex}}, **change}}

    media, handle = update("MediaTable", "media_id"), update("HandlesTable", "handle")
    dynamodb.transact_write_items(TransactItems=[media])
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.transact_write_items(TransactItems=[media, handle])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_policy_gives_everything(cloud: Cloud, function: str) -> None:
    for statement in render(function, cloud.outputs)["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        if statement["Resource"] == "*":
            assert all(action.startswith(("logs:", "xray:", "dynamodb:ListStreams")) for action in actions)


def test_tokens_name_the_pool(cloud: Cloud) -> None:
    import jwt

    token = cloud.token("stack-user", group="moderators")
    keys = jwt.PyJWKClient(cloud.variables["CARA_COGNITO_JWKS_URL"])
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],
        issuer=cloud.variables["CARA_COGNITO_ISSUER"],
    )
    assert claims["token_use"] == "access"
    assert claims["client_id"] == cloud.outputs["UserPoolClientId"]
    assert claims["cognito:groups"] == ["moderators"]
