"""Writes the description of the API into docs/openapi.json, or checks that what is there is up to date.

    .venv/bin/python tools/export_openapi.py [--check]

Needs no settings and no network: the description holds the address of no machine. Exits 1 if `--check` finds it out of
date.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "openapi.json"


def description() -> str:
    """Return the description as it is written: sorted, so that a change shows as what it is."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from chalicelib.settings import Settings, settings

    placeholders = {
        f"CARA_{name.upper()}": "1" if kind is int else "placeholder" for name, kind in Settings.__annotations__.items()
    }
    with mock.patch.dict(os.environ, placeholders):
        settings()  # what was read before stays; tables' names are read on import
        from app import app
        from chalicelib.http.openapi import describe

        described: dict[str, Any] = describe(app, "/")
    return json.dumps(described, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None, target: Path = TARGET) -> int:
    """Write or check the file and return the exit code."""
    parser = argparse.ArgumentParser(description="Write the description of the API into docs/openapi.json.")
    parser.add_argument("--check", action="store_true", help="only tell whether it is up to date")
    check: bool = parser.parse_args(arguments).check
    described = description()
    if not check:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(described, encoding="utf-8")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == described:
        return 0
    print(f"{target.name} is out of date: run make openapi", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
