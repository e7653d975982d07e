"""A key of KMS as cryptography knows keys: it can sign, and its private part cannot be had."""

import hashlib
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec


class KmsKey(ec.EllipticCurvePrivateKey):
    """Signs ECDSA with SHA-256, which is all that requests for certificates need."""

    def __init__(self, client: Any, key_id: str, public_key: ec.EllipticCurvePublicKey) -> None:
        """Take a client of KMS, the key's id or ARN, and its public part."""
        self._client, self._key_id, self._public_key = client, key_id, public_key

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Return the signature in DER."""
        del signature_algorithm  # it is the one that requests are made with here
        digest = hashlib.sha256(data).digest()
        answer = self._client.sign(
            KeyId=self._key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
        )
        return bytes(answer["Signature"])

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public part."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """Its curve."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """Bits of a private key on its curve."""
        return self._public_key.key_size

    def _impossible(self) -> NoReturn:
        raise NotImplementedError("the private part stays in KMS")

    def exchange(self, algorithm: Any, peer_public_key: Any) -> NoReturn:
        """Refuse."""
        del algorithm, peer_public_key
        self._impossible()

    def private_numbers(self) -> NoReturn:
        """Refuse."""
        self._impossible()

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:  # noqa: A002  its name
        """Refuse."""
        del encoding, format, encryption_algorithm
        self._impossible()

    def __copy__(self) -> "KmsKey":
        """Return itself: it cannot change."""
        return self

    def __deepcopy__(self, memo: Any) -> "KmsKey":
        """Return itself: it cannot change."""
        return self
