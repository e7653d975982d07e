"""Verifying signatures of ES256, and the key that drafts are signed with."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.domain.signatures import SIGNATURE_BYTES
from chalicelib.imaging.provenance.cose import UnknownFormError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey


def verify(key: "EllipticCurvePublicKey", signature: bytes, message: bytes) -> None:
    """Raise UnknownFormError unless a signature of ES256 holds."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    half = SIGNATURE_BYTES // 2
    der = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    try:
        key.verify(der, message, ECDSA(SHA256()))
    except InvalidSignature:
        raise UnknownFormError("the signature does not hold: certificates and key do not fit") from None


@cache
def draft_key() -> "EllipticCurvePrivateKey":
    """Return the key that drafts are signed with; it vouches for nothing and ends with the process."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


@cache
def draft_key_pem() -> bytes:
    """Return the same as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return draft_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
