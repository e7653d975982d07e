"""The set-up on machines that have everything, something and nothing."""

import hashlib
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.localcloud.config import ROOT

_PROGRAMS = "awk basename cat cksum dirname env flock grep id ls mkdir mktemp mv rm sh sort tail touch true".split()

Checkout = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but the set-up, and no packages to install."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    (tmp_path / ".python-version").write_text("3.13\n")
    (tmp_path / "requirements-dev.txt").write_text("# none\n")
    machine = tmp_path / "machine"
    machine.mkdir()
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found:
            (machine / name).symlink_to(found)
    return tmp_path


def program(checkout: Path, name: str, script: str) -> None:
    """Put a program on the machine."""
    path = checkout / "machine" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def lock_uv(checkout: Path, script: str) -> None:
    """Pin a uv that is but a script, in a wheel that pip finds where HOME's settings say."""
    wheel = checkout / "wheels" / "uv-1-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        program = zipfile.ZipInfo("uv-1.data/scripts/uv")
        program.external_attr = 0o100755 << 16  # pip keeps what may be run
        archive.writestr(program, f"#!/bin/sh\n{script}\n")
        archive.writestr("uv-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1\n")
        archive.writestr("uv-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("uv-1.dist-info/RECORD", "")
    settings = checkout / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[global]\nindex-url = {(checkout / 'index').as_uri()}\nfind-links = {wheel.parent}\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (checkout / "requirements-dev.txt").write_text(f"uv==1 \\\n    --hash=sha256:{digest}\n    # via nothing\n")


def setup(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "tools" / "setup.sh", *arguments],
        env={"PATH": str(checkout / "machine"), "HOME": str(checkout)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_machine_without_python(checkout: Path) -> None:
    answer = setup(checkout)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("setup: Python 3.13 is needed")
    assert answer.stderr.count("\n") == 1


def test_a_machine_whose_python_is_too_old(checkout: Path) -> None:
    # What an older Python does with the question whether it will do.
    program(checkout, "python3", "exit 1")
    program(checkout, "python3.12", "exit 1")
    answer = setup(checkout)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1


def test_pyenv_has_the_version_in_some_release(checkout: Path) -> None:
    versions = checkout / "pyenv" / "versions"
    for version in ("3.12.1", "3.13.0", "3.13.12", "3.13.2"):
        (versions / version / "bin").mkdir(parents=True)
        path = versions / version / "bin" / "python3"
        path.write_text(f'#!/bin/sh\ncase "$*" in *venv\\ --clear*) exit 7;; --version) echo fake {version};; esac\n')
        path.chmod(0o755)
    program(checkout, "pyenv", f'echo "{checkout}/pyenv"')
    answer = setup(checkout)
    assert answer.returncode == 7
    assert "fake 3.13.12" in answer.stdout


def test_what_is_there_costs_nothing(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    digest = hashlib.sha256((checkout / "requirements-dev.txt").read_bytes()).hexdigest()
    (checkout / ".venv" / "installed").write_text(f"{sys.version.split()[0]} {digest}\n")
    started = time.monotonic()
    answer = setup(checkout)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert time.monotonic() - started < 5


def test_an_interrupted_set_up_is_made_anew(checkout: Path) -> None:
    (checkout / "machine" / "python3").symlink_to(sys.executable)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("half of it")
    first = setup(checkout)
    assert first.returncode == 0, first.stderr
    assert (checkout / ".venv" / "installed").exists()
    assert [line.partition(" ")[0] for line in first.stdout.splitlines()] == ["Making", "Installing", ".venv"]
    assert setup(checkout).stdout == ""
    # Another lock: installed into the same environment, by the uv that it pins, from where pip would take it.
    lock_uv(checkout, 'echo "$UV_DEFAULT_INDEX" "$@" >uv.log; exit 7')
    second = setup(checkout)
    assert [line.partition(" ")[0] for line in second.stdout.splitlines()] == ["Installing", ".venv"], second.stderr
    index, *arguments = (checkout / "uv.log").read_text().split()
    assert index == (checkout / "index").as_uri()
    assert arguments[:2] == ["pip", "install"]
    assert arguments[-3:] == ["--require-hashes", "--requirement", "requirements-dev.txt"]
    # It failed, and pip did what it could not: all of it is there.
    log = (checkout / ".venv" / "setup.log").read_text()
    assert "requirements-dev.txt" in log
    assert setup(checkout).stdout == ""


def test_packages_that_cannot_be_installed(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "installed").write_text("an earlier one\n")
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / "requirements-dev.txt").write_text("unpinned-package\n")
    answer = setup(checkout)
    assert answer.returncode == 1
    assert "setup: the packages could not be installed" in answer.stderr
    assert not (checkout / ".venv" / "installed").exists()


def test_programs_that_are_there(checkout: Path) -> None:
    for name in ("exiftool", "chromium-browser"):
        program(checkout, name, "")
    answer = setup(checkout, "need", "chromium", "exiftool")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_programs_that_are_missing_on_a_machine_without_apt(checkout: Path) -> None:
    answer = setup(checkout, "need", "chromium", "exiftool")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.endswith(": chromium libimage-exiftool-perl\n")
    assert answer.stderr.count("\n") == 1


def test_programs_that_are_missing_on_a_machine_without_the_right(checkout: Path) -> None:
    (checkout / "machine" / "id").unlink()
    program(checkout, "id", "echo 1000")
    program(checkout, "apt-get", "exit 0")
    program(checkout, "sudo", "exit 1")
    answer = setup(checkout, "need", "exiftool")
    assert answer.returncode == 1
    assert answer.stderr.endswith(": libimage-exiftool-perl\n")


def test_the_package_lists_are_fetched_only_when_needed(checkout: Path) -> None:
    (checkout / "machine" / "id").unlink()
    program(checkout, "id", "echo 0")
    log = checkout / "apt.log"
    program(
        checkout, "apt-get", f'echo "$*" >>{log}; [ "$1" = update ] && touch {checkout}/lists; [ -e {checkout}/lists ]'
    )
    assert setup(checkout, "need", "exiftool").returncode == 0
    install = "install -y --no-install-recommends libimage-exiftool-perl"
    assert log.read_text().splitlines() == [install, "update", install]
    log.unlink()
    assert setup(checkout, "need", "exiftool").returncode == 0
    assert log.read_text().splitlines() == [install]
