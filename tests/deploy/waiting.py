"""Shortens the pauses of botocore's waiters, by which Chalice waits for Lambda: the emulated one needs half a second.

Five seconds, several times for each function, would be most of what these tests take.
"""

import json
from pathlib import Path

import botocore

_WAITERS = "lambda/2015-03-31/waiters-2.json"


def shortened(folder: Path) -> Path:
    """Write Lambda's waiters with pauses of a quarter of a second into `folder`, for AWS_DATA_PATH, and return it."""
    source = Path(botocore.__file__).parent / "data" / _WAITERS
    waiters = json.loads(source.read_text(encoding="utf-8"))
    for waiter in waiters["waiters"].values():
        waiter["delay"], waiter["maxAttempts"] = 0.25, 20 * waiter["maxAttempts"]
    target = folder / _WAITERS
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(waiters), encoding="utf-8")
    return folder
