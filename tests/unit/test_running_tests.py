"""tools/test.sh: both halves of the tests run, and a failure in either is one of the whole."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPUTING = "tests/architecture tests/unit"
WAITING = "tests/cloak tests/localcloud tests/cloud tests/e2e"


def run(folder: Path, *more: str, failing: str = "nothing") -> subprocess.CompletedProcess[str]:
    """Run a copy of the tool whose Python only says what it was asked for, and fails for one of the folders."""
    (folder / "tools").mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "test.sh", folder / "tools")
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/usr/bin/env bash\necho "ran $*"\n[[ "$*" != *{failing}* ]]\n', "utf-8")
    python.chmod(0o755)
    command = [str(folder / "tools" / "test.sh"), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_every_folder_of_tests_is_run(tmp_path: Path) -> None:
    done = run(tmp_path, "tests/deploy")
    assert done.returncode == 0, done.stderr
    assert f"ran -m pytest {COMPUTING}\n" in done.stdout
    assert f"ran -m pytest tests/deploy {WAITING}\n" in done.stdout
    there = {f"tests/{each.parent.name}" for each in ROOT.glob("tests/*/test_*.py")}
    nested = {"tests/unit"}
    apart = {"tests/acceptance"}
    assert there | nested == {*COMPUTING.split(), *WAITING.split(), "tests/deploy"} | apart


@pytest.mark.parametrize("failing", ["tests/unit", "tests/cloud"])
def test_a_failure_in_either_half_is_one_of_the_whole(tmp_path: Path, failing: str) -> None:
    done = run(tmp_path, failing=failing)
    assert done.returncode == 1
    assert f"ran -m pytest {WAITING}\n" in done.stdout
