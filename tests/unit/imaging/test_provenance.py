"""What the files say of where they come from, as the C2PA library's own reader finds it."""

import hashlib
import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import c2pa
import pytest
from PIL import Image, ImageCms

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.noai import CHOICES, MINING_USES, DataMining
from chalicelib.domain.protection import CONTENT_TYPES, CloakReport, ProtectionOptions, Rendition
from chalicelib.domain.signatures import Signer
from chalicelib.imaging.protect import protect
from chalicelib.imaging.provenance.cose import UnknownFormError
from tests.corpus.credentials import HUMAN, from_a_camera
from tests.corpus.manifests import SOURCE
from tests.corpus.pictures import animation, artwork, encoded
from tests.support.signing import another_signer, signer
from tests.unit.imaging.helpers import opened, pixels, protected

LIBRARY = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def read(rendition: Rendition) -> dict[str, Any]:
    """Return what the reader says of a file that is valid but for who vouches for it."""
    with c2pa.Context.from_dict(LIBRARY) as context:
        reader = c2pa.Reader(CONTENT_TYPES[rendition.format], BytesIO(rendition.data), context=context)
        found: dict[str, Any] = json.loads(reader.json())
        assert reader.get_validation_state() == "Valid"
    assert [each["code"] for each in found["validation_status"]] == ["signingCredential.untrusted"]
    assert reader.is_embedded
    return found


def active(rendition: Rendition) -> dict[str, Any]:
    found = read(rendition)
    manifest: dict[str, Any] = found["manifests"][found["active_manifest"]]
    return manifest


def assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    [data] = [each["data"] for each in manifest["assertions"] if each["label"] == label]
    found: dict[str, Any] = data
    return found


def actions(rendition: Rendition) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = assertion(active(rendition), "c2pa.actions.v2")["actions"]
    return listed


def by_kind(data: bytes, options: ProtectionOptions | None = None) -> dict[str, Rendition]:
    return {each.format: each for each in protected(data, options or ProtectionOptions(), signer()).renditions}


@pytest.mark.parametrize("choice", CHOICES)
def test_every_file_says_twice_what_the_artist_chose(choice: DataMining) -> None:
    picture = protected(encoded(artwork(330, 200), "PNG"), ProtectionOptions(data_mining=choice), signer())
    assert {each.format for each in picture.renditions} == {"jpeg", "webp", "avif"}
    assert {"c2pa:cawg.training-mining", "c2pa:c2pa.training-mining"} <= set(picture.signals)
    word = "allowed" if choice == "allowed" else "notAllowed"
    for rendition in picture.renditions:
        manifest = active(rendition)
        for namespace in ("cawg", "c2pa"):
            entries = assertion(manifest, f"{namespace}.training-mining")["entries"]
            assert entries == {f"{namespace}.{use}": {"use": word} for use in MINING_USES}
        assert rendition.sha256 == hashlib.sha256(rendition.data).hexdigest()


def test_animations_say_it_too() -> None:
    picture = protected(animation("GIF"), ProtectionOptions(), signer())
    assert {(each.format, each.animated) for each in picture.renditions} == {("webp", True), ("jpeg", False)}
    for rendition in picture.renditions:
        assert assertion(active(rendition), "c2pa.training-mining")
        told = [each["action"] for each in actions(rendition)]
        assert ("c2pa.edited" in told) == (not rendition.animated)
    moving = next(each for each in picture.renditions if each.animated)
    assert getattr(opened(moving), "n_frames", 1) > 1


def test_pixels_are_those_without_a_manifest() -> None:
    data = encoded(artwork(300, 200, alpha=True), "PNG")
    plain = {each.format: each for each in protected(data).renditions}
    for rendition in by_kind(data).values():
        assert (pixels(rendition, "RGBA") == pixels(plain[rendition.format], "RGBA")).all()


def test_small_files_stay_small() -> None:
    for rendition in protected(encoded(artwork(64, 48), "PNG"), ProtectionOptions(), signer()).renditions:
        assert len(rendition.data) < 12_000


def test_history_tells_what_was_done_and_nothing_else() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(artwork(360, 240), "JPEG", exif=exif.tobytes(), icc_profile=profile)

    def cloak(image: Image.Image, level: str, seed: int) -> tuple[Image.Image, CloakReport]:
        del seed
        return image, CloakReport(level, applied=True)  # type: ignore[arg-type]  # only levels come here

    picture = protect(data, ProtectionOptions(cloak="high"), cloak, signer())
    for rendition in picture.renditions:
        told = [each["action"] for each in actions(rendition)]
        expected = ["c2pa.opened", "c2pa.color_adjustments", "c2pa.orientation"]
        expected += ["c2pa.resized"] if rendition.height != 360 else []
        expected += ["c2pa.edited", "c2pa.edited.metadata"]
        expected += ["c2pa.transcoded" if rendition.format == "jpeg" else "c2pa.converted"]
        assert told == expected
        [cloaked] = [each for each in actions(rendition) if each["action"] == "c2pa.edited"]
        assert "level high" in cloaked["description"]

    untouched = next(each for each in protected(encoded(artwork(300, 200), "PNG"), signed_by=signer()).renditions)
    assert [each["action"] for each in actions(untouched)] == ["c2pa.opened", "c2pa.edited.metadata", "c2pa.converted"]


@pytest.mark.parametrize(("mode", "told"), [("CMYK", True), ("L", False), ("RGB", False)])
def test_colours_are_said_to_be_adjusted_where_they_were(mode: str, told: bool) -> None:
    data = encoded(artwork(64, 48).convert(mode), "JPEG")
    assert ("c2pa.color_adjustments" in {each["action"] for each in actions(by_kind(data)["webp"])}) == told


def test_made_by_a_human_only_if_the_artist_says_so() -> None:
    data = encoded(artwork(64, 48), "PNG")
    silent, stated = by_kind(data), by_kind(data, ProtectionOptions(human_made=True))
    for name in silent:
        assert b"digitalsourcetype" not in silent[name].data.lower()
        assert actions(stated[name])[0]["digitalSourceType"] == HUMAN
    assert protected(data, ProtectionOptions(human_made=True), signer()).provenance.human_made
    assert not protected(data, signed_by=signer()).provenance.human_made


# ---------------------------------------------------------------- the upload's own manifest


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_a_valid_manifest_is_kept_without_its_pictures(kind: str) -> None:
    data = from_a_camera(kind)
    assert b"SECRET place" in data
    assert (b"c2pa.thumbnail" in data) == (kind != "AVIF")  # the library can make none of that
    picture = protected(data, ProtectionOptions(), signer())
    assert picture.provenance.upload_manifest == "kept"
    for rendition in picture.renditions:
        found = read(rendition)
        assert len(found["manifests"]) == 2
        manifest = found["manifests"][found["active_manifest"]]
        [ingredient] = manifest["ingredients"]
        kept = found["manifests"][ingredient["active_manifest"]]
        assert kept["claim_generator_info"][0]["name"] == "Camera"
        assert {each["label"] for each in kept["assertions"]} - {"c2pa.hash.bmff.v3"} == {"c2pa.actions.v2"}
        assert actions(rendition)[0]["action"] == "c2pa.opened"
        assert b"c2pa.thumbnail" not in rendition.data.replace(b"c2pa.assertions/c2pa.thumbnail", b"")
        assert b"SECRET" not in rendition.data
        assert rendition.data.count(b"\xff\xd8\xff") == (rendition.format == "jpeg")


def test_a_chain_of_manifests_is_kept() -> None:
    picture = protected(from_a_camera(parent=from_a_camera()), ProtectionOptions(), signer())
    assert picture.provenance.upload_manifest == "kept"
    assert len(read(picture.renditions[-1])["manifests"]) == 3


def test_a_manifest_that_does_not_hold_is_not_kept() -> None:
    data = from_a_camera()
    tampered = data[:-400] + bytes([data[-400] ^ 1]) + data[-399:]
    for upload in (tampered, data.replace(b"c2pa.claim.v2", b"c2pa.claim.v9"), data.replace(b"jumdc2ma", b"jumdc2mb")):
        picture = protected(upload, ProtectionOptions(), signer())
        assert picture.provenance.upload_manifest == "invalid"
        assert len(read(picture.renditions[-1])["manifests"]) == 1


@pytest.mark.parametrize("limit", ["sealing.MAX_STORE_BYTES", "parent.MAX_ARCHIVE_BYTES"])
def test_a_manifest_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(f"chalicelib.imaging.provenance.{limit}", 12_000)
    picture = protected(from_a_camera(), ProtectionOptions(), signer())
    assert picture.provenance.upload_manifest == "not-kept"
    assert len(read(picture.renditions[-1])["manifests"]) == 1


@pytest.mark.parametrize(
    ("human_made", "term", "state"),
    [
        (True, "trainedAlgorithmicMedia", "not-kept"),
        (True, "compositeWithTrainedAlgorithmicMedia", "not-kept"),
        (False, "trainedAlgorithmicMedia", "kept"),
        (True, "digitalCreation", "kept"),
    ],
)
def test_a_cleared_picture_does_not_say_two_things(human_made: bool, term: str, state: str) -> None:
    """A moderator believed the artist, not the manifest: one file may not say both."""
    data = from_a_camera(source=SOURCE + term)
    picture = protected(data, ProtectionOptions(human_made=human_made, cleared=True), signer())
    assert (picture.provenance.human_made, picture.provenance.upload_manifest) == (human_made, state)
    for rendition in picture.renditions:
        assert (b"rainedAlgorithmicMedia" in rendition.data) == (state == "kept" and "rained" in term)
        assert len(read(rendition)["manifests"]) == (2 if state == "kept" else 1)


def test_addresses_in_uploads_are_not_followed() -> None:
    """The network of unit tests refuses; a fetch would be seen as an invalid manifest that takes long."""
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" '
        b'dcterms:provenance="http://127.0.0.1:9/manifest.c2pa"/></rdf:RDF></x:xmpmeta>jumdc2pa'
    )
    data = encoded(artwork(64, 48), "JPEG", xmp=xmp)
    assert protected(data, ProtectionOptions(), signer()).provenance.upload_manifest == "invalid"


# ---------------------------------------------------------------- what may go wrong


def test_without_a_signer_nothing_is_called_signed() -> None:
    picture = protected(encoded(artwork(64, 48), "PNG"))
    assert not picture.provenance.signed
    assert not [each for each in picture.signals if each.startswith("c2pa:")]
    assert all(b"jumb" not in each.data for each in picture.renditions)


def test_a_key_that_cannot_be_asked_leaves_nothing_published() -> None:
    def refuse(data: bytes) -> bytes:
        raise TemporaryError("no key today")

    with pytest.raises(TemporaryError, match="no key today"):
        protected(encoded(artwork(64, 48), "PNG"), ProtectionOptions(), replace(signer(), sign=refuse))


@pytest.mark.parametrize(
    "broken",
    [
        Signer(another_signer().sign, signer().certificates),
        Signer(lambda _: b"", signer().certificates),
        Signer(lambda _: bytes(64), signer().certificates),
    ],
)
def test_a_key_that_does_not_fit_its_certificates_leaves_nothing_published(broken: Signer) -> None:
    with pytest.raises(UnknownFormError):
        protected(encoded(artwork(64, 48), "PNG"), ProtectionOptions(), broken)


# ---------------------------------------------------------------- the checker in the wild


@pytest.mark.parametrize(("choice", "allowed"), [("ai-training", False), ("all", False), ("allowed", True)])
def test_datadiligence_finds_the_choice_in_files(choice: DataMining, allowed: bool) -> None:
    from datadiligence.rules import C2PAMetadataRule

    picture = protected(encoded(artwork(64, 48), "PNG"), ProtectionOptions(data_mining=choice), signer())
    for rendition in picture.renditions:
        # given a path it reads the same bytes, and leaves the file open
        assert C2PAMetadataRule().is_allowed(body=rendition.data) == allowed, rendition.format
