"""What signs for the platform: a key that is asked, wherever it is kept; and signatures as JOSE writes them."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SIGNATURE_BYTES = 64
"""Of ES256 (RFC 7518, section 3.4): r and s, 32 bytes each, most significant first."""

_P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""What stands before the two numbers of a public key of curve P-256 in DER (RFC 5480)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of curve P-256, and who vouches for it.

    Attributes:
        sign: takes any bytes and returns their ES256 signature, SIGNATURE_BYTES long; may be called by several threads.
            Raises TemporaryError where the key cannot be asked this time.
        certificates: PEM, the key's own first, its issuer's after it.
    """

    sign: Callable[[bytes], bytes] = field(repr=False)
    certificates: str


def public_jwk(public_key: bytes) -> dict[str, str]:
    """Return a public key as JWK (RFC 7517), its thumbprint (RFC 7638) as ``kid``.

    Args:
        public_key: SubjectPublicKeyInfo in DER.

    Raises:
        ValueError: it is of another kind than P-256.
    """
    numbers = public_key.removeprefix(_P256_HEAD)
    if len(numbers) != SIGNATURE_BYTES:
        raise ValueError("no public key of curve P-256")
    half = SIGNATURE_BYTES // 2
    needed = {"crv": "P-256", "kty": "EC", "x": _base64(numbers[:half]), "y": _base64(numbers[half:])}
    thumbprint = _base64(hashlib.sha256(canonical(needed)).digest())
    return {**needed, "alg": "ES256", "kid": thumbprint, "use": "sig"}


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON in the one way of RFC 8785, as far as our values go: short numbers, and keys of plain letters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def compact_jws(payload: Mapping[str, Any], kind: str, key_id: str, sign: Callable[[bytes], bytes]) -> str:
    """Return a signed payload (RFC 7515, compact): header, payload and signature, base64url, with dots between.

    Args:
        payload: what is signed.
        kind: ``typ`` of the header, so that it cannot be taken for something else that the key signed.
        key_id: ``kid``, see ``public_jwk``.
        sign: see :class:`Signer`.
    """
    header = {"alg": "ES256", "kid": key_id, "typ": kind}
    message = f"{_base64(canonical(header))}.{_base64(canonical(payload))}"
    return f"{message}.{_base64(sign(message.encode()))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
