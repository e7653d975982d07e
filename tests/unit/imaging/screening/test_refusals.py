"""What the protection does with a picture that declares AI."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.media import DECLARED_AI, HELD_FOR_REVIEW
from chalicelib.domain.protection import PictureRejectedError, ProtectionOptions
from tests.corpus.carrying import with_exif, with_text, with_xmp
from tests.corpus.declared_files import DRAWING, PARAMETERS, source_attribute
from tests.corpus.manifests import SOURCE
from tests.unit.imaging.helpers import PLAIN, protected
from tools.protect import main

EDITED = with_xmp("jpeg", source_attribute(SOURCE + "compositeWithTrainedAlgorithmicMedia"))
GENERATED = with_text("parameters", PARAMETERS)
HINT = with_text("workflow", DRAWING)


def rejection(data: bytes, options: ProtectionOptions = PLAIN) -> PictureRejectedError:
    with pytest.raises(PictureRejectedError) as rejected:
        protected(data, options)
    return rejected.value


def test_declared_as_generated_is_refused_with_what_was_found() -> None:
    error = rejection(GENERATED)
    assert (error.state, error.reason.code) == ("refused", DECLARED_AI)
    assert "Stable Diffusion" in error.reason.message
    assert "appeal" in error.reason.message
    (evidence,) = error.reason.evidence
    assert evidence.startswith("automatic1111 in PNG tEXt parameters: Steps: 28, Sampler: DPM++ 2M")
    assert error.screening is not None
    assert error.screening.verdict == "generated"


def test_cleared_by_a_moderator_it_is_protected_and_recorded() -> None:
    picture = protected(GENERATED, ProtectionOptions(cleared=True, hold=frozenset({"edited", "hint"})))
    assert picture.renditions
    assert picture.screening.verdict == "generated"
    assert all(b"Sampler" not in each.data for each in picture.renditions)


@pytest.mark.parametrize(("data", "verdict"), [(EDITED, "edited"), (HINT, "hint")])
def test_less_than_that_is_labelled_or_held(data: bytes, verdict: str) -> None:
    picture = protected(data)
    assert picture.screening.verdict == verdict
    assert all(b"trainedAlgorithmicMedia" not in each.data for each in picture.renditions)
    other = {"edited": "hint", "hint": "edited"}[verdict]
    assert protected(data, replace(PLAIN, hold=frozenset({other}))).screening == picture.screening  # type: ignore[arg-type]  # a verdict
    error = rejection(data, replace(PLAIN, hold=frozenset({verdict})))
    assert (error.state, error.reason.code) == ("refused", HELD_FOR_REVIEW)
    assert "moderator" in error.reason.message
    assert error.screening == picture.screening


def test_a_file_against_a_limit_is_refused_for_that(tmp_path: Path) -> None:
    assert rejection(GENERATED[:40]).reason.code == "damaged-file"
    assert rejection(GENERATED[:40]).screening is None


def test_the_tool_says_so_and_exits_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(with_exif("jpeg", {0x0131: "AI generated;txt2img;flux"}))
    arguments = [str(path), "--out", str(tmp_path / "out"), "--cloak", "off"]
    assert main(arguments) == 3
    assert "FLUX" in capsys.readouterr().err
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert (report["status"], report["reason"]["code"]) == ("refused", DECLARED_AI)
    evidence = [{"signal": "flux", "where": "EXIF Software", "value": "AI generated;txt2img;flux"}]
    assert report["screening"] == {"verdict": "generated", "evidence": evidence}
    path.write_bytes(EDITED)
    assert main(arguments) == 0
    assert json.loads((tmp_path / "out/report.json").read_text())["screening"]["verdict"] == "edited"
