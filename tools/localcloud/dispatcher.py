"""The child that takes messages from a queue to the function that they are for, one at a time.

The supervisor starts one for each concurrent execution of a function: as on Lambda, each has a process of its own.
"""

import importlib
import logging
import os
import threading
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.localcloud.config import REGION
from tools.localcloud.invocation import invoke, prepare_child
from tools.localcloud.queue_source import Handler, QueueSource

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0


def poller_client(service: str) -> Any:
    """Return a client of the polling identity, which stands in for Lambda's event source mappings."""
    return boto3.client(  # type: ignore[call-overload]  # any name of a service
        service,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id=os.environ["CARA_POLLER_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["CARA_POLLER_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=2, read_timeout=30, retries={"max_attempts": 1}),
    )


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
    call = partial(invoke, os.environ["CARA_FUNCTION"], float(os.environ["CARA_FUNCTION_TIMEOUT_SECONDS"]))
    source = QueueSource(poller_client("sqs"), os.environ["CARA_POLLED_QUEUE_URL"], invoke=call, wait_seconds=2)
    run(source, load_handler(os.environ["CARA_HANDLER"]), ending)


if __name__ == "__main__":
    main()
