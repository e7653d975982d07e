"""docs/openapi.json is what the application says of itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import export_openapi


def test_checked_in_description_is_up_to_date() -> None:
    """In a process of its own, without any settings, as a person runs it."""
    done = subprocess.run(
        [sys.executable, "tools/export_openapi.py", "--check"],
        cwd=export_openapi.ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_writes_the_same_each_time_and_no_address(tmp_path: Path) -> None:
    target = tmp_path / "docs" / "openapi.json"
    assert export_openapi.main([], target) == 0
    first = target.read_text(encoding="utf-8")
    assert export_openapi.main([], target) == 0
    assert target.read_text(encoding="utf-8") == first
    described = json.loads(first)
    assert described["servers"] == [{"url": "/"}]
    assert "cara.test" not in first
    assert "placeholder" not in first
    assert list(described["paths"]) == sorted(described["paths"])


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_check_tells_what_is_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    target = tmp_path / "openapi.json"
    if content is not None:
        target.write_text(content, encoding="utf-8")
    assert export_openapi.main(["--check"], target) == 1
    assert capsys.readouterr().err == "openapi.json is out of date: run make openapi\n"
    assert not target.exists() or target.read_text(encoding="utf-8") == content
