"""Texts of the older IPTC form (IIM 4.2) in Photoshop's blocks, which Google's and Apple's editors fill in as well."""

import struct
from collections.abc import Iterator

from chalicelib.imaging.screening.fields import Field, Role
from chalicelib.imaging.screening.meter import Meter

_RESOURCE = 0x0404
_MARK, _RECORD = 0x1C, 2
_DATASETS: dict[int, tuple[str, Role]] = {110: ("Credit", "credit"), 115: ("Source", "text"), 120: ("Caption", "text")}
MAX_BLOCKS = 1000


def photoshop_fields(data: bytes, where: str, meter: Meter) -> Iterator[Field]:
    """Yield the texts in a chain of Photoshop's ``8BIM`` blocks."""
    at = 0
    for _ in range(MAX_BLOCKS):
        if data[at : at + 4] != b"8BIM" or at + 12 > len(data):
            return
        number, name = struct.unpack_from(">HB", data, at + 4)
        start = at + 6 + (name + 2) // 2 * 2  # the name has its length before it and is padded to an even length
        length = int.from_bytes(data[start : start + 4])
        if number == _RESOURCE:
            yield from iim_fields(data[start + 4 : start + 4 + length], where, meter)
        at = start + 4 + (length + 1) // 2 * 2


def iim_fields(data: bytes, where: str, meter: Meter) -> Iterator[Field]:
    """Yield the texts of the application record."""
    at = 0
    for _ in range(MAX_BLOCKS):
        if at + 5 > len(data) or data[at] != _MARK:
            return
        record, dataset, length = struct.unpack_from(">BBH", data, at + 1)
        if length & 0x8000:  # of more than 32 KB: none of those that are looked for
            return
        if record == _RECORD and dataset in _DATASETS and meter.field():
            name, role = _DATASETS[dataset]
            value = meter.take(data[at + 5 : at + 5 + length], length)
            yield Field(role, name, f"{where} {name}", value.decode("utf-8", "replace").strip("\0 \t\r\n"))
        at += 5 + length
