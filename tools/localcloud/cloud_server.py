"""The child that is the emulated AWS: ministack in a process of its own.

Eight things are added to it. Requests count as sent over TLS, so that the policies that demand TLS are in force here as
they are on AWS (the loopback interface needs none). What changed is saved every second or so, not only at a clean end,
so that a crash loses little. REST APIs can be imported, as `chalice deploy` does. Stacks may hold resource types that
it does not know. A function's own code comes before its layers. What streams have still to tell is kept. Several
messages in a call need the permission for one. And reads tell what they consume.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core.persistence import save_all

from tools.localcloud import access_gaps, capacity_gaps, cloudformation_gaps, lambda_gaps, rest_import, stream_gaps
from tools.localcloud.lifeline import die_with_parent

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework

Scope = dict[str, Any]
Channel = Callable[..., Awaitable[Any]]

_SAVED = ("cloudformation", "cloudfront", "cognito", "dynamodb", "iam", "kms", "s3", "sqs", "ssm", "sts")
"""What is saved in between. The emulator knows fifty services more, whose empty states take longer to write."""

_READING = ("Get", "BatchGet", "Describe", "List", "Query", "Scan", "Receive")
"""How operations begin that change nothing worth saving."""


class Snapshots:
    """Saves the state of the emulator some time after it changed, and says of tables at once that they may have."""

    def __init__(self, touched: Path) -> None:
        self._changed = asyncio.Event()
        self._touched = touched
        touched.parent.mkdir(parents=True, exist_ok=True)

    def note(self, scope: Scope) -> None:
        """Take note of a request that was answered."""
        target = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-amz-target"), "")
        operation = target.rpartition(".")[2]
        if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and not operation.startswith(_READING):
            self._changed.set()
            if target.startswith("DynamoDB_"):
                self._touched.touch()

    async def run(self) -> None:
        """Save after each change, forever, and never spend more than a twentieth of the time on it."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            started = time.monotonic()
            # Private, but the only way to save before the end.
            states = ministack._build_persistence_save_dict()
            save_all({name: state for name, state in states.items() if name in _SAVED})
            await asyncio.sleep(max(1.0, 20 * (time.monotonic() - started)))


async def _serve(port: int) -> None:
    snapshots = Snapshots(Path(os.environ["CARA_TOUCHED_FILE"]))

    async def application(scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] != "http":
            await ministack.app(scope, receive, send)
            return
        await ministack.app({**scope, "scheme": "https"}, receive, send)
        snapshots.note(scope)

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.backlog = 512
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    saving = asyncio.create_task(snapshots.run())
    await serve(cast("ASGIFramework", application), config)
    saving.cancel()


if __name__ == "__main__":
    die_with_parent(int(os.environ["CARA_PARENT"]))
    access_gaps.install()
    rest_import.install()
    cloudformation_gaps.install()
    lambda_gaps.install()
    stream_gaps.install()
    capacity_gaps.install()
    asyncio.run(_serve(int(os.environ["GATEWAY_PORT"])))
