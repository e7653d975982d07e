"""tools/redrive.py --stage: a deployed stage's dead letters, with nothing in the environment but credentials."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.media import EXHAUSTED, original_key
from tests.support.clients import admin_client
from tests.support.processes import run_tool
from tools.localcloud.environment import ROOT_CREDENTIALS, credential_environment
from tools.localcloud.plan import root_session
from tools.localcloud.stack import deploy

LONG_AGO = "2026-11-22T10:00:00.000Z"


@dataclass(frozen=True)
class Stage:
    """The base stack of a stage: queues and tables, and no function that would empty them."""

    endpoint: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        return admin_client(service, self.endpoint)

    def redrive(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {**credential_environment(ROOT_CREDENTIALS), "AWS_ENDPOINT_URL": self.endpoint}
        return run_tool("tools/redrive.py", *arguments, **environ)

    def exhausted(self) -> str:
        """Store a picture whose tries were exhausted, and return its id."""
        media_id = uuid4().hex
        reason = {"code": EXHAUSTED, "message": "It could not be processed.", "evidence": []}
        request = {"filename": "sea.png", "content_type": "image/png", "bytes": 1}
        texts = {"media_id": media_id, "owner_id": "ada", "state": "failed", "created_at": LONG_AGO}
        texts |= {"updated_at": LONG_AGO, "expires_at": LONG_AGO}
        texts |= {"request": json.dumps(request), "reason": json.dumps(reason)}
        item = {name: {"S": text} for name, text in texts.items()} | {"version": {"N": "3"}}
        self.client("dynamodb").put_item(TableName=self.outputs["MediaTable"], Item=item)
        return media_id

    def die(self, media_id: str) -> None:
        """Send the letter that tells of the picture's upload to the dead ones."""
        arrival = {"eventName": "ObjectCreated:Post", "s3": {"object": {"key": original_key("ada", media_id)}}}
        body = json.dumps({"Records": [arrival]})
        self.client("sqs").send_message(QueueUrl=self.outputs["ProtectDeadQueueUrl"], MessageBody=body)

    def take(self, queue: str) -> list[str]:
        """Take the keys that are announced in a queue."""
        client, url, keys = self.client("sqs"), self.outputs[queue], []
        while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                # S3 sends a test event without records when a bucket is bound to a queue
                keys += [record["s3"]["object"]["key"] for record in json.loads(message["Body"]).get("Records", ())]
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return keys

    def state(self, media_id: str) -> str:
        """Return what a picture shows as."""
        key = {"media_id": {"S": media_id}}
        found = self.client("dynamodb").get_item(TableName=self.outputs["MediaTable"], Key=key, ConsistentRead=True)
        return str(found["Item"]["state"]["S"])


@pytest.fixture(scope="module")
def stage(account: str) -> Stage:
    parameters = {"Stage": "redo", "WebOrigin": "https://redo.example"}
    return Stage(account, deploy(root_session(), account, parameters, stack="cara-redo-base"))


def test_dead_letters_of_a_stage_are_brought_back(stage: Stage) -> None:
    media_id = stage.exhausted()
    stage.die(media_id)
    seen = stage.redrive("--stage", "redo", "--dry-run")
    assert (seen.returncode, seen.stdout.splitlines()[-1:]) == (0, ["1 dead letter(s) found, 0 not understood"])
    assert stage.state(media_id) == "failed"
    done = stage.redrive("--stage", "redo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 dead letter(s) brought back, 0 not understood"
    assert stage.state(media_id) == "queued"
    assert stage.take("ProtectDeadQueueUrl") == []
    assert stage.take("ProtectQueueUrl") == [original_key("ada", media_id)]


def test_one_picture_whose_letter_was_lost(stage: Stage) -> None:
    media_id = stage.exhausted()
    done = stage.redrive("--stage", "redo", "--media", media_id)
    assert (done.returncode, done.stdout) == (0, f"{media_id}: brought back\n"), done.stderr
    assert stage.state(media_id) == "queued"
    assert stage.take("ProtectQueueUrl") == [original_key("ada", media_id)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no stage nowhere in 000000000000, us-east-1"),
        ("Not-A-Stage", "'Not-A-Stage' cannot be a stage: 2 to 16 of a-z and 0-9, a letter first"),
    ],
)
def test_a_stage_that_is_not_there(stage: Stage, name: str, said: str) -> None:
    done = stage.redrive("--stage", name)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"redrive: {said}\n")


def test_a_stage_is_either_named_or_here(stage: Stage) -> None:
    done = stage.redrive("--stage", "redo", "--here")
    assert done.returncode == 2
    assert "not allowed with" in done.stderr
