"""Certificates for a key of curve P-256 that signs Content Credentials: making, requesting and checking them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "Cara"
SELF_MADE = "Cara, self-made certificates that nobody else vouches for"

_DAYS = 3650
_SIGNING = dict.fromkeys(
    (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


class CertificateError(Exception):
    """Certificates that cannot be used; the message is one line for people."""


def name(common_name: str) -> x509.Name:
    """Return a subject. C2PA shows its organisation as who signed."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def self_made_chain(public_key: ec.EllipticCurvePublicKey) -> str:
    """Return a chain (PEM, the key's own certificate first) of an authority whose key is forgotten at once.

    What C2PA asks of certificates (2.2, section 14.5): version 3, key usage digitalSignature and no authority, an
    extended key usage (emailProtection), the key identifier of the issuer; and at least one certificate above it.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_public = authority_key.public_key()
    subject, issuer = name("Content Credentials, self-made"), name(SELF_MADE)
    authority = (
        _builder(issuer, issuer, authority_public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _builder(subject, issuer, public_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_public), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return pem([leaf, authority])


def is_self_made(chain: str) -> bool:
    """Tell whether a chain is one of ``self_made_chain``."""
    return x509.load_pem_x509_certificates(chain.encode())[-1].subject == name(SELF_MADE)


def request(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a request for a certificate (PEM), signed by the key."""
    asked = x509.CertificateSigningRequestBuilder().subject_name(name("Content Credentials"))
    return asked.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def checked(text: str, public_key: ec.EllipticCurvePublicKey, moment: datetime | None = None) -> str:
    """Return a chain as it is to be installed.

    Raises:
        CertificateError: it is none, is for another key, is out of date, or one does not follow from the next.
    """
    moment = moment or datetime.now(UTC)
    try:
        chain = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise CertificateError(f"this is no chain of certificates in PEM: {error}") from error
    leaf = chain[0]
    if _bytes(leaf) != public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise CertificateError("the first certificate is not for the key that signs")
    if len(chain) < 2:
        raise CertificateError("the certificate of the issuer is missing: C2PA asks for more than one")
    if any(not each.not_valid_before_utc <= moment <= each.not_valid_after_utc for each in chain):
        raise CertificateError("a certificate is out of date, or not yet valid")
    for each, issuer in pairwise(chain):
        try:
            each.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise CertificateError("one certificate was not issued by the next one: wrong order?") from error
    return pem(chain)


def pem(chain: Sequence[x509.Certificate]) -> str:
    """Write certificates one after the other."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in chain)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    moment = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))  # clocks differ
        .not_valid_after(moment + timedelta(days=_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **_SIGNING)


def _bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
