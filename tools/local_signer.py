"""A signer whose key is on this machine: for one file without a cloud, for tests and measurements."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.domain.signatures import SIGNATURE_BYTES, Signer
from tools.certificate_chain import self_made_chain


def local_signer(key: ec.EllipticCurvePrivateKey | None = None) -> Signer:
    """Return a signer with certificates that nobody else vouches for, of a key of its own unless one is given."""
    private_key = key or ec.generate_private_key(ec.SECP256R1())

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private_key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(SIGNATURE_BYTES // 2) + s.to_bytes(SIGNATURE_BYTES // 2)

    return Signer(sign, self_made_chain(private_key.public_key()))
