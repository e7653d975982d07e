"""What is recognised, and what is not claimed."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from chalicelib.domain.screening import MAX_EVIDENCE, MAX_VALUE
from chalicelib.imaging.screening import screen
from tests.corpus.carrying import FORMATS, with_exif, with_text, with_texts, with_xmp
from tests.corpus.declared_files import JOB, PARAMETERS, DeclaredCase, declared_files, source_attribute, xmp
from tests.corpus.manifests import SOURCE
from tests.corpus.pictures import artwork, encoded

CASES = declared_files()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_declarations_are_recognised_and_nothing_else_is(case: DeclaredCase) -> None:
    found = screen(case.make())
    assert (found.verdict, frozenset(each.signal for each in found.evidence)) == (case.verdict, case.signals)


def test_every_row_is_in_the_corpus() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    signals = {signal.partition(":")[2] or signal for case in CASES for signal in case.signals}
    rows = {"DigitalSourceType", "AISystemUsed", "digitalSourceType", "automatic1111", "comfyui", "invokeai", "novelai"}
    assert signals >= rows | {"midjourney", "google", "apple", "flux", "grok", "gb45438"}
    for name in FORMATS:
        assert {f"xmp-trainedAlgorithmicMedia-element-{name}", f"c2pa-trainedAlgorithmicMedia-{name}"} <= {
            case.name for case in CASES
        }


def test_strongest_verdict_wins_and_all_evidence_is_kept() -> None:
    packet = xmp(f'Iptc4xmpExt:DigitalSourceType="{SOURCE}compositeSynthetic"')
    data = with_text("parameters", PARAMETERS, data=with_xmp("png", packet))
    found = screen(data)
    assert found.verdict == "generated"
    assert [each.signal for each in found.evidence] == ["automatic1111", "iptc:DigitalSourceType"]
    assert [each.where for each in found.evidence] == ["PNG tEXt parameters", "PNG XMP"]
    assert found == screen(data)


def test_evidence_is_printable_cut_and_capped() -> None:
    texts = {"parameters": f"\u202e\x07\x1b[31m\n{PARAMETERS}"}
    (one,) = screen(with_texts(texts)).evidence
    assert one.value.isprintable()
    assert one.value.startswith("Steps: 28, Sampler: DPM++ 2M")
    (long,) = screen(with_text("Description", f"a fox \x1b{'x' * 9000} {JOB}")).evidence
    assert len(long.value) == MAX_VALUE
    assert long.value.endswith("…")
    assert long.value.isprintable()
    data = with_text("parameters", PARAMETERS)
    for number in range(30):
        data = with_text("parameters", PARAMETERS.replace("28", str(number + 40)), data=data)
    assert len(screen(data).evidence) == MAX_EVIDENCE


def test_the_same_said_twice_is_one_piece_of_evidence() -> None:
    data = with_text("parameters", PARAMETERS, data=with_text("parameters", PARAMETERS))
    assert len(screen(data).evidence) == 1


def test_a_file_cut_short_still_tells_what_it_can() -> None:
    data = with_xmp("jpeg", source_attribute(SOURCE + "trainedAlgorithmicMedia"))
    assert screen(data[: data.index(b"\xff\xda") - 20]).verdict == "generated"
    data = with_text("parameters", PARAMETERS)
    assert screen(data[: data.index(b"IDAT") + 30]).verdict == "generated"


def marked(mark: bytes) -> bytes:
    alpha = np.full((48, 64), 254, np.uint8)
    bits = np.unpackbits(np.frombuffer(mark, np.uint8))
    columns = alpha.T.reshape(-1).copy()
    columns[: len(bits)] |= bits
    picture = artwork(64, 48, alpha=True)
    picture.putalpha(Image.fromarray(np.ascontiguousarray(columns.reshape(64, 48).T)))
    return encoded(picture, "PNG")


def test_mark_in_the_transparency_is_looked_for_where_that_is_asked_for() -> None:
    data = marked(b"stealth_pngcomp" + bytes(20))
    assert screen(data).verdict == "none"
    found = screen(data, pixels=True)
    assert (found.verdict, [each.signal for each in found.evidence]) == ("generated", ["novelai-pixels"])
    assert screen(marked(b"stealth_pngcom_" + bytes(20)), pixels=True).verdict == "none"
    for other in (with_exif("jpeg", {}), encoded(artwork(8, 8, alpha=True), "PNG"), data[:300]):
        assert screen(other, pixels=True).verdict == "none"
    assert Image.open(BytesIO(data)).size == (64, 48)
