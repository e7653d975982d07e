"""The child that takes upload events from the queue to the protection function, one at a time.

The supervisor starts one for each concurrent execution: as on Lambda, each has a process of its own.
"""

import importlib
import logging
import os
import threading
from functools import partial

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.localcloud.config import REGION
from tools.localcloud.environment import Credentials
from tools.localcloud.invocation import invoke, prepare_child
from tools.localcloud.queue_source import Handler, QueueSource

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0


def open_source(endpoint: str, queue_url: str, credentials: Credentials, timeout_seconds: float) -> QueueSource:
    """Return the upload queue as the polling identity sees it."""
    client = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        config=Config(connect_timeout=2, read_timeout=30, retries={"max_attempts": 1}),
    )
    return QueueSource(client, queue_url, invoke=partial(invoke, "protect_image", timeout_seconds), wait_seconds=2)


def run(source: QueueSource, handler: Handler, ending: threading.Event) -> None:
    """Poll until `ending` is set; while the cloud is away, wait and try again."""
    while not ending.is_set():
        try:
            source.poll(handler)
        except (BotoCoreError, ClientError) as error:
            _log.warning("the queue does not answer: %s", error)
            ending.wait(_PAUSE_SECONDS)


def load_handler(name: str) -> Handler:
    """Return the function that `name` (as `package.module:function`) stands for."""
    module, _, attribute = name.partition(":")
    handler: Handler = getattr(importlib.import_module(module), attribute)
    return handler


def main() -> None:
    """Poll until SIGTERM."""
    ending = prepare_child()
    source = open_source(
        os.environ["AWS_ENDPOINT_URL"],
        os.environ["CARA_PROTECT_QUEUE_URL"],
        Credentials(os.environ["CARA_POLLER_ACCESS_KEY_ID"], os.environ["CARA_POLLER_SECRET_ACCESS_KEY"]),
        float(os.environ["CARA_PROTECT_TIMEOUT_SECONDS"]),
    )
    handler = load_handler(os.environ.get("CARA_PROTECT_HANDLER", "chalicelib.triggers.uploads:protect_image"))
    run(source, handler, ending)


if __name__ == "__main__":
    main()
