import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.pictures import artwork, encoded
from tools.protect import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.txt"
    path.write_bytes(encoded(artwork(400, 300), "PNG"))
    return path


def test_a_picture_is_protected_from_any_directory(picture: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools/protect.py"), str(picture), "--out", "out", "--creator", "Zoë"]
    command += ["--cloak", "off"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["status"] == "protected"
    assert report["screening"] == {"verdict": "none", "evidence": []}
    assert report["cloak"] == {
        "level": "off",
        "applied": False,
        "psnr_db": None,
        "ssim": None,
        "color_difference": None,
        "cpu_seconds": None,
        "steps": 0,
        "floor": None,
        "floor_reached": None,
        "encoders": {},
    }
    assert "xmp:plus:DataMining" in report["signals"]
    assert len(report["perceptual_hash"]) == 16
    assert len(report["renditions"]) == 6
    for rendition in report["renditions"]:
        assert (tmp_path / "out" / rendition["file"]).stat().st_size == rendition["bytes"]


def test_a_rejected_picture_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert main([str(path), "--out", str(tmp_path / "out"), "--cloak", "off"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "SVG" in error
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert (report["status"], report["reason"]["code"]) == ("refused", "unsupported-type")
    assert report["cloak"]["level"] == "off"


@pytest.mark.parametrize("image", ["missing.png", "."])
def test_what_cannot_be_read_is_one_line(image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / image), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_directory_that_cannot_be_made_is_one_line(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(picture), "--out", str(picture / "below-a-file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_file_of_more_than_fifty_megabytes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "endless.png"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    assert main([str(path), "--out", str(tmp_path / "out")]) == 2
    assert "50 MB" in capsys.readouterr().err
