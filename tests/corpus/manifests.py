"""C2PA manifest stores, made box by box: no signature in them is valid, and nothing needs to be."""

import json
import struct
from typing import Any

_SUFFIX = bytes.fromhex("00110010800000aa00389b71")
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def box(kind: bytes, body: bytes) -> bytes:
    """Return a box."""
    return struct.pack(">I4s", len(body) + 8, kind) + body


def superbox(kind: bytes, label: str, *content: bytes) -> bytes:
    """Return a JUMBF superbox of a kind of four bytes, with its label."""
    description = kind + _SUFFIX + b"\3" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", description) + b"".join(content))


def cbor(value: Any) -> bytes:
    """Return a value as CBOR of definite lengths."""
    match value:
        case bool() | None:
            return bytes({False: (0xF4,), True: (0xF5,), None: (0xF6,)}[value])
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case bytes():
            return _head(2, len(value)) + value
        case dict():
            return _head(5, len(value)) + b"".join(cbor(each) for item in value.items() for each in item)
        case _:
            return _head(4, len(value)) + b"".join(cbor(each) for each in value)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes((major << 5 | info,)) + number.to_bytes(size)
    raise ValueError(number)


def actions(*source_types: str | None, action: str = "c2pa.created", label: str = "c2pa.actions.v2") -> bytes:
    """Return an assertion of actions, one for each source type (a term of IPTC's, or a whole address)."""
    made = []
    for source in source_types:
        one: dict[str, Any] = {"action": action, "softwareAgent": {"name": "Test"}, "when": "2026-01-01T00:00:00Z"}
        if source:
            one["digitalSourceType"] = source if ":" in source else SOURCE + source
        made.append(one)
    return superbox(b"cbor", label, box(b"cbor", cbor({"actions": made, "allActionsIncluded": True})))


def metadata(source: str) -> bytes:
    """Return a metadata assertion in JSON that names a source type."""
    value = {"@context": {}, "Iptc4xmpExt:DigitalSourceType": SOURCE + source}
    return superbox(b"json", "c2pa.metadata", box(b"json", json.dumps(value).encode()))


def manifest(*assertions: bytes, label: str = "urn:c2pa:0001") -> bytes:
    """Return a manifest with assertions, a claim, and a signature that is none."""
    thumbnail = superbox(b"@\xcb\x0c2", "c2pa.thumbnail.claim", box(b"bidb", bytes(900)))
    store = superbox(b"c2as", "c2pa.assertions", thumbnail, *assertions)
    claim = superbox(b"c2cl", "c2pa.claim.v2", box(b"cbor", cbor({"claim_generator_info": {"name": "Test"}})))
    signature = superbox(b"c2cs", "c2pa.signature", box(b"cbor", bytes(64)))
    return superbox(b"c2ma", label, store, claim, signature)


def store(*manifests: bytes) -> bytes:
    """Return a manifest store; its last manifest is the active one."""
    return superbox(b"c2pa", "c2pa", *manifests)
