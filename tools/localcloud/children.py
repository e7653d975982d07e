"""Child processes: started with a log of their own, watched, and ended for certain."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tools.localcloud.config import ROOT

_LOG_LIMIT_BYTES = 10_000_000
_RESTART_PAUSE_SECONDS = 1.0


class Child:
    """A module of this project that runs as a process of its own.

    It is a session leader, so that a Ctrl-C in the terminal reaches the supervisor alone, which then ends the children
    in their order.
    """

    def __init__(
        self,
        name: str,
        module: str,
        environ: Mapping[str, str],
        logs: Path,
        *,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._command = [sys.executable, "-m", module]
        self._environ = {**environ, "CARA_PARENT": str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        self._pass_fds = pass_fds
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start the process; its output goes to the log, which is begun anew when it has grown large."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        large = self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES
        with self.log.open("wb" if large else "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self._pass_fds,
            )
        self._started = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The id of the process, None before the start."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def revive(self) -> str | None:
        """Start the process again if it died; return a line about that, or None when it lives or is too young."""
        if self._process is None or self.alive or time.monotonic() - self._started < _RESTART_PAUSE_SECONDS:
            return None
        code = self._process.returncode
        self.start()
        return f"{self.name} ended with {code} and was started again (see {self.log})"

    def stop(self, patience: float = 15.0) -> None:
        """Ask the process to end, wait up to `patience` seconds, then end it by force."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
