"""Pictures whose Content Credentials declare AI, as the C2PA library's own signing makes them."""

import io

import pytest
from PIL import Image

from chalicelib.domain.protection import PictureRejectedError, ProtectionOptions
from chalicelib.imaging.protect import PREVIEW_EDGE, preview, protect
from chalicelib.imaging.screening import screen
from tests.corpus.credentials import from_a_camera
from tests.corpus.pictures import artwork, encoded

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_signed_declaration_is_read_and_refused(kind: str) -> None:
    data = from_a_camera(kind, source=AI)
    found = screen(data)
    assert found.verdict == "generated"
    assert any(each.signal.startswith("c2pa:") for each in found.evidence)
    with pytest.raises(PictureRejectedError) as caught:
        protect(data, ProtectionOptions())
    assert caught.value.reason.code == "declared-ai-generated"
    assert caught.value.reason.evidence


def test_what_an_ingredient_declares_counts() -> None:
    assert screen(from_a_camera("JPEG", parent=from_a_camera("JPEG", source=AI))).verdict == "generated"


def test_a_signed_edit_is_an_edit_and_a_cameras_word_is_none() -> None:
    assert screen(from_a_camera("JPEG", source=EDITED)).verdict in {"edited", "generated"}
    assert screen(from_a_camera("JPEG")).verdict == "none"


@pytest.mark.parametrize("size", [(900, 600), (120, 90)])
def test_moderators_see_a_small_clean_file_of_what_was_refused(size: tuple[int, int]) -> None:
    data = from_a_camera("JPEG", source=AI) if size == (120, 90) else encoded(artwork(*size), "JPEG")
    shown = preview(data, ProtectionOptions())
    image = Image.open(io.BytesIO(shown.data))
    assert (image.format, max(image.size)) == ("WEBP", min(PREVIEW_EDGE, max(size)))
    assert b"DMI-PROHIBITED-AIMLTRAINING" in shown.data
    assert b"SECRET" not in shown.data
    assert b"c2pa" not in shown.data
