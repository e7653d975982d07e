"""What a process of Lambda does first: resolve the handler, and answer one event if there is one.

    python -I -S -B lambda_process.py TASK OPT HANDLER [EVENT]

TASK stands for /var/task and OPT for /opt; nothing else but Python's own library is on the path. Without an event the
handler is only resolved. The last line of the output is JSON: ``cpu_ms`` of this process from its start (user and
system, all threads), ``peak_mb`` of memory, and the ``answer``. Python 3.13 in Lambda is the same interpreter with the
runtime's client around it, which is in front of every program alike and not part of this.
"""

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


class Context:
    """The few fields of Lambda's context that frameworks read."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "bench"
    function_version = "$LATEST"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        """Tell that there is time."""
        return 29_000


def main(task: str, opt: str, name: str, event: str = "") -> None:
    """Start the function and print what that took."""
    sys.path[:0] = [task, f"{opt}/python"]
    answer: Any = None
    if name:
        module, _, attribute = name.rpartition(".")
        handler = getattr(import_module(module), attribute)
        if event:
            answer = handler(json.loads(event), Context())
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    # Not ru_maxrss: that of a child begins with what its parent had.
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    done = {
        "cpu_ms": (used.ru_utime + used.ru_stime) * 1000,
        "peak_mb": int(peak.split()[1]) / 1024,
        "answer": answer,
    }
    print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
