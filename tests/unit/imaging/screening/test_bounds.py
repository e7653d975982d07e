"""Hostile files: what is read and inflated of them is bounded, whatever they claim and hold."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.imaging.screening import screen
from chalicelib.imaging.screening.carriers_simple import read_tiff
from chalicelib.imaging.screening.meter import MAX_BOXES, MAX_ELEMENTS, MAX_FIELDS, MAX_INFLATED, MAX_INSPECTED, Meter
from tests.corpus.bmff_files import HEIC_GRADIENT
from tests.corpus.carrying import with_c2pa, with_exif, with_extended_xmp, with_gif_comment, with_text, with_xmp
from tests.corpus.declared_files import PARAMETERS, source_attribute, xmp
from tests.corpus.jpeg_files import segment, with_segments
from tests.corpus.manifests import SOURCE, actions, box, cbor, manifest, store, superbox
from tests.corpus.png_files import chunk, plain, with_chunk
from tests.corpus.tiff_files import plain as plain_tiff

ROOT = Path(__file__).parents[4]
AI = source_attribute(SOURCE + "trainedAlgorithmicMedia")


def _entities() -> bytes:
    lines = "".join(f'<!ENTITY a{depth} "{f"&a{depth - 1};" * 10}">' for depth in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY a0 "lol">{lines}]><x>&a9;</x>'.encode()


def _external() -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def _zeros(amount: int) -> bytes:
    packer = zlib.compressobj(9)
    return packer.compress(bytes(amount)) + packer.flush()


def _many_texts() -> bytes:
    one = chunk(b"tEXt", b"parameters\0" + b"Steps: 1, " * 400)
    return plain()[:33] + one * 3000 + plain()[33:]


def _many_bombs() -> bytes:
    one = chunk(b"zTXt", b"parameters\0\0" + _zeros(1_500_000))
    return plain()[:33] + one * 400 + plain()[33:]


def _deep_cbor() -> bytes:
    return store(manifest(superbox(b"cbor", "c2pa.actions", box(b"cbor", b"\x81" * 100_000))))


def _endless_cbor() -> bytes:
    claims = b"\x9b" + b"\xff" * 8 + b"\xf6" * 100_000  # an array of 2^64 - 1 items
    text = b"\x7b" + b"\xff" * 8 + b"x"
    assertions = [superbox(b"cbor", f"c2pa.actions__{number}", box(b"cbor", claims)) for number in range(3)]
    return store(manifest(*assertions, superbox(b"cbor", "c2pa.actions", box(b"cbor", text))))


def _deep_boxes() -> bytes:
    inner = b""
    for _ in range(3000):
        inner = superbox(b"c2ma", "x", inner)
    return inner


HOSTILE: dict[str, Callable[[], bytes]] = {
    "xmp-repeated": lambda: with_xmp("jpeg", (b"<rdf:RDF" * 9000)[:65_000]),
    "xmp-repeated-names": lambda: with_xmp("png", b"<DigitalSourceType " * 200_000),
    "xmp-elements": lambda: with_xmp("png", b"<x>" + b"<a/>" * 900_000),
    "xmp-attributes": lambda: with_xmp("png", b"<x " + b"".join(b'a%d="" ' % number for number in range(90_000))),
    "xmp-deep": lambda: with_xmp("png", b"<a>" * 900_000),
    "xmp-entities": lambda: with_xmp("png", _entities()),
    "xmp-external": lambda: with_xmp("png", _external()),
    "xmp-long-value": lambda: with_xmp("png", xmp("", f"<dc:description>{'x' * 3_000_000}</dc:description>")),
    "xmp-extended-parts": lambda: with_extended_xmp(xmp(), b"<a>" * 400_000, part=60_000),
    "xmp-packets": lambda: with_segments(*[segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + AI * 20)] * 60),
    "text-gigantic": lambda: with_text("parameters", "\nSteps: 1, " * 400_000),
    "text-many": _many_texts,
    "text-bombs": _many_bombs,
    "itxt-bomb": lambda: with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + _zeros(60_000_000)),
    "raw-profile": lambda: with_text("Raw profile type exif", "\nexif\n 9\n" + "00" * 2_000_000),
    "json-deep": lambda: with_text("prompt", "[" * 400_000),
    "json-deep-objects": lambda: with_text("prompt", '{"a":' * 100_000),
    "json-long-number": lambda: with_text("prompt", '{"a": ' + "9" * 400_000 + "}"),
    "comment-megabytes": lambda: with_exif("webp", {}, b"ASCII\0\0\0" + b"\nSteps: 1," * 600_000),
    "gif-comment": lambda: with_gif_comment("\nSteps: 1," * 700_000),
    "exif-loop": lambda: with_segments(segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 60000) + b"\1" * 60000)),
    "iim-endless": lambda: with_segments(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\0" * 5000)),
    "c2pa-deep-cbor": lambda: with_c2pa("png", _deep_cbor()),
    "c2pa-endless-cbor": lambda: with_c2pa("png", _endless_cbor()),
    "c2pa-deep-boxes": lambda: with_c2pa("webp", _deep_boxes()),
    "c2pa-many-boxes": lambda: with_c2pa("png", store(manifest(*[superbox(b"cbor", "c2pa.actions")] * 50_000))),
    "c2pa-many-manifests": lambda: with_c2pa("png", store(*[manifest(actions("digitalCreation"))] * 2000)),
    "c2pa-no-boxes": lambda: with_c2pa("jpeg", b"\0" * 500_000),
    "c2pa-lengths": lambda: with_c2pa("jpeg", b"\xff\xff\xff\xffjumb\0\0\0\1jumd" + b"\xff" * 40),
    "c2pa-long-list": lambda: with_c2pa(
        "png", store(manifest(superbox(b"cbor", "c2pa.actions", box(b"cbor", cbor([1] * 200_000)))))
    ),
    "heic-items": lambda: HEIC_GRADIENT.replace(b"\0\0\0\x23iinf\0\0\0\0\0\1", b"\0\0\0\x23iinf\0\0\0\0\xff\xff"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_is_bounded(name: str) -> None:
    meter = Meter()
    found = screen(HOSTILE[name](), meter=meter)
    assert found.verdict in ({"generated"} if name == "xmp-packets" else {"none"})
    assert meter.inspected <= MAX_INSPECTED
    assert meter.inflated <= MAX_INFLATED
    assert (meter.elements <= MAX_ELEMENTS, meter.boxes <= MAX_BOXES, meter.fields <= MAX_FIELDS) == (True,) * 3


def test_readers_are_loaded_for_their_carriers_alone() -> None:
    code = (
        "import sys; from chalicelib.imaging.screening import screen; from tests.corpus.png_files import plain\n"
        "screen(plain()); found = {'defusedxml', 'chalicelib.imaging.screening.c2pa'} & set(sys.modules)\n"
        "sys.exit(str(found) if found else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


def test_a_declaration_behind_junk_within_the_bounds_is_found() -> None:
    data = with_text("parameters", PARAMETERS)
    for _ in range(3):
        data = with_text("Comment", "x" * 900_000, data=data)
    assert screen(data).verdict == "generated"


class _Counted(bytes):
    """A file that counts the bytes that are copied out of it."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        self.copied += len(found) if isinstance(found, bytes) else 1
        return found


def _heic(packet: bytes, numbers: list[int], parts: int, *, whole: bool) -> _Counted:
    """Return a HEIC with places of XMP items; each part is the whole packet, or the next part of it."""
    infos = b"".join(
        box(b"infe", struct.pack(">IHH", 0x02000000, number, 0) + b"mime\0application/rdf+xml\0")
        for number in sorted(set(numbers))
    )
    iinf = box(b"iinf", struct.pack(">IH", 0, len(set(numbers))) + infos)
    head, size = HEIC_GRADIENT[:28], len(packet) if whole else -(-len(packet) // parts)
    extents = b"".join(struct.pack(">II", len(head) + 8 + (0 if whole else n * size), size) for n in range(parts))
    places = b"".join(struct.pack(">HHH", number, 0, parts) + extents for number in numbers)
    iloc = box(b"iloc", struct.pack(">IHH", 0, 0x4400, len(numbers)) + places)
    return _Counted(head + box(b"mdat", packet) + box(b"meta", bytes(4) + iinf + iloc))


@pytest.mark.parametrize(("numbers", "most"), [([1] * 40, 2**22), (list(range(40)), 2**23)])
def test_items_that_share_their_bytes_are_copied_within_bounds(numbers: list[int], most: int) -> None:
    data = _heic(bytes(300_000), numbers, 16, whole=True)
    assert screen(data).verdict == "none"
    assert data.copied <= most + 100_000


def test_an_item_in_parts_is_read_whole() -> None:
    assert screen(_heic(AI, [1], 16, whole=False)).verdict == "generated"


def test_a_tag_that_stands_in_a_tiff_many_times_is_looked_at_once() -> None:
    data = plain_tiff()
    wanted = [struct.pack("<HHII", tag, 7, 1000, 0) * 1000 for tag in (700, 33723, 52545)]
    data += struct.pack("<H", 3000) + b"".join(wanted) + bytes(4)
    data = data[:4] + struct.pack("<I", len(data) - 36_006) + data[8:]
    assert [each.where for each in read_tiff(data, Meter())] == ["TIFF XMP", "IPTC IIM", "TIFF C2PA", "TIFF"]


def test_streams_that_break_off_count_as_what_they_may_have_become() -> None:
    meter = Meter()
    for _ in range(400):
        meter.inflate(_zeros(1_500_000)[:-4] + bytes(4), 1_600_000)
    assert meter.inspected < 10_000
    assert meter.inflated == MAX_INFLATED
    little = Meter()
    for _ in range(400):
        little.inflate(b"broken", 1_000_000)
    assert little.inflated < MAX_INFLATED
