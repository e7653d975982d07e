"""Which files are taken for résumés: whole PDF that does nothing."""

import time
import zlib
from contextlib import suppress

import pytest

from chalicelib.domain import resumes
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.resumes import ACTING, MAX_BYTES, check_resume


def pdf(*objects: bytes, version: bytes = b"1.7", tail: bytes = b"") -> bytes:
    """Return a PDF of some objects, with a table of where they are."""
    out, places = b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n", []
    for number, each in enumerate((b"<< /Type /Catalog /Pages 2 0 R >>", *objects), 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, rows)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return out + tail


def stream(content: bytes, head: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(content), content)


def object_stream(inside: bytes, head: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    return stream(zlib.compress(b"7 0 " + inside), head)


PLAIN = pdf(stream(zlib.compress(b"BT /F1 12 Tf (Hello) Tj ET")))
HARMLESS = b"<< /Type /Page /Annots [ << /S /URI /URI (https://ada.example) >> ] >>"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        pdf(version=b"2.0"),
        pdf(object_stream(HARMLESS)),
        pdf(object_stream(HARMLESS, b"/Type/ObjStm/N 1/First 4/Filter[/FlateDecode]")),
        pdf(b"<< /OpenAction [3 0 R /Fit] >>"),
        pdf(stream(b"\xff\xd8 a picture", b"/Filter /DCTDecode")),
        pdf(stream(b"<xmp>the word JavaScript</xmp>", b"/Type /Metadata")),
        pdf(tail=b"\r\n"),
    ],
)
def test_ordinary_files_are_taken(data: bytes) -> None:
    check_resume(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n",
        b"MZ" + PLAIN,
        b"\n" + PLAIN,
        b"\xff\xd8\xff\xe0 a picture",
        PLAIN[:-8],
        PLAIN + b"PK\x03\x04 an archive",
        PLAIN.replace(b"startxref\n", b"startxref\n9"),
        PLAIN.replace(b"%PDF-1.7", b"%PDF-9.9"),
        b"<html>%PDF-1.7\n" + PLAIN,
    ],
)
def test_what_is_no_whole_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidError):
        check_resume(data)


@pytest.mark.parametrize("name", ACTING)
def test_what_acts_is_refused_wherever_it_is(name: str) -> None:
    written = f"/{name}".encode()
    escaped = b"/" + b"".join(
        b"#%02x" % letter if place % 2 else bytes([letter]) for place, letter in enumerate(name.encode())
    )
    for each in (written, escaped):
        acting = b"<< /Type /Action /S %s /X (app.alert) >>" % each
        for data in (pdf(acting), pdf(object_stream(acting)), pdf(acting.replace(b" /X", b"/X"))):
            with pytest.raises(InvalidError, match="save it anew"):
                check_resume(data)


def test_a_name_that_begins_as_one_is_another_name() -> None:
    check_resume(pdf(b"<< /JavaScripts true /Launcher (x) /EncryptMetadata true >>"))


HIDDEN = b"<< /S /JavaScript >>"


@pytest.mark.parametrize(
    "acting",
    [
        stream(HIDDEN.hex().encode() + b">", b"/Type /ObjStm /N 1 /First 0 /Filter /ASCIIHexDecode"),
        object_stream(HIDDEN.hex().encode(), b"/Type /ObjStm /Filter [/FlateDecode /ASCIIHexDecode]"),
        stream(zlib.compress(zlib.compress(HIDDEN)), b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]"),
        object_stream(b"\x02<<x", b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        object_stream(b"<<>>", b"/X (stream\n" + zlib.compress(b"x") + b") /Type /ObjStm /Filter /FlateDecode"),
        object_stream(b"<<>>", b"/Filter /LZWDecode /X (1 0 obj <<) /Type /ObjStm /Filter /FlateDecode"),
        object_stream(b"<<>>", b"/Type /Obj#53tm /Filter /LZWDecode"),
        b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnot packed at all\nendstream",
        b"<< /Type /ObjStm >>",
        b"/ObjStm\nendobj\n3 0 obj\n" + stream(zlib.compress(b"<<>>")),
    ],
)
def test_objects_that_nobody_can_look_into_are_refused(acting: bytes) -> None:
    with pytest.raises(InvalidError, match="looked into"):
        check_resume(pdf(acting))


def test_what_is_much_larger_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumes, "_MOST_UNPACKED", 100_000)
    check_resume(pdf(stream(zlib.compress(bytes(90_000)))))
    with pytest.raises(InvalidError, match="larger inside"):
        check_resume(pdf(*[stream(zlib.compress(bytes(60_000)))] * 2))


def test_a_large_file_is_refused() -> None:
    with pytest.raises(InvalidError, match="at most"):
        check_resume(bytes(MAX_BYTES + 1))


_EMPTY = b"\x00\x00\x00\xff\xff"
"""A block of deflate that holds nothing, and comes before another."""

_INNER = b"stream\n\x78\x01"
_NESTED = b"\x00" + len(_INNER).to_bytes(2, "little") + (len(_INNER) ^ 0xFFFF).to_bytes(2, "little") + _INNER


@pytest.mark.parametrize(
    "acting",
    [
        b"<< /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (b"/ObjStm " * 200_000, zlib.compress(b"x")),
        b"3 0 obj /ObjStm " * 200_000,
        (b"stream\n" + zlib.compress(b"") + b"\n") * 400_000,
        b"stream\n\x78\x01" + (_NESTED + _EMPTY * 200) * 6_000,
        b"stream\n\x78\x01" + (_NESTED + _EMPTY * 200) * 6_000 + b"\x07",
    ],
    ids=["one-stream-named-often", "many-objects", "many-streams", "streams-in-streams", "broken-ones"],
)
def test_no_file_keeps_a_function_busy(acting: bytes) -> None:
    before = time.process_time()
    with suppress(InvalidError):
        check_resume(pdf(acting))
    assert time.process_time() - before < 5
