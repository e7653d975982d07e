"""One local cloud for each checkout: a lock, and a file that tells tools where it runs."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Run:
    """A running local cloud.

    Attributes:
        pid: the supervisor.
        base_url: where the API and the web client answer.
        endpoint: where the emulated AWS answers.
        env: the application's variables, without credentials.
    """

    pid: int
    base_url: str
    endpoint: str
    env: dict[str, str]


class AlreadyRunningError(Exception):
    """Another supervisor holds the lock; the message is for people."""


def lock(directory: Path) -> IO[str]:
    """Take the lock of `directory` for the life of this process. Raises AlreadyRunningError if another holds it.

    The system lets go of it when the process ends in whatever way, so it never has to be cleaned up.
    """
    directory.mkdir(parents=True, exist_ok=True)
    handle = (directory / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        run = read_run(directory)
        raise AlreadyRunningError(f"already running at {run.base_url}" if run else "already starting") from error
    # Whoever ran before is gone; what it wrote must not be taken for this run's.
    forget_run(directory)
    return handle


def write_run(directory: Path, run: Run) -> None:
    """Tell tools about `run`. Written aside and moved, so that nobody reads half of it."""
    aside = directory / "run.json.new"
    aside.write_text(json.dumps(asdict(run), indent=2), encoding="utf-8")
    aside.replace(directory / "run.json")


def read_run(directory: Path) -> Run | None:
    """Return what runs in `directory`, None if nothing does."""
    try:
        run = Run(**json.loads((directory / "run.json").read_text(encoding="utf-8")))
        os.kill(run.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return run


def forget_run(directory: Path) -> None:
    """Remove what `write_run` wrote."""
    (directory / "run.json").unlink(missing_ok=True)
