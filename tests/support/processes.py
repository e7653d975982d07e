"""The whole platform as a process of its own, started, asked and ended by id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.localcloud.access import ensure_token
from tools.localcloud.config import ROOT
from tools.localcloud.environment import clean_environment
from tools.localcloud.runfile import Run, read_run

READY_SECONDS = 90.0


def until[T](found: Callable[[], T], seconds: float = 20.0, what: str = "what was waited for") -> T:
    """Return what `found` returns as soon as that is true; fail when it is not within `seconds`."""
    deadline, pause = time.monotonic() + seconds, 0.05
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        # What takes long is asked for less often: the answers take CPU from what is waited for.
        time.sleep(pause)
        pause = min(1.2 * pause, 0.3)


def free_port() -> int:
    """Return a port that nothing uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_alive(pid: int) -> bool:
    """Whether the process `pid` runs; one that ended and was not yet collected does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@dataclass
class PlatformProcess:
    """A running `python -m tools.localcloud`.

    Attributes:
        directory: where it keeps its state and logs; what it prints is in `output`.
        port: where it answers.
    """

    process: subprocess.Popen[bytes]
    directory: Path
    port: int

    @property
    def base_url(self) -> str:
        """Where the API and the web client answer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self.directory / "output").read_text(encoding="utf-8")

    @property
    def run(self) -> Run:
        """What it tells tools about itself."""
        run = read_run(self.directory)
        assert run is not None, self.output
        return run

    def wait_until_ready(self) -> None:
        """Wait until it says that it is ready."""
        until(lambda: "Ready." in self.output or self.process.poll() is not None, READY_SECONDS, "a ready platform")
        assert self.process.poll() is None, self.output

    def children(self) -> list[int]:
        """Return the ids of its children."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]

    def token(self, name: str, group: str | None = None) -> str:
        """Return an access token of the user `name`, who is made if needed."""
        return ensure_token(
            endpoint=self.run.endpoint,
            pool=self.run.env["CARA_USER_POOL_ID"],
            client_id=self.run.env["CARA_USER_POOL_CLIENT_ID"],
            name=name,
            password="a password for tests",
            group=group,
        )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with the signal `number` if it still runs, wait for it, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.stop_by_itself()

    def stop_by_itself(self) -> int:
        """Wait until it ends and return its exit code; fail, and end it by force, when that takes a minute."""
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def start_platform(directory: Path, environ: Mapping[str, str] | None = None) -> PlatformProcess:
    """Start a platform that keeps everything in `directory` and does not run the demo."""
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    variables = {
        **clean_environment(),
        "CARA_LOCAL_DIR": str(directory),
        "CARA_CLOUD_PORT": str(free_port()),
        "PORT": str(port),
        "CARA_DEMO": "0",
        **(environ or {}),
    }
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.localcloud"],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return PlatformProcess(process, directory, int(variables["PORT"]))


def run_tool(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a Python tool or module of this project to its end and return what it printed."""
    variables = {**os.environ, **environ}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False
    )
