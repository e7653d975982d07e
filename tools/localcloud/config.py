"""How a person, or a test, says what the local cloud should be like."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout."""

REGION = "us-east-1"
STAGE = "local"
STACK = f"cara-{STAGE}-base"


@dataclass(frozen=True, slots=True)
class LocalConfig:
    """What can be chosen. Times are in seconds.

    Attributes:
        directory: where state, logs and the run file are.
        port: where the API and the web client answer.
        cloud_port: where the emulated AWS answers; None for 4566, or any free one if that is taken.
        protect_visibility_seconds: how long an upload event is hidden while it is worked on.
        protect_max_receives: tries before an upload event becomes a dead letter.
        protect_concurrency: how many pictures are protected at the same time.
        protect_timeout_seconds: when a protection that does not end is killed, as Lambda would.
        sweep_seconds: pause between two sweeps.
        demo: whether the first run shows the demo.
    """

    directory: Path
    port: int
    cloud_port: int | None
    protect_visibility_seconds: int
    protect_max_receives: int
    protect_concurrency: int
    protect_timeout_seconds: int
    sweep_seconds: int
    demo: bool

    @property
    def base_url(self) -> str:
        """The origin that people see."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        """The folder of the children's logs."""
        return self.directory / "logs"


def read_config(environ: Mapping[str, str] = os.environ) -> LocalConfig:
    """Read the configuration from `environ`: `PORT`, and `CARA_` with the name of the field for the others.

    `CARA_LOCAL_DIR` is the directory, and `CARA_DEMO=0` leaves out the demo. Raises ValueError, in one plain line, for
    a value that makes no sense.
    """
    return LocalConfig(
        directory=Path(environ.get("CARA_LOCAL_DIR") or ROOT / ".local").resolve(),
        port=_number(environ, "PORT", 8080, 1, 65535),
        cloud_port=_number(environ, "CARA_CLOUD_PORT", 0, 0, 65535) or None,
        protect_visibility_seconds=_number(environ, "CARA_PROTECT_VISIBILITY_SECONDS", 150, 1, 43200),
        protect_max_receives=_number(environ, "CARA_PROTECT_MAX_RECEIVES", 5, 1, 1000),
        protect_concurrency=_number(environ, "CARA_PROTECT_CONCURRENCY", 2, 1, 16),
        protect_timeout_seconds=_number(environ, "CARA_PROTECT_TIMEOUT_SECONDS", 120, 1, 900),
        sweep_seconds=_number(environ, "CARA_SWEEP_SECONDS", 15, 1, 86400),
        demo=environ.get("CARA_DEMO", "1") != "0",
    )


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)
