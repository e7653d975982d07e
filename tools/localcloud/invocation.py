"""How a function is called in a child process: with a context, a time limit, and a way to end."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from tools.localcloud.events import Event, LambdaContext
from tools.localcloud.lifeline import die_with_parent

_log = logging.getLogger(__name__)


def invoke(
    function_name: str, timeout_seconds: float, handler: Callable[[Event, LambdaContext], Any], event: Event
) -> Any:
    """Call `handler` and return what it returns.

    When it takes longer than `timeout_seconds` the whole process is ended, as Lambda does: the supervisor starts
    another, and the message comes again.
    """
    context = LambdaContext(function_name, timeout_seconds)
    timer = threading.Timer(timeout_seconds, _give_up, (function_name, timeout_seconds))
    timer.daemon = True
    timer.start()
    try:
        return handler(event, context)
    finally:
        timer.cancel()


def _give_up(function_name: str, timeout_seconds: float) -> None:
    _log.error("%s timed out after %.0f s", function_name, timeout_seconds)
    logging.shutdown()
    os._exit(1)


def prepare_child() -> threading.Event:
    """Set up a child that runs functions, and return the event that is set when it should end."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    ending = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    die_with_parent(int(os.environ["CARA_PARENT"]))
    return ending
