"""Whether a file is a PDF that a studio may be handed.

It must be whole, and must hold nothing that acts: no scripts, no programs to start, no files within, no forms that send
themselves, no password. Names are looked for in all of the file, however they are written (ISO 32000-2, 7.3.5), and in
all that is packed by deflate: object streams, where the objects of newer files are, must be packed so and no other way.
This is no search for viruses, and looks for no errors in readers of PDF.
"""

import hashlib
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from chalicelib.domain.errors import InvalidError

MAX_BYTES = 10 * 1024 * 1024
CONTENT_TYPE = "application/pdf"

_MOST_UNPACKED = 96 * 1024 * 1024
_FIRST_PIECE, _LARGEST_PIECE = 64, 64 * 1024
"""What is unpacked at a time: what follows a stream is copied with its end, and a file can have many of a few bytes."""

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
    *("XFA", "Rendition", "Encrypt"),
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
    """Look into what is packed, and refuse objects that are packed so that nobody can look into them.

    What this may take is bounded by the file's size, whatever stands in it: streams within streams are read again for
    each, and what was read counts as what came out of it does.
    """
    streams = [(found.start(), found.end()) for found in _STREAM.finditer(data)]
    left, unpacked = _MOST_UNPACKED, set()
    for _, start in streams:
        content, read = _unpack(data, start, left)
        left -= read + len(content or b"")
        if left <= 0:
            raise _refused("is larger inside than may be")
        if content is None:
            continue
        if _ACTING.search(content):
            raise _refused(_ACTS)
        unpacked.add(start)
    if not all(start in unpacked and _plain_head(head) for head, start in _object_streams(data, streams)):
        raise _unreadable()


def _object_streams(data: bytes, streams: list[tuple[int, int]]) -> Iterator[tuple[bytes, int]]:
    """Give what stands before each object stream in its object, and where its content begins.

    Raises:
        InvalidError: what calls itself one has no stream in its own object.
    """
    objects = [found.end() for found in _OBJECT.finditer(data)]
    last = -1
    for found in _OBJECT_STREAM.finditer(data):
        number = bisect_left(streams, (found.end(), 0))
        if number == last:
            continue
        begun = bisect_right(objects, streams[number][0]) if number < len(streams) else 0
        if begun == 0 or objects[begun - 1] > found.start():
            raise _unreadable()
        yield data[objects[begun - 1] : streams[number][0]], streams[number][1]
        last = number


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


def _unpack(data: bytes, start: int, most: int) -> tuple[bytes | None, int]:
    """Return what deflate packed from a place on, None where nothing was, and how much was read for that."""
    if data[start : start + 1] not in {b"\x78", b"\x68", b"\x58", b"\x48", b"\x38", b"\x28", b"\x18", b"\x08"}:
        return None, 0
    reader, content, place, piece = zlib.decompressobj(), bytearray(), start, _FIRST_PIECE
    try:
        while place < len(data) and not reader.eof and place - start + len(content) < most:
            content += reader.decompress(data[place : place + piece], most - len(content))
            place, piece = place + piece, min(2 * piece, _LARGEST_PIECE)
    except zlib.error:
        return None, place - start
    return bytes(content), place - start


def _unreadable() -> InvalidError:
    return _refused("keeps its objects in a way that cannot be looked into: save it anew as a plain PDF")


def _refused(why: str) -> InvalidError:
    return InvalidError.of("resume_id", why)
