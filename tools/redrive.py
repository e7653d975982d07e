"""Puts uploads and errands whose tries were exhausted back into their queues.

    tools/redrive.py            the dead letters of the running local cloud
    tools/redrive.py --dry-run  only say what is there
    tools/redrive.py --media ID one picture, whether its message is a dead letter or was lost
    tools/redrive.py --stage prod  those of a deployed stage, with the credentials of whoever runs it
    tools/redrive.py --here     those of the stage that the environment names (the CARA_* variables of its functions)

Each picture shows as ``queued`` again before its message is put back, and posts that were refused for its sake wait for
it again. An errand is put back as it is. A message is removed from the dead letters only once it is in its queue: cut
short, some may be brought twice, which changes nothing, and none is lost. Exit code: 0 done, 1 not possible or some
messages could not be understood, 2 wrong usage.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_HELD_SECONDS = 120


def main(arguments: list[str] | None = None) -> int:
    """Redrive, print a line for each message and a summary, and return the exit code."""
    parser = argparse.ArgumentParser(description="Put back uploads and errands whose tries were exhausted.")
    parser.add_argument("--dry-run", action="store_true", help="only say what is there")
    parser.add_argument("--media", metavar="ID", help="only this picture, by a message made anew")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stage", metavar="NAME", help="use this deployed stage, such as prod")
    where.add_argument("--here", action="store_true", help="use the CARA_* variables of this environment")
    options = parser.parse_args(arguments)
    if not options.stage and not options.here and not _use_local_cloud():
        print("redrive: the local cloud is not running; start it with: make run", file=sys.stderr)
        return 1
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.domain.errors import TemporaryError
    from tools.deploy.errors import DeployError

    try:
        if options.stage:
            use_stage(options.stage)
        return _redrive_one(options.media) if options.media else _redrive(dry_run=options.dry_run)
    except (BotoCoreError, ClientError, DeployError, TemporaryError, KeyError, RuntimeError) as error:
        print(f"redrive: {error}", file=sys.stderr)
        return 1


def _use_local_cloud() -> bool:
    from tools.localcloud.config import read_config
    from tools.localcloud.environment import ROOT_CREDENTIALS, clean_environment, credential_environment
    from tools.localcloud.runfile import read_run

    run = read_run(read_config().directory)
    if run is None:
        return False
    environ = {**clean_environment(), **run.env, **credential_environment(ROOT_CREDENTIALS)}
    os.environ.clear()
    os.environ.update(environ)
    return True


def use_stage(name: str) -> None:
    """Give this process the environment of a deployed stage's functions; its credentials stay those it has.

    Raises DeployError if there is no such stage, and botocore's errors where AWS cannot be asked.
    """
    from tools.deploy import render
    from tools.deploy.account import default_region, open_account
    from tools.deploy.errors import DeployError
    from tools.deploy.stage import read_stage
    from tools.deploy.steps import Deployment

    stage = read_stage(name, default_region())
    run = Deployment(stage, open_account(stage.region), print)
    run.known()
    if not run.base:
        raise DeployError(f"there is no stage {name} in {run.account.id}, {run.account.region}")
    queues = {
        f"CARA_{kind.upper()}_{part}": f"{kind}{output}"
        for kind in ("Protect", "Errand")
        for part, output in (("QUEUE_URL", "QueueUrl"), ("DEAD_QUEUE_URL", "DeadQueueUrl"))
    }
    os.environ.update(render.environment(run.account, run.base, run.origin))
    os.environ.update({variable: run.base[output] for variable, output in queues.items()})
    os.environ.update({"AWS_REGION": stage.region, "AWS_DEFAULT_REGION": stage.region})


def _redrive(*, dry_run: bool) -> int:
    import boto3

    client = boto3.client("sqs")
    done = unknown = 0
    for kind, bring_back in (("PROTECT", _bring_back), ("ERRAND", _bring_back_errand)):
        dead, queue = os.environ[f"CARA_{kind}_DEAD_QUEUE_URL"], os.environ[f"CARA_{kind}_QUEUE_URL"]
        for message in _receive_all(client, dead):
            understood = dry_run or bring_back(client, queue, message)
            _say(message, "is a dead letter" if dry_run else "brought back" if understood else "not understood, left")
            gone = {"QueueUrl": dead, "ReceiptHandle": message["ReceiptHandle"]}
            if understood and not dry_run:
                client.delete_message(**gone)
            else:
                client.change_message_visibility(**gone, VisibilityTimeout=0)
            done, unknown = done + understood, unknown + (not understood)
    print(f"{done} dead letter(s) {'found' if dry_run else 'brought back'}, {unknown} not understood")
    return 1 if unknown else 0


def _redrive_one(media_id: str) -> int:
    """Put one picture back into the queue by a message as S3 would send it."""
    import boto3

    from chalicelib.composition import requeue_service

    service = requeue_service()
    media = service.media.get(media_id, consistent=True)
    if media is None or not service.requeue(media_id):
        print(f"redrive: there is nothing to try again for media {media_id}", file=sys.stderr)
        return 1
    arrival = {"eventName": "ObjectCreated:Post", "s3": {"object": {"key": media.original_key}}}
    body = json.dumps({"Records": [arrival]})
    boto3.client("sqs").send_message(QueueUrl=os.environ["CARA_PROTECT_QUEUE_URL"], MessageBody=body)
    print(f"{media_id}: brought back")
    return 0


def _receive_all(client: "SQSClient", queue: str) -> "list[MessageTypeDef]":
    """Receive until nothing is left to be seen; what is received stays hidden meanwhile."""
    found: list[MessageTypeDef] = []
    while True:
        answer = client.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=_HELD_SECONDS, WaitTimeSeconds=1
        )
        messages = answer.get("Messages", [])
        if not messages:
            return found
        found.extend(messages)


def _bring_back(client: "SQSClient", queue: str, message: "MessageTypeDef") -> bool:
    """Return whether the message was understood; then it is in the queue again, if there is anything left to do."""
    from chalicelib.composition import requeue_service
    from chalicelib.domain.media import media_id_of
    from chalicelib.triggers.uploads import arrivals

    try:
        media_ids = [media_id_of(arrival.key) for arrival in arrivals(message["Body"])]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    wanted = [media_id for media_id in media_ids if media_id and requeue_service().requeue(media_id)]
    if wanted:
        client.send_message(QueueUrl=queue, MessageBody=message["Body"])
    return True


def _bring_back_errand(client: "SQSClient", queue: str, message: "MessageTypeDef") -> bool:
    """Return whether the message was an errand; then it is in the queue again, as it was."""
    from chalicelib.domain.errands import Errand

    try:
        Errand.from_text(message["Body"])
    except ValueError:
        return False
    client.send_message(QueueUrl=queue, MessageBody=message["Body"])
    return True


def _say(message: "MessageTypeDef", what: str) -> None:
    print(f"{message['MessageId']}: {what}")


if __name__ == "__main__":
    raise SystemExit(main())
