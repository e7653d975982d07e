"""Where a manifest's signature stands, and what it signs.

The library can ask somebody else to sign, but then keeps more than 10 KB free for the answer, whatever its size: with
twelve files to a picture, and thumbnails of as many KB, that is most of what is served. So it signs with a key of its
own, which keeps free what is needed, and that signature is replaced.

Forms: JUMBF (ISO 19566-5), COSE_Sign1 (RFC 9052, section 4.4), CBOR (RFC 8949).
"""

from collections.abc import Iterator

from chalicelib.domain.signatures import SIGNATURE_BYTES

_LABEL_AT = 8 + 16 + 1  # header, type and toggles stand before the label of a description
_TAGGED_SIGN1 = b"\xd2\x84"
_SIGNATURE_HEAD = b"\x58" + bytes([SIGNATURE_BYTES])


class UnknownFormError(Exception):
    """The library wrote a manifest in a form that is not known here; nothing may be published that is signed so."""


def signed_message(store: bytes) -> tuple[bytes, bytes]:
    """Return the signature of a store's last manifest, and the message that it signs."""
    [_, *manifests] = _children(store, 0, len(store))
    parts = dict(_labelled(store, *manifests[-1]))
    try:
        claim, cose = parts[b"c2pa.claim.v2"], parts[b"c2pa.signature"]
    except KeyError as error:
        raise UnknownFormError(f"no {error} in the manifest") from None
    if not cose.startswith(_TAGGED_SIGN1) or cose[-SIGNATURE_BYTES - 2 : -SIGNATURE_BYTES] != _SIGNATURE_HEAD:
        raise UnknownFormError("the signature is no COSE_Sign1 of ES256")
    protected = _byte_string(cose, len(_TAGGED_SIGN1))
    context = b"\x6aSignature1"
    return cose[-SIGNATURE_BYTES:], b"\x84" + context + protected + b"\x40" + _as_byte_string(claim)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if length < 8 or at + length > end:
            raise UnknownFormError("a box reaches beyond its parent")
        yield kind, at + 8, at + length
        at += length


def _children(data: bytes, at: int, end: int) -> list[tuple[int, int]]:
    """Return where the boxes within the one super box of a range begin and end; the first one describes it."""
    [(_, start, stop)] = list(_boxes(data, at, end))
    return [(each - 8, last) for _, each, last in _boxes(data, start, stop)]


def _labelled(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield label and content of the super boxes within one."""
    [_, *parts] = _children(data, at, end)
    for start, stop in parts:
        [(described, _), (content, last), *_] = _children(data, start, stop)
        yield data[described + _LABEL_AT :].split(b"\0", 1)[0], data[content + 8 : last]


def _byte_string(data: bytes, at: int) -> bytes:
    """Return a byte string of CBOR, its head included."""
    sizes = {0x58: 1, 0x59: 2}
    if data[at] not in sizes:
        raise UnknownFormError("the protected header is no byte string of the usual size")
    head = 1 + sizes[data[at]]
    length = int.from_bytes(data[at + 1 : at + head])
    return data[at : at + head + length]


def _as_byte_string(data: bytes) -> bytes:
    length = len(data)
    for head, size in ((0x58, 1), (0x59, 2), (0x5A, 4)):
        if length < 1 << 8 * size:
            return bytes([head]) + length.to_bytes(size) + data
    raise UnknownFormError("a claim of 4 GB")
