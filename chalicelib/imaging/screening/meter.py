"""How much of an upload the screening reads: bounds that hold for the file as a whole."""

import zlib
from dataclasses import dataclass

MAX_INSPECTED = 8 * 2**20
"""Bytes of texts, EXIF, XMP and manifests that are looked at. The largest workflows of generators have about one MB."""

MAX_INFLATED = 4 * 2**20
"""Bytes that compressed texts may become, all together."""

MAX_ELEMENTS = 20_000
"""XML elements that are looked at; large XMP, with the history of hundreds of edits, has some thousands."""

MAX_BOXES = 20_000
"""JUMBF boxes and CBOR items that are looked at; manifests of a dozen ingredients have some thousands."""

MAX_FIELDS = 500
"""Texts that are looked at."""

_STORED = 1.01
"""Deflate makes data that it cannot compress less than this much longer (RFC 1951, 3.2.4)."""

_DENSEST = 1032
"""Deflate makes no data shorter by more than this (258 bytes of two bits each)."""


@dataclass(slots=True)
class Meter:
    """Counts what was read. What is beyond a bound is not looked at: it then declares nothing."""

    inspected: int = 0
    inflated: int = 0
    elements: int = 0
    boxes: int = 0
    fields: int = 0

    def take(self, data: bytes | memoryview, most: int) -> bytes:
        """Return the first bytes, at most so many and at most what is left of the bound."""
        length = max(0, min(len(data), most, MAX_INSPECTED - self.inspected))
        self.inspected += length
        return bytes(data[:length])

    def inflate(self, packed: bytes | memoryview, most: int) -> bytes:
        """Return what a zlib stream holds, up to a bound; nothing if it is damaged.

        A damaged stream does not tell how far it came: what it may have become at most is counted.
        """
        room = min(most, MAX_INFLATED - self.inflated)
        if room <= 0:
            return b""
        head = self.take(packed, int(room * _STORED) + 64)
        try:
            plain = zlib.decompressobj().decompress(head, room)
        except zlib.error:
            self.inflated += min(room, len(head) * _DENSEST)
            return b""
        self.inflated += len(plain)
        return plain

    def element(self) -> bool:
        """Count an XML element, or tell that no more may be looked at."""
        counted = self.elements < MAX_ELEMENTS
        self.elements += counted
        return counted

    def box(self) -> bool:
        """Count a box or a CBOR item, or tell that no more may be looked at."""
        counted = self.boxes < MAX_BOXES
        self.boxes += counted
        return counted

    def field(self) -> bool:
        """Count a text, or tell that no more may be looked at."""
        counted = self.fields < MAX_FIELDS
        self.fields += counted
        return counted
