"""What holds of the tests themselves."""

import ast
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT

POLLING = ROOT / "tests" / "support" / "processes.py"
"""Waits for other processes with a deadline, for all tests that must."""


def sleeps(source: str) -> list[int]:
    """Return the lines that sleep."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="sleep", value=ast.Name(id="time" | "asyncio"))):
                found.append(node.lineno)
            case ast.Call(func=ast.Name(id="sleep")):
                found.append(node.lineno)
            case ast.ImportFrom(module="time" | "asyncio", names=names) if any(each.name == "sleep" for each in names):
                found.append(node.lineno)
    return found


def test_no_test_sleeps() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != POLLING]
    found = {str(path.relative_to(ROOT)): sleeps(path.read_text(encoding="utf-8")) for path in files}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.sleep(1)", "from time import sleep", "async def f(): await asyncio.sleep(0)", "sleep(1)"],
)
def test_sleeping_is_found(source: str) -> None:
    assert sleeps(source)


def test_polling_has_a_deadline() -> None:
    assert "deadline" in Path(POLLING).read_text(encoding="utf-8")
