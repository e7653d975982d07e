"""KMS and Parameter Store: signatures by keys that never leave KMS, and the certificates that vouch for one of them."""

import hashlib
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.signatures import SIGNATURE_BYTES, Signer

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARALLEL = 8
_making = Lock()


def client(service: str) -> Any:
    """Return the one client of a service; several threads may ask at once, and boto3 makes none in parallel."""
    with _making:
        return _made_client(service)


@cache
def _made_client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=10,
        # a surge runs into KMS's quota of signatures a second (300 in most regions): those wait and come again
        retries={"max_attempts": 5, "mode": "standard"},
        max_pool_connections=_PARALLEL,
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]  # two names, one function


@contextmanager
def aws_errors(what: str) -> "Iterator[None]":
    """Have whatever AWS refuses come again later: what is not signed is not published."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise TemporaryError(f"{what}: {error.response.get('Error', {}).get('Code', '')}") from error
    except BotoCoreError as error:
        raise TemporaryError(f"{what}: {type(error).__name__}") from error


class SigningKey:
    """A key of curve P-256 in KMS."""

    def __init__(self, key_id: str) -> None:
        """Take its id or ARN."""
        self._key_id = key_id

    def sign(self, data: bytes) -> bytes:
        """Return the ES256 signature of any bytes, r and s one after the other.

        Raises:
            TemporaryError: KMS did not sign this time.
        """
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        with aws_errors("KMS"):
            answer = client("kms").sign(
                KeyId=self._key_id,
                Message=hashlib.sha256(data).digest(),
                MessageType="DIGEST",
                SigningAlgorithm="ECDSA_SHA_256",
            )
        half = SIGNATURE_BYTES // 2
        return b"".join(number.to_bytes(half) for number in decode_dss_signature(answer["Signature"]))

    def public_key(self) -> bytes:
        """Return its public part, SubjectPublicKeyInfo in DER.

        Raises:
            TemporaryError: KMS did not give it this time.
        """
        with aws_errors("KMS"):
            return bytes(client("kms").get_public_key(KeyId=self._key_id)["PublicKey"])


def signer(key_id: str, certificates_parameter: str) -> Signer:
    """Return the signer of Content Credentials: a key of KMS, and the certificates that Parameter Store has for it.

    Raises:
        TemporaryError: no certificates could be had this time, or none are installed yet.
    """
    with aws_errors("SSM"):
        found = str(client("ssm").get_parameter(Name=certificates_parameter)["Parameter"]["Value"])
    if "BEGIN CERTIFICATE" not in found:
        raise TemporaryError("no certificates are installed: see tools/certificates.py")
    return Signer(SigningKey(key_id).sign, found)
