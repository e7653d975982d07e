"""The child that takes changes from the tables' streams to the function that follows them.

It asks the streams when the emulated cloud says, by touching a file, that something was written, and else every few
seconds: so changes are followed at once, and nothing is asked while nothing happens.
"""

import logging
import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.localcloud.dispatcher import load_handler, poller_client
from tools.localcloud.invocation import invoke, prepare_child
from tools.localcloud.positions import Positions
from tools.localcloud.queue_source import Handler
from tools.localcloud.stream_source import StreamSource

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 60.0
_TOUCH_SECONDS = 0.05
_HELD_UP_SECONDS = 0.1
_IDLE_SECONDS = 5.0
_TABLES = ("POSTS", "PROFILES", "RELATIONS", "REACTIONS", "COMMENTS", "APPLICATIONS")


def open_sources(positions: Positions) -> list[StreamSource]:
    """Return the streams that are followed, as the polling identity sees them."""
    client: Any = poller_client("dynamodbstreams")
    queues: Any = poller_client("sqs")

    def give_up(letter: str) -> None:
        queues.send_message(QueueUrl=os.environ["CARA_CHANGES_DEAD_QUEUE_URL"], MessageBody=letter)

    call = partial(invoke, "follow_changes", _TIMEOUT_SECONDS)
    tables = [os.environ[f"CARA_{table}_TABLE"] for table in _TABLES]
    streams = [client.list_streams(TableName=table)["Streams"][0]["StreamArn"] for table in tables]
    return [StreamSource(client, stream, positions, invoke=call, give_up=give_up) for stream in streams]


def run(sources: list[StreamSource], handler: Handler, touched: Path, ending: threading.Event) -> None:
    """Poll until `ending` is set; while the cloud is away, wait and try again."""
    while not ending.is_set():
        before = _touched(touched)
        taken = sum(_poll(source, handler) for source in sources)
        if not taken:
            pause = _HELD_UP_SECONDS if any(source.held_up for source in sources) else _IDLE_SECONDS
            _wait(touched, before, pause, ending)


def _poll(source: StreamSource, handler: Handler) -> int:
    try:
        return source.poll(handler)
    except (BotoCoreError, ClientError) as error:
        _log.warning("a stream does not answer: %s", error)
        return 0


def _touched(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _wait(path: Path, before: int, seconds: float, ending: threading.Event) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and _touched(path) == before and not ending.wait(_TOUCH_SECONDS):
        pass


def main() -> None:
    """Follow until SIGTERM."""
    ending = prepare_child()
    positions = Positions(Path(os.environ["CARA_POSITIONS_FILE"]))
    run(
        open_sources(positions), load_handler(os.environ["CARA_HANDLER"]), Path(os.environ["CARA_TOUCHED_FILE"]), ending
    )


if __name__ == "__main__":
    main()
