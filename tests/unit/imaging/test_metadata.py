import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from chalicelib.domain.noai import CHOICES, DataMining
from chalicelib.domain.protection import CONTENT_TYPES, ProtectionOptions, Rendition
from tests.corpus.credentials import from_a_camera
from tests.corpus.jpeg_files import plain, segment, two_pictures, with_segments
from tests.corpus.pictures import animation, artwork, encoded
from tests.support.signing import signer
from tests.unit.imaging.helpers import protected

SECRETS = (b"SECRET", b"Exif", b"Photoshop", b"8BIM", b"MPF\0", b"ICC_PROFILE", b"<script>", b"PK\x03\x04")
LEAKS = (
    "GPS",
    "Serial",
    "Owner",
    "Thumbnail",
    "Preview",
    "MPImage",
    "Comment",
    "OriginalDocumentID",
    "City",
    "MakerNote",
)
PROHIBITED = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
OUR_XMP = ("x", "dc", "photoshop", "plus", "xmpRights")
FULL = ProtectionOptions(creator="Zoë <&> “ليلى” 🎨\x00\x0b\ud800", web_statement="https://cara.example/?a=1&b=<2>")


def exiftool(rendition: Rendition, folder: Path, *options: str) -> dict[str, Any]:
    program = shutil.which("exiftool")
    assert program, "exiftool is missing: install the Debian package libimage-exiftool-perl"
    path = folder / f"rendition.{rendition.format}"
    path.write_bytes(rendition.data)
    run = subprocess.run([program, "-json", "-a", "-G1", "-s", *options, str(path)], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(run.stdout)[0]
    return found


FOREIGN_XMP = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description rdf:about='' xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:aux='http://ns.adobe.com/exif/1.0/aux/'
 xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' exif:GPSLatitude='52,31.2N' exif:GPSLongitude='13,24.3E'
 aux:SerialNumber='SECRET serial' aux:LensSerialNumber='SECRET lens' aux:OwnerName='SECRET owner'
 xmpMM:OriginalDocumentID='SECRET document'/></rdf:RDF></x:xmpmeta>"""

OUR_GROUPS = {"ExifTool", "System", "File", "Composite", "JFIF", "RIFF", "QuickTime", "Track1", "Meta"}
"""Of exiftool: what describes a file and its pixels; beside our own XMP and the manifest."""


MANIFEST_GROUPS = {"JUMBF", "CBOR", "Jpeg2000"}
"""Of our manifest; the last one holds the salts of its hashes."""


def stuffed_jpeg() -> bytes:
    """Return a JPEG with everything that must not be published."""
    exif = Image.Exif()
    exif[0x0110], exif[0x013C], exif[0xA431], exif[0xA430] = (
        "SECRET camera",
        "SECRET host",
        "SECRET serial",
        "SECRET owner",
    )
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (52.0, 31.0, 12.0)
    exif.get_ifd(0x8769)[0x927C] = b"SECRET maker note"
    exif.get_ifd(0x8769)[0xA435], exif.get_ifd(0x8769)[0xA431] = "SECRET lens serial", "SECRET body serial"
    thumbnail = encoded(artwork(32, 24), "JPEG", comment=b"SECRET thumbnail")
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + FOREIGN_XMP
    photoshop = (
        b"Photoshop 3.0\0" + b"8BIM\x04\x0c\0\0" + struct.pack(">I", len(thumbnail) + 28) + bytes(28) + thumbnail
    )
    iim = b"8BIM\x04\x04\0\0" + struct.pack(">I", 16) + b"\x1c\x02\x5a\0\x0bSECRET city"
    directory = struct.pack("<HHHII", 1, 0x0201, 4, 1, 40) + struct.pack("<I", 0)
    ifd1 = b"Exif\0\0II*\0" + struct.pack("<IHI", 8, 0, 14) + directory + bytes(8) + thumbnail
    return with_segments(
        segment(0xE1, exif.tobytes() if exif.tobytes().startswith(b"Exif") else b"Exif\0\0" + exif.tobytes()),
        segment(0xE1, ifd1),
        segment(0xE1, xmp),
        segment(0xED, photoshop + iim),
        segment(0xFE, b"SECRET comment <script>"),
        data=two_pictures() + b"PK\x03\x04 SECRET archive",
    )


def stuffed(name: str) -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "SECRET camera"
    exif.get_ifd(0x8825)[1] = "N"
    if name == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Comment", "SECRET text")
        info.add_itxt("XML:com.adobe.xmp", "<x>SECRET</x>")
        return encoded(artwork(64, 48), "PNG", pnginfo=info, exif=exif.tobytes())
    options = {"comment": b"SECRET"} if name == "GIF" else {"exif": exif.tobytes(), "xmp": b"<x>SECRET</x>"}
    return encoded(artwork(64, 48), name, **options)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"])
def test_nothing_foreign_survives(name: str, tmp_path: Path) -> None:
    data = stuffed_jpeg() if name == "JPEG" else stuffed(name)
    assert b"SECRET" in data
    for rendition in protected(data, FULL, signer()).renditions:
        for secret in SECRETS:
            assert secret not in rendition.data
        shown = exiftool(rendition, tmp_path)
        assert [key for key in shown if any(leak in key for leak in LEAKS)] == []
        groups = {key.partition(":")[0] for key in shown if ":" in key} - OUR_GROUPS
        assert not {each for each in groups if not each.startswith("XMP-")} - MANIFEST_GROUPS, groups
        assert {each for each in groups if each.startswith("XMP-")} <= {f"XMP-{name}" for name in OUR_XMP}


def test_no_picture_of_a_manifest_that_is_kept_survives(tmp_path: Path) -> None:
    picture = protected(from_a_camera(), FULL, signer())
    assert picture.provenance.upload_manifest == "kept"
    for rendition in picture.renditions:
        shown = exiftool(rendition, tmp_path)
        assert [key for key in shown if any(leak in key for leak in LEAKS)] == []


def test_nothing_foreign_survives_in_an_animation(tmp_path: Path) -> None:
    for rendition in protected(animation("GIF", comment=b"SECRET"), FULL, signer()).renditions:
        assert b"SECRET" not in rendition.data
        assert exiftool(rendition, tmp_path, "-XMP-plus:DataMining#")["XMP-plus:DataMining"] == PROHIBITED


def test_every_rendition_says_that_training_is_prohibited(tmp_path: Path) -> None:
    picture = protected(plain(700, 500), FULL, signer())
    assert {item.format for item in picture.renditions} == set(CONTENT_TYPES)
    for rendition in picture.renditions:
        shown = exiftool(rendition, tmp_path, "-n", "-XMP:all")
        assert shown["XMP-plus:DataMining"] == PROHIBITED
        assert shown["XMP-dc:Creator"] == "Zoë <&> “ليلى” 🎨"
        assert shown["XMP-photoshop:Credit"] == "Zoë <&> “ليلى” 🎨"
        assert shown["XMP-dc:Rights"].startswith("© Zoë <&>")
        assert shown["XMP-xmpRights:Marked"] is True
        assert shown["XMP-xmpRights:WebStatement"] == "https://cara.example/?a=1&b=<2>"
        assert "training" in shown["XMP-xmpRights:UsageTerms"]


ASKED = ProtectionOptions(
    creator="Zoë Ø",
    credit="Zoë / Studio & Søn",
    rights="© 2026 Zoë Ø",
    usage_terms="Ask before you print it.",
    web_statement="https://zoe.example/rights?a=1&b=2",
)


def exiv2(rendition: Rendition, folder: Path) -> dict[str, str]:
    """Return the XMP that exiv2 finds: values by key."""
    path = folder / f"rendition.{rendition.format}"
    path.write_bytes(rendition.data)
    run = subprocess.run(["exiv2", "-PXkv", str(path)], check=True, capture_output=True, text=True)
    lines = [line.split(maxsplit=1) for line in run.stdout.splitlines()]
    return {key: value.removeprefix('lang="x-default" ') for key, value in lines}


def test_two_readers_find_every_field_as_the_artist_filled_it_in(tmp_path: Path) -> None:
    picture = protected(plain(400, 300), ASKED, signer())
    assert {item.format for item in picture.renditions} == set(CONTENT_TYPES)
    for rendition in [*picture.renditions, *protected(animation("GIF"), ASKED, signer()).renditions]:
        shown = exiftool(rendition, tmp_path, "-n", "-XMP:all")
        terms = shown["XMP-xmpRights:UsageTerms"]
        assert terms.startswith("Ask before you print it. Not for training")
        expected = {
            "plus:DataMining": PROHIBITED,
            "dc:Creator": "Zoë Ø",
            "dc:Rights": "© 2026 Zoë Ø",
            "photoshop:Credit": "Zoë / Studio & Søn",
            "xmpRights:Marked": True,
            "xmpRights:UsageTerms": terms,
            "xmpRights:WebStatement": "https://zoe.example/rights?a=1&b=2",
        }
        assert {name[4:]: value for name, value in shown.items() if name.startswith("XMP-")} == expected
        found = exiv2(rendition, tmp_path)
        assert found == {
            "Xmp.plus.DataMining": PROHIBITED,
            "Xmp.dc.creator": "Zoë Ø",
            "Xmp.dc.rights": "© 2026 Zoë Ø",
            "Xmp.photoshop.Credit": "Zoë / Studio & Søn",
            "Xmp.xmpRights.Marked": "True",
            "Xmp.xmpRights.UsageTerms": terms,
            "Xmp.xmpRights.WebStatement": "https://zoe.example/rights?a=1&b=2",
        }


@pytest.mark.parametrize("choice", CHOICES)
def test_files_say_what_the_artist_chose(choice: DataMining, tmp_path: Path) -> None:
    words = {"all": "PROHIBITED", "all-but-search": "PROHIBITED-EXCEPTSEARCHENGINEINDEXING", "allowed": "ALLOWED"}
    word = words.get(choice, "PROHIBITED-AIMLTRAINING")
    for rendition in protected(plain(), ProtectionOptions(data_mining=choice), signer()).renditions:
        shown = exiftool(rendition, tmp_path, "-n", "-XMP:all")
        assert shown["XMP-plus:DataMining"] == f"http://ns.useplus.org/ldf/vocab/DMI-{word}"
        assert shown["XMP-xmpRights:UsageTerms"].startswith("Not for") == (choice != "allowed")


def test_signals_are_those_in_the_files(tmp_path: Path) -> None:
    for options in (FULL, ProtectionOptions()):
        picture = protected(plain(), options)
        for rendition in picture.renditions:
            shown = {key.lower() for key in exiftool(rendition, tmp_path, "-XMP:all")}
            assert {signal.replace("xmp:", "xmp-", 1).lower() for signal in picture.signals} <= shown
    assert "xmp:xmpRights:WebStatement" not in protected(plain()).signals


def test_without_a_creator_none_is_named(tmp_path: Path) -> None:
    for rendition in protected(plain()).renditions:
        shown = exiftool(rendition, tmp_path, "-XMP:all")
        assert "XMP-dc:Creator" not in shown
        assert "XMP-photoshop:Credit" not in shown
        assert shown["XMP-plus:DataMining"]


def test_endless_names_fit_into_every_file() -> None:
    long, address = "&🎨" * 20_000, "https://cara.example/" + "&" * 50_000
    endless = ProtectionOptions(creator=long, credit=long, rights=long, usage_terms=long, web_statement=address)
    assert len(protected(plain(), endless, signer()).renditions) == 3


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_no_profile_is_left_behind(name: str, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for rendition in protected(encoded(artwork(64, 48), name, icc_profile=profile)).renditions:
        assert [key for key in exiftool(rendition, tmp_path) if key.startswith("ICC")] == []
