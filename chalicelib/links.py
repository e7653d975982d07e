"""CloudFront: signed addresses, and having copies forgotten. What the edge is called, Parameter Store says.

The functions are there before the edge is, and know nothing of it but two parameters' names: one holds the private key
that signs, the other what is public (``{"distribution": …, "key_pair_id": …}``). tools/link_keys.py fills both.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import TemporaryError
from chalicelib.signing import aws_errors, client

if TYPE_CHECKING:
    from botocore.signers import CloudFrontSigner

log = logging.getLogger(__name__)


def _parameter(name: str) -> str:
    with aws_errors("SSM"):
        return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


@cache
def _edge(parameter: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(_parameter(parameter))
    return found


@cache
def _signer(key_parameter: str, edge_parameter: str) -> "CloudFrontSigner":
    from botocore.signers import CloudFrontSigner
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(_parameter(key_parameter).encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the key that signs addresses is none of RSA")

    def sign(message: bytes) -> bytes:
        return key.sign(message, PKCS1v15(), SHA1())  # noqa: S303  CloudFront knows no other digest

    return CloudFrontSigner(_edge(edge_parameter)["key_pair_id"], sign)


@lru_cache(maxsize=4096)
def _signed(signer: "CloudFrontSigner", resource: str, until: datetime) -> str:
    policy = signer.build_policy(resource, until)
    return signer.generate_presigned_url("", policy=policy).removeprefix("?")


class LinkSigner:
    """Signs addresses below ``/held/``."""

    def __init__(self, key_parameter: str, edge_parameter: str) -> None:
        """Take the names of the parameters."""
        self._key_parameter, self._edge_parameter = key_parameter, edge_parameter

    def sign(self, resource: str, until: datetime) -> str:
        """Return the query by which addresses that a resource (with ``*``) stands for work until a moment.

        A signature takes 0.7 ms of CPU, so that the same one is made once. Where there is no key yet, or Parameter
        Store does not answer, the query is empty, and such addresses lead nowhere: no list may fail for that.
        """
        try:
            return _signed(_signer(self._key_parameter, self._edge_parameter), resource, until)
        except TemporaryError:
            log.warning("no address below /held/ can be signed", exc_info=True)
            return ""


class Edge:
    """The copies that CloudFront keeps."""

    def __init__(self, edge_parameter: str) -> None:
        """Take the name of the parameter."""
        self._parameter = edge_parameter

    def forget(self, paths: Sequence[str], reference: str) -> None:
        """Have copies forgotten.

        Args:
            paths: such as ``/media/01J…/*``; at most 15 of those may be under way at a time.
            reference: the same for the same request: made twice it is one invalidation.

        Raises:
            TemporaryError: CloudFront did not take it this time, or has too much under way.
        """
        batch: Any = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
        try:
            with aws_errors("CloudFront"):
                client("cloudfront").create_invalidation(
                    DistributionId=_edge(self._parameter)["distribution"], InvalidationBatch=batch
                )
        except TemporaryError:
            _edge.cache_clear()  # it may be another one by now
            raise
