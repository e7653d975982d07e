"""What checkov finds in the templates: nothing but what has a reason. It is installed from the registry once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from tools.checkov import run

NO_PUBLIC_ACCESS_BLOCK = {"CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"}


def test_nothing_is_found_in_the_templates() -> None:
    done = run.check(run.templates())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Failed checks: 0" in done.stdout


def test_a_fault_is_found(tmp_path: Path) -> None:
    base = run.INFRA / "base.yaml"
    lines = base.read_text("utf-8").splitlines(keepends=True)
    where = next(number for number, line in enumerate(lines) if "PublicAccessBlockConfiguration" in line)
    template = tmp_path / base.name
    template.write_text("".join(lines[:where] + lines[where + 5 :]), "utf-8")
    done = run.check([template])
    assert done.returncode == 1
    assert all(f"Check: {check}:" in done.stdout for check in NO_PUBLIC_ACCESS_BLOCK)
    assert "AWS::S3::Bucket.Originals" in done.stdout
    assert "Derivatives" not in done.stdout


def test_the_edge_is_looked_through_with_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def fake(command: list[str], **_: Any) -> None:
        seen.extend(Path(each).read_text("utf-8") for each in command if each.endswith("edge.yaml"))

    monkeypatch.setattr(run, "_install", lambda: None)
    monkeypatch.setattr("subprocess.run", fake)
    run.check(run.templates())
    assert len(seen) == 1
    assert "import cf from 'cloudfront'" in seen[0]


def skips() -> Iterator[tuple[str, str]]:
    """Give what is left out in the templates, with its reason."""
    for template in run.templates():
        for resource in cfn_yaml.load(str(template))["Resources"].values():
            for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
                yield skip["id"], skip["comment"]


def test_each_thing_that_is_left_out_has_a_reason() -> None:
    in_templates = list(skips())
    assert in_templates
    assert all(len(comment.split()) > 3 for _, comment in in_templates)
    lines = run.CONFIG.read_text("utf-8").splitlines()
    begin = lines.index("skip-check:")
    for number in range(begin + 1, len(lines)):
        if lines[number].lstrip().startswith("- "):
            assert lines[number - 1].lstrip().startswith("# "), lines[number]
    everywhere = {line.strip(" -") for line in lines[begin + 1 :] if line.lstrip().startswith("- ")}
    assert everywhere.isdisjoint(check for check, _ in in_templates)
