"""A key of this process, with certificates that nobody else vouches for."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.domain.signatures import Signer
from tools.local_signer import local_signer


@cache
def signer() -> Signer:
    """Return a signer, the same for the whole process."""
    return local_signer(ec.generate_private_key(ec.SECP256R1()))


@cache
def another_signer() -> Signer:
    """Return another one."""
    return local_signer(ec.generate_private_key(ec.SECP256R1()))
