"""The child that stands in for EventBridge: it calls the sweep every few seconds."""

import logging
import os
import threading

from tools.localcloud.dispatcher import load_handler
from tools.localcloud.events import scheduled_event
from tools.localcloud.invocation import invoke, prepare_child
from tools.localcloud.queue_source import Handler

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 60.0


def run(handler: Handler, pause_seconds: float, ending: threading.Event) -> None:
    """Call `handler` every `pause_seconds` until `ending` is set; what it raises is logged."""
    while not ending.wait(pause_seconds):
        try:
            invoke("sweep", _TIMEOUT_SECONDS, handler, scheduled_event("cara-local-sweep"))
        except Exception:  # noqa: BLE001 - whatever one sweep raises, the next one comes
            _log.exception("the sweep failed; the next one is in %.0f s", pause_seconds)


def main() -> None:
    """Run the schedule until SIGTERM."""
    ending = prepare_child()
    handler = load_handler(os.environ.get("CARA_SWEEP_HANDLER", "chalicelib.triggers.schedules:sweep"))
    run(handler, float(os.environ["CARA_SWEEP_SECONDS"]), ending)


if __name__ == "__main__":
    main()
