"""Declarations in a C2PA manifest store: the source types of the actions of every manifest, ingredients included.

Read without any check of signatures or hashes: a declaration counts whoever signed it, and one that is wrong is what
appeals are for. Boxes are those of JUMBF (ISO 19566-5).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.screening import Finding, finding
from chalicelib.imaging.screening.cbor import CborError, decode
from chalicelib.imaging.screening.meter import Meter
from chalicelib.imaging.screening.source_types import verdict_of

_ASSERTIONS = "c2pa.assertions"
_LABELS = ("c2pa.actions", "c2pa.metadata", "stds.iptc")
"""Assertions in which a source type may stand (C2PA 2.1, 18.12 and 18.14; IPTC's own in 1.x)."""

MAX_DEPTH = 6
MAX_ASSERTION = 256 * 1024
MAX_LABEL = 256


@dataclass(frozen=True, slots=True)
class _Box:
    """A superbox: its label, and where the boxes in it stand, its description left out."""

    label: str
    start: int
    end: int


def read_store(store: bytes, where: str, meter: Meter) -> Iterator[Finding]:
    """Yield the AI source types that stand in a manifest store; what is damaged ends there and is no error."""
    tops = _superboxes(store, 0, len(store), meter)
    manifests = [box for top in tops for box in _superboxes(store, top.start, top.end, meter)]
    for number, manifest in enumerate(manifests, 1):
        # the active manifest is the last one (C2PA 2.1, 11.1.4.2)
        whose = "active manifest" if number == len(manifests) else "ingredient's manifest"
        for assertions in _superboxes(store, manifest.start, manifest.end, meter):
            if assertions.label == _ASSERTIONS:
                for assertion in _superboxes(store, assertions.start, assertions.end, meter):
                    if assertion.label.startswith(_LABELS):
                        yield from _declared(store, assertion, f"{where}, {whose}, {assertion.label}", meter)


def _superboxes(store: bytes, start: int, end: int, meter: Meter) -> Iterator[_Box]:
    for kind, at, till in _boxes(store, start, end, meter):
        first = next(_boxes(store, at, till, meter), None) if kind == b"jumb" else None
        if first is not None and first[0] == b"jumd":
            yield _Box(_label(store, *first[1:]), first[2], till)


def _boxes(store: bytes, at: int, end: int, meter: Meter) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of each box.

    Unlike ``containers.bmff.boxes`` it takes a box that is cut short for what is there of it.
    """
    while at + 8 <= end and meter.box():
        length, kind, header = int.from_bytes(store[at : at + 4]), store[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(store[at + 8 : at + 16]), 16
        till = min(at + length, end) if length else end
        if till < at + header:
            return
        yield kind, at + header, till
        at = till


def _label(store: bytes, start: int, end: int) -> str:
    """Return the label of a description box: a type of 16 bytes, flags, and the label where they say so."""
    body = store[start : min(end, start + 17 + MAX_LABEL)]
    if len(body) < 18 or not body[16] & 2:
        return ""
    return body[17:].partition(b"\0")[0].decode("utf-8", "replace")


def _declared(store: bytes, assertion: _Box, where: str, meter: Meter) -> Iterator[Finding]:
    for kind, start, end in _boxes(store, assertion.start, assertion.end, meter):
        try:
            if kind == b"cbor":
                value = decode(meter.take(store[start:end], MAX_ASSERTION), meter)
            elif kind == b"json":
                value = json.loads(meter.take(store[start:end], MAX_ASSERTION))
            else:
                continue
        except (CborError, ValueError, RecursionError):
            continue
        for source, action in _source_types(value, "", 0):
            verdict = verdict_of(source)
            if verdict not in {None, "none"}:
                yield finding(verdict, "c2pa:digitalSourceType", where, f"{action} {source}".strip())


def _source_types(value: Any, action: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield each source type, wherever it stands in an assertion, with the action that it stands in."""
    if depth > 2 * MAX_DEPTH:
        return
    if isinstance(value, dict):
        named = value.get("action")
        action = named if isinstance(named, str) else action
        for key, inner in value.items():
            if isinstance(key, str) and key.lower().endswith("digitalsourcetype") and isinstance(inner, str):
                yield inner, action
            else:
                yield from _source_types(inner, action, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _source_types(inner, action, depth + 1)
