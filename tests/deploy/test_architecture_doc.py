"""docs/architecture.md shows what is deployed, and the tool that draws it leaves nothing out unnoticed."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tools import architecture, architecture_model
from tools.architecture_model import ArchitectureError, read


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is drawn, to change."""
    for name in ("infra", "chalicelib"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "stages"))
    (tmp_path / ".chalice").mkdir()
    shutil.copy(ROOT / ".chalice" / "config.template.json", tmp_path / ".chalice")
    (tmp_path / "docs").mkdir()
    shutil.copy(architecture.DOCUMENT, tmp_path / "docs")
    monkeypatch.setattr(architecture_model, "ROOT", tmp_path)
    monkeypatch.setattr(architecture_model, "INFRA", tmp_path / "infra")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_document_shows_what_is_deployed() -> None:
    assert architecture.main(["--check"]) == 0, "run .venv/bin/python tools/architecture.py"


def test_a_change_is_noticed_and_written(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = checkout / "docs" / "architecture.md"
    before = document.read_text(encoding="utf-8")
    change(checkout / "infra" / "bindings.yaml", "BatchSize: 1", "BatchSize: 7")
    assert architecture.main(["--check"], document) == 1
    assert "run tools/architecture.py" in capsys.readouterr().err
    assert document.read_text(encoding="utf-8") == before
    assert architecture.main([], document) == 0
    assert "7 at a time" in document.read_text(encoding="utf-8")
    assert architecture.main(["--check"], document) == 0


def test_a_right_is_drawn_and_in_the_table(checkout: Path) -> None:
    path = checkout / "infra" / "policies" / "authorizer.json"
    policy = json.loads(path.read_text(encoding="utf-8"))
    policy["Statement"].append({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "${HandlesTableArn}"})
    path.write_text(json.dumps(policy), encoding="utf-8")
    found = read()
    assert 'functions_bearer -.->|"reads"| base_Handles' in architecture.drawing(found)
    assert "| `Handles` | reads; writes | reads |" in architecture.access_table(found)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("infra/base.yaml", "Type: AWS::SSM::Parameter", "Type: AWS::OpenSearchService::Domain"),
        ("infra/policies/sweep.json", "dynamodb:Query", "dynamodb:Scan"),
        ("infra/policies/sweep.json", "${MediaTableArn}/index/due", "${NoSuchTableArn}/index/due"),
        (".chalice/config.template.json", '"sweep": {', '"broom": {'),
        ("docs/architecture.md", "<!-- end of drawing -->", ""),
    ],
)
def test_what_cannot_be_placed_is_an_error(file: str, old: str, new: str, checkout: Path) -> None:
    change(checkout / file, old, new)
    with pytest.raises(ArchitectureError):
        architecture.updated((checkout / "docs" / "architecture.md").read_text(encoding="utf-8"), read())


def test_an_unknown_template_is_an_error(checkout: Path) -> None:
    (checkout / "infra" / "another.yaml").touch()
    with pytest.raises(ArchitectureError, match=r"another\.yaml"):
        read()


def test_drawing_stays_readable() -> None:
    nodes = re.findall(r"^    \w+[\[(>]", architecture.drawing(read()), re.M)
    assert 20 <= len(nodes) <= 44
