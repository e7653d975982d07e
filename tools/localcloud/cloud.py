"""The emulated AWS as seen from the supervisor: a port, a child, and when it is ready."""

import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.localcloud.children import Child
from tools.localcloud.environment import ROOT_CREDENTIALS, clean_environment, credential_environment

_USUAL_PORT = 4566
_READY_SECONDS = 60.0


class CloudError(Exception):
    """The emulated AWS could not be started; the message is for people."""


def choose_port(wanted: int | None) -> int:
    """Return `wanted` (or the usual port) if it is free, else any free one. Raises CloudError if `wanted` is taken."""
    port = wanted or _USUAL_PORT
    if _is_free(port):
        return port
    if wanted:
        raise CloudError(f"port {wanted} (CARA_CLOUD_PORT) is taken")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
        return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def touched(directory: Path) -> Path:
    """Return the file that the emulated AWS touches whenever something may have been written to a table."""
    return directory / "cloud" / "touched"


def cloud_child(port: int, directory: Path) -> Child:
    """Return the child that is the emulated AWS on `port`, which keeps what it holds in `directory`/cloud."""
    state = directory / "cloud"
    environ = {
        **clean_environment(),
        **credential_environment(ROOT_CREDENTIALS),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "CARA_TOUCHED_FILE": str(touched(directory)),
    }
    return Child("cloud", "tools.localcloud.cloud_server", environ, directory / "logs")


def wait_until_ready(child: Child, port: int) -> None:
    """Wait until the emulated AWS answers. Raises CloudError if it ends, or does not answer within a minute."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if not child.alive:
            raise CloudError(f"the emulated cloud did not start: see {child.log}")
        try:
            with direct.open(f"http://127.0.0.1:{port}/_ministack/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise CloudError(f"the emulated cloud did not answer within {_READY_SECONDS:.0f} s: see {child.log}")
