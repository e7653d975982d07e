"""Whether a file is a PDF that a studio may be handed.

It must be whole, and must hold nothing that acts: no scripts, no programs to start, no files within, no forms that send
themselves, no password. Names are looked for in all of the file, however they are written (ISO 32000-2, 7.3.5), and in
all that is packed by deflate: object streams, where the objects of newer files are, must be packed so and no other way.
This is no search for viruses, and looks for no errors in readers of PDF.
"""

import hashlib
import re
import zlib

from chalicelib.domain.errors import InvalidError

MAX_BYTES = 10 * 1024 * 1024
CONTENT_TYPE = "application/pdf"

_MOST_UNPACKED = 96 * 1024 * 1024
_HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n \t%]")
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_XREF = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
_STREAM = re.compile(rb"stream(?:\r\n|\n|\r)")
_END_OF_NAME = rb"(?=[\x00\s/<>\[\](){}%]|\Z)"


def folder_of(account_id: str) -> str:
    """Return what the files of an account lie below: members of studios see it in links, and learn no id by it."""
    return hashlib.blake2b(account_id.encode(), digest_size=16, person=b"resumes").hexdigest()


def _name(text: str) -> bytes:
    """Return the pattern of a name, each of whose letters may be written as ``#`` and two digits."""
    letters = (rb"(?:%c|#%02x|#%02X)" % (ord(char), ord(char), ord(char)) for char in text)
    return b"/" + b"".join(letters)


ACTING = (
    *("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "SubmitForm", "ImportData", "GoToE"),
    *("XFA", "Encrypt"),
)
"""What no résumé needs."""

_ACTING = re.compile(b"(?:" + b"|".join(map(_name, ACTING)) + b")" + _END_OF_NAME)
_OBJECT_STREAM = re.compile(_name("ObjStm") + _END_OF_NAME)
_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_ANY_NAME = re.compile(rb"/(?:[A-Za-z0-9]|#[0-9A-Fa-f]{2}){1,40}" + _END_OF_NAME)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_resume(data: bytes) -> None:
    """Make sure that a file is a PDF that may be handed on.

    Raises:
        InvalidError: it is none, too large, or holds something that acts.
    """
    if not 0 < len(data) <= MAX_BYTES:
        raise _refused(f"must have {MAX_BYTES} bytes at most")
    end = _END.search(data, max(0, len(data) - 1100))
    if _HEADER.match(data) is None or end is None or _XREF.match(data, int(end[1])) is None:
        raise _refused("is no whole PDF")
    if _ACTING.search(data):
        raise _refused(_ACTS)
    _check_packed(data)


_ACTS = "holds a script, a file, a form or a password: save it anew as a plain PDF, without any of these"


def _check_packed(data: bytes) -> None:
    """Look into what is packed, and refuse objects that are packed so that nobody can look into them."""
    left, unpacked = _MOST_UNPACKED, set()
    for start in (found.end() for found in _STREAM.finditer(data)):
        content = _unpack(data, start, left)
        if content is None:
            continue
        left -= len(content)
        if left <= 0:
            raise _refused("is larger inside than may be")
        if _ACTING.search(content):
            raise _refused(_ACTS)
        unpacked.add(start)
    for found in _OBJECT_STREAM.finditer(data):
        stream = _STREAM.search(data, found.end())
        begun = [each.end() for each in _OBJECT.finditer(data, 0, found.start())]
        if (
            stream is None
            or not begun
            or stream.end() not in unpacked
            or not _plain_head(data[begun[-1] : stream.start()])
        ):
            raise _refused("keeps its objects in a way that cannot be looked into: save it anew as a plain PDF")


def _plain_head(head: bytes) -> bool:
    """Tell whether what stands before an object stream is all of its dictionary, and packs it by deflate alone.

    Such a dictionary needs no texts and no comments, in which a second one could hide.
    """
    whole = head.count(b"<<") == head.count(b">>") > 0 and not any(char in head for char in b"()%")
    names = [_plain(each) for each in _ANY_NAME.findall(head)]
    filters = [name for name in names if name.endswith(b"Decode") or name in _SHORT]
    return whole and filters == [b"FlateDecode"] and b"Predictor" not in names


_SHORT = frozenset({b"Fl", b"LZW", b"AHx", b"A85", b"RL", b"Crypt"})


def _plain(name: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), name)[1:]


def _unpack(data: bytes, start: int, most: int) -> bytes | None:
    """Return what deflate packed from a place on; None where nothing was."""
    if data[start : start + 1] not in {b"\x78", b"\x68", b"\x58", b"\x48", b"\x38", b"\x28", b"\x18", b"\x08"}:
        return None
    try:
        return zlib.decompressobj().decompress(memoryview(data)[start:], most)
    except zlib.error:
        return None


def _refused(why: str) -> InvalidError:
    return InvalidError.of("resume_id", why)
