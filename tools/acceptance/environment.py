"""An environment of its own for the programs that tests/acceptance puts to work: they weigh more than all else here.

    .venv/bin/python tools/acceptance/environment.py        makes .local/acceptance, once; make acceptance does so

Made from the pinned requirements beside this file. Exit code: 0 it is there, 1 it could not be made.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / ".local" / "acceptance"

PYTHON = HOME / "bin" / "python"
"""The interpreter that has the programs."""

_REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
_STAMP = HOME / "installed"


class UnavailableError(Exception):
    """The programs could not be installed; the message is pip's."""


def install() -> None:
    """Make the environment, unless it was made from this interpreter and these requirements."""
    wanted = f"{sys.version.split()[0]} {hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()}"
    HOME.parent.mkdir(exist_ok=True)
    with HOME.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at the same time would make the same folder
        if _STAMP.is_file() and _STAMP.read_text("utf-8") == wanted:
            return
        print("Installing the programs of tests/acceptance (once; some minutes) ...", file=sys.stderr, flush=True)
        venv.create(HOME, clear=True, with_pip=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--require-hashes", "--requirement", str(_REQUIREMENTS)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise UnavailableError(done.stderr[-2000:])
        _STAMP.write_text(wanted, "utf-8")


def main() -> int:
    """Make the environment and return the exit code."""
    try:
        install()
    except UnavailableError as error:
        print(f"the programs could not be installed:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
