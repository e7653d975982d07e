"""Items of AVIF and HEIC that are no pixels: where EXIF and XMP stand (ISO 14496-12, 8.11: ``iinf``, ``iloc``)."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.imaging import rejections
from chalicelib.imaging.containers.bmff import boxes

MAX_ITEMS = 4000
MAX_EXTENTS = 16
MAX_BYTES = 8 * 2**20
"""Of all items of a file together: they may all point at the same bytes."""

_FULL_BOX = 4


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its type, such as ``Exif`` or ``mime``, the media type of the latter, and its bytes."""

    kind: bytes
    media_type: bytes
    data: bytes


def items(data: bytes, wanted: frozenset[bytes], most: int) -> Iterator[Item]:
    """Yield the items of wanted types, each once: at most so many bytes of each, and MAX_BYTES of all.

    Raises PictureRejectedError (``damaged-file``, ``too-complex``).
    """
    for kind, start, end in boxes(data, 0, len(data)):
        if kind == b"meta":
            parts = {name: (at, till) for name, at, till in boxes(data, start + _FULL_BOX, end)}
            if b"iinf" in parts and b"iloc" in parts:
                yield from _described(data, parts, wanted, most)
            return


def _described(data: bytes, parts: dict[bytes, tuple[int, int]], wanted: frozenset[bytes], most: int) -> Iterator[Item]:
    found = dict(_infos(data, *parts[b"iinf"], wanted))
    held = data[slice(*parts[b"idat"])] if b"idat" in parts else b""
    left = MAX_BYTES
    for number, method, extents in _locations(_Numbers(data, *parts[b"iloc"])):
        if number in found and method in {0, 1}:
            body = _joined(held if method else data, extents, min(most, left))
            left -= len(body)
            yield Item(*found.pop(number), body)


def _joined(source: bytes, extents: list[tuple[int, int]], most: int) -> bytes:
    """Return the first bytes of an item; an extent without a length goes on to the end (8.11.3.1)."""
    taken, left = [], most
    for at, length in extents:
        taken.append(source[at : at + min(length or left, left)])
        left -= len(taken[-1])
    return b"".join(taken)


def _infos(data: bytes, start: int, end: int, wanted: frozenset[bytes]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Yield number, type and media type of the wanted items."""
    count = 2 if data[start] == 0 else 4
    for number, (kind, at, till) in enumerate(boxes(data, start + _FULL_BOX + count, end)):
        if number >= MAX_ITEMS:
            raise rejections.too_complex(f"file of more than {MAX_ITEMS} items")
        if kind == b"infe" and data[at] in {2, 3}:
            size = 2 if data[at] == 2 else 4
            where = at + _FULL_BOX + size + 2
            name = data[where : where + 4]
            if name in wanted:
                texts = data[where + 4 : till].split(b"\0", 3)
                media_type = texts[1] if name == b"mime" and len(texts) > 1 else b""
                yield int.from_bytes(data[at + _FULL_BOX : at + _FULL_BOX + size]), (name, media_type)


@dataclass(slots=True)
class _Numbers:
    data: bytes
    at: int
    end: int

    def take(self, size: int) -> int:
        if self.at + size > self.end:
            raise rejections.damaged_file("the places of items are cut short")
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at])


def _locations(numbers: _Numbers) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield number, construction method (0: in the file, 1: in ``idat``), and position and length of each extent."""
    version = numbers.take(1)
    numbers.take(3)
    sizes = numbers.take(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    for _ in range(min(numbers.take(2 if version < 2 else 4), MAX_ITEMS)):
        number = numbers.take(2 if version < 2 else 4)
        method = numbers.take(2) & 15 if version else 0
        numbers.take(2)
        base = numbers.take(base_size)
        extents = []
        count = numbers.take(2)
        if count > MAX_EXTENTS:
            raise rejections.too_complex(f"item of {count} parts")
        for _ in range(count):
            if version:
                numbers.take(index_size)
            extents.append((base + numbers.take(offset_size), numbers.take(length_size)))
        yield number, method, extents
