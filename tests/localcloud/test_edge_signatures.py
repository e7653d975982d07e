"""Signed addresses as the stand-in checks them, against those that botocore signs."""

from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tools.localcloud.edge_signatures import refusal

URL = "https://cara.test/held/01J/ab.webp"
UNTIL = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
NOW = UNTIL.timestamp() - 60


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(url: str = URL, resource: str | None = None, key_id: str = "K1") -> str:
    signer = CloudFrontSigner(key_id, lambda message: key().sign(message, PKCS1v15(), SHA1()))
    if resource is None:
        return signer.generate_presigned_url(url, date_less_than=UNTIL)
    return signer.generate_presigned_url(url, policy=signer.build_policy(resource, UNTIL))


def checked(url: str, now: float = NOW) -> str | None:
    pem = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    parts = urlsplit(url)
    return refusal(f"{parts.scheme}://{parts.netloc}{parts.path}", parts.query, {"K1": pem}, now)


@pytest.mark.parametrize("resource", [None, URL, "https://cara.test/held/01J/*", "https://cara.test/held/01?/ab.webp"])
def test_a_good_address_works_until_its_end(resource: str | None) -> None:
    assert checked(signed(resource=resource)) is None
    assert checked(signed(resource=resource), UNTIL.timestamp()) == "Expired"


def test_what_is_asked_beside_is_signed_too() -> None:
    assert checked(signed(URL + "?size=1")) is None
    assert checked(signed(URL + "?size=1").replace("size=1", "size=2")) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (URL, "MissingKey"),
        (URL + "?Signature=a&Key-Pair-Id=K1", "MissingKey"),
        (signed().replace("ab.webp", "cd.webp"), "SignatureDoesNotMatch"),
        (signed(resource="https://cara.test/held/01J/*").replace("01J", "01K"), "AccessDenied"),
        (signed(resource="https://cara.test/held/01J/*").replace("cara.test", "evil.test"), "AccessDenied"),
        (signed(key_id="K2"), "InvalidKey"),
        (signed().replace("Signature=", "Signature=AA"), "MalformedPolicy"),
        (signed().replace("Expires=", "Expires=9"), "SignatureDoesNotMatch"),
        (signed().replace("Expires=", "Expires=x"), "MalformedPolicy"),
        (signed() + "&Policy=e30_", "MissingKey"),
    ],
)
def test_what_is_refused(url: str, why: str) -> None:
    assert checked(url) == why
