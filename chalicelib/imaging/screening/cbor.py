"""CBOR (RFC 8949), as much of it as C2PA's assertions use, for bytes that nobody vouches for."""

import struct
from dataclasses import dataclass
from typing import Any

from chalicelib.imaging.screening.meter import Meter

MAX_DEPTH = 16
_BREAK = object()
_INDEFINITE = 31


class CborError(ValueError):
    """It is no CBOR, or more of it than is looked at."""


def decode(data: bytes, meter: Meter) -> Any:
    """Return the first item: dict, list, str, bytes, int, float, bool or None; tags are left out.

    Raises CborError. Work and memory grow with the bytes that are there, never with the lengths that they claim.
    """
    return _Decoder(data, meter).item(0)


@dataclass(slots=True)
class _Decoder:
    data: bytes
    meter: Meter
    at: int = 0

    def item(self, depth: int) -> Any:
        if depth > MAX_DEPTH or not self.meter.box():
            raise CborError("too deep, or too many items")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self._simple(info)
        size = None if info == _INDEFINITE else self._number(info)
        if major < 2:
            return size if major == 0 else -1 - (size or 0)
        if major < 4:
            return self._string(major, size, depth)
        if major < 6:
            items = self._items(size if major == 4 or size is None else 2 * size, depth)
            return items if major == 4 else _map(items)
        return self.item(depth + 1)  # a tag: what follows is what it is about

    def _take(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise CborError("cut short")
        self.at += length
        return self.data[self.at - length : self.at]

    def _number(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise CborError("reserved length")
        return int.from_bytes(self._take(1 << (info - 24)))

    def _string(self, major: int, size: int | None, depth: int) -> str | bytes:
        if size is None:
            parts = self._items(None, depth)
            return "".join(part for part in parts if isinstance(part, str))  # bytes in parts matter to nobody here
        taken = self._take(size)
        return taken.decode("utf-8", "replace") if major == 3 else taken

    def _items(self, size: int | None, depth: int) -> list[Any]:
        found: list[Any] = []
        while size is None or len(found) < size:
            value = self.item(depth + 1)
            if value is _BREAK:
                if size is not None:
                    raise CborError("ends early")
                break
            found.append(value)
        return found

    def _simple(self, info: int) -> Any:
        match info:
            case 20 | 21:
                return info == 21
            case 25 | 26 | 27:
                form = {25: ">e", 26: ">f", 27: ">d"}[info]
                return struct.unpack(form, self._take(struct.calcsize(form)))[0]
            case 31:
                return _BREAK
            case 24:
                self._take(1)
        return None


def _map(items: list[Any]) -> dict[Any, Any]:
    keys = [key if isinstance(key, str | int | bytes) else repr(type(key)) for key in items[0::2]]
    return dict(zip(keys, items[1::2], strict=False))
