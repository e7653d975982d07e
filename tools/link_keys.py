"""The key that signs addresses of pictures that are held back, and what functions know of the CDN.

The private half is a SecureString of Parameter Store and is never printed; the public half goes into infra/edge.yaml as
SignerKeyA. Deployments and the local cloud call this; there is no command.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SIGNER, EDGE = "SignerParameter", "EdgeParameter"
"""Outputs of the base stack."""


class Clients(Protocol):
    """Gives clients by service: an account, or a session with an endpoint."""

    def client(self, service: str) -> Any:
        """Return a client."""


def public_key(clients: Clients, outputs: Mapping[str, str]) -> str:
    """Return the public half in PEM; empty where there is no key yet, or no stage."""
    found = _value(clients, outputs[SIGNER], secret=True) if SIGNER in outputs else None
    return _public(found) if found else ""


def ensure(clients: Clients, outputs: Mapping[str, str]) -> str:
    """Make a key where there is none, and return its public half in PEM."""
    found = public_key(clients, outputs)
    if found:
        return found
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    clients.client("ssm").put_parameter(Name=outputs[SIGNER], Value=private, Type="SecureString")
    return _public(private)


def tell(clients: Clients, outputs: Mapping[str, str], *, distribution: str, key_pair_id: str) -> None:
    """Tell the functions what the CDN and its public key are called, if that is news."""
    value = json.dumps({"distribution": distribution, "key_pair_id": key_pair_id})
    if _value(clients, outputs[EDGE], secret=False) != value:
        clients.client("ssm").put_parameter(Name=outputs[EDGE], Value=value, Type="String", Overwrite=True)


def told(clients: Clients, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return what the functions were told; empty before that."""
    found: dict[str, str] = json.loads(_value(clients, outputs[EDGE], secret=False) or "{}")
    return found


def forget(clients: Clients, outputs: Mapping[str, str], *, key: bool) -> None:
    """Remove what the functions were told of a CDN that is gone, and with ``key`` the key that signed for it."""
    names = [outputs[each] for each in ((SIGNER, EDGE) if key else (EDGE,)) if each in outputs]
    if names:
        clients.client("ssm").delete_parameters(Names=names)


def _value(clients: Clients, name: str, *, secret: bool) -> str | None:
    client = clients.client("ssm")
    try:
        return str(client.get_parameter(Name=name, WithDecryption=secret)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None


def _public(private: str) -> str:
    key = load_pem_private_key(private.encode(), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
