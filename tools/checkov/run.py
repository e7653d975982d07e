"""Looks through the templates of infra/ with checkov for what they leave open.

    .venv/bin/python tools/checkov/run.py                 all of infra/*.yaml, the edge with its function in it
    .venv/bin/python tools/checkov/run.py template.yaml   these

Makes .local/checkov, an environment of checkov's own, from the pinned requirements beside this file, and does nothing
about it when it is there already. What is left out, and why, is in config.yaml beside it, and in the templates where it
holds for one resource. Nothing is asked of or told to checkov's makers. Exit code: 0 nothing found, 1 something found,
2 checkov could not be had.
"""

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(ROOT))

INFRA = ROOT / "infra"
CONFIG = Path(__file__).resolve().parent / "config.yaml"

_REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
_HOME = ROOT / ".local" / "checkov"
_STAMP = _HOME / "installed"


class UnavailableError(Exception):
    """Checkov could not be installed; the message is pip's."""


def templates() -> list[Path]:
    """Return the templates of infra/."""
    return sorted(INFRA.glob("*.yaml"))


def check(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """Look through some templates; what checkov says is in ``stdout`` and ``stderr``."""
    from tools import edge_agents

    _install()
    with tempfile.TemporaryDirectory() as directory:
        copies = [Path(directory) / path.name for path in paths]
        for path, copy in zip(paths, copies, strict=True):
            copy.write_text(
                edge_agents.template() if path == edge_agents.TEMPLATE else path.read_text("utf-8"), "utf-8"
            )
        command = [str(each) for each in (_HOME / "bin" / "checkov", "--config-file", CONFIG, "--file", *copies)]
        return subprocess.run(command, cwd=directory, env=_environment(), capture_output=True, text=True, check=False)


def _environment() -> dict[str, str]:
    """Return the environment without what would have checkov talk to a platform, or look for other settings."""
    # uv compiles nothing: the first run does, of what it imports, and the others find it
    unwanted = ("AWS_", "BC_", "CKV_", "CHECKOV_", "PRISMA_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def _install() -> None:
    """Make the environment, unless it was made from this interpreter and these requirements."""
    wanted = f"{sys.version.split()[0]} {hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()}"
    _HOME.parent.mkdir(exist_ok=True)
    with _HOME.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at the same time would make the same folder
        if _STAMP.is_file() and _STAMP.read_text("utf-8") == wanted:
            return
        print("Installing checkov into .local/checkov (once; a minute or two) ...", file=sys.stderr, flush=True)
        python = str(_HOME / "bin" / "python")
        pinned = ["--quiet", "--require-hashes", "--requirement", str(_REQUIREMENTS)]
        venv.create(_HOME, clear=True)
        # uv takes seconds where pip takes a minute, but only pip knows where a person has it look for packages.
        uv = Path(sys.executable).with_name("uv")
        if not uv.exists() or _run([str(uv), "pip", "install", "--python", python, *pinned]).returncode:
            _run([python, "-m", "ensurepip"])
            done = _run([python, "-m", "pip", "install", "--disable-pip-version-check", *pinned])
            if done.returncode:
                raise UnavailableError(done.stderr[-2000:])
        _STAMP.write_text(wanted, "utf-8")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main(arguments: list[str] | None = None) -> int:
    """Print what was found and return the exit code."""
    parser = argparse.ArgumentParser(description="Look through the templates of infra/ with checkov.")
    parser.add_argument("templates", nargs="*", type=Path, help="those to look through; all of infra/ if none")
    options = parser.parse_args(arguments)
    try:
        done = check([path.resolve() for path in options.templates] or templates())
    except UnavailableError as error:
        print(f"checkov could not be installed:\n{error}", file=sys.stderr)
        return 2
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
