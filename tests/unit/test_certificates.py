"""Certificates of the key that signs Content Credentials."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chalicelib import signing
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.protection import ProtectionOptions
from chalicelib.settings import settings
from tests.corpus.pictures import artwork, encoded
from tests.unit.imaging.helpers import protected
from tests.unit.support import emulated_aws
from tools import certificates
from tools.certificate_chain import CertificateError, checked, is_self_made, request, self_made_chain
from tools.kms_key import KmsKey

OUTPUTS = {
    "SigningKeyId": settings().signing_key_id,
    "SigningCertificatesParameter": settings().signing_certificates_parameter,
}


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class Clients:
    def client(self, service: str) -> object:
        return boto3.client(service)  # type: ignore[call-overload]  # any name


@pytest.fixture
def clients() -> Iterator[Clients]:
    with emulated_aws():
        name = OUTPUTS["SigningCertificatesParameter"]
        boto3.client("ssm").put_parameter(Name=name, Value=certificates.NOTHING, Type="String", Overwrite=True)
        yield Clients()


def test_self_made_certificates_are_as_c2pa_asks(key: ec.EllipticCurvePrivateKey) -> None:
    leaf, authority = x509.load_pem_x509_certificates(self_made_chain(key.public_key()).encode())
    leaf.verify_directly_issued_by(authority)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    extended = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.EMAIL_PROTECTION]


def parts(chain: str) -> list[str]:
    return [each.public_bytes(Encoding.PEM).decode() for each in x509.load_pem_x509_certificates(chain.encode())]


def test_what_does_not_fit_is_not_installed(key: ec.EllipticCurvePrivateKey) -> None:
    public, chain = key.public_key(), self_made_chain(key.public_key())
    leaf, authority = parts(chain)
    _, stranger = parts(self_made_chain(public))
    assert checked("text before\n" + chain, public) == chain
    later = datetime.now(UTC) + timedelta(days=5000)
    for text, moment, why in [
        ("nonsense", None, "no chain"),
        (leaf, None, "issuer is missing"),
        (authority + leaf, None, "not for the key"),
        (leaf + stranger, None, "not issued by the next one"),
        (chain, later, "out of date"),
    ]:
        with pytest.raises(CertificateError, match=why):
            checked(text, public, moment)
    other = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(CertificateError, match="not for the key"):
        checked(chain, other.public_key())


def test_self_made_ones_are_installed_where_there_are_none(clients: Clients) -> None:
    assert certificates.installed(clients, OUTPUTS) is None
    assert certificates.ensure(clients, OUTPUTS)
    chain = certificates.installed(clients, OUTPUTS)
    assert chain is not None
    assert is_self_made(chain)
    assert certificates.ensure(clients, OUTPUTS)
    assert certificates.installed(clients, OUTPUTS) == chain


def test_an_authority_can_issue_one_for_the_key_in_kms(clients: Clients) -> None:
    kms = boto3.client("kms")
    public = certificates.public_key(clients, OUTPUTS)
    asked = x509.load_pem_x509_csr(request(KmsKey(kms, OUTPUTS["SigningKeyId"], public)).encode())
    assert asked.is_signature_valid
    assert asked.public_key() == public

    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    now = datetime.now(UTC)

    def issued(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> str:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        dated = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        return dated.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    chain = issued(asked.subject, public) + issued(issuer, authority.public_key())
    certificates.install(clients, OUTPUTS, chain)
    assert not certificates.ensure(clients, OUTPUTS)
    assert certificates.installed(clients, OUTPUTS) == chain


def test_kms_signs_pictures_with_what_is_installed(clients: Clients) -> None:
    certificates.ensure(clients, OUTPUTS)
    signer = signing.signer(settings().signing_key_id, settings().signing_certificates_parameter)
    picture = protected(encoded(artwork(64, 48), "PNG"), ProtectionOptions(), signer)
    assert picture.provenance.signed
    public = load_der_public_key(signing.SigningKey(settings().signing_key_id).public_key())
    assert public == certificates.public_key(clients, OUTPUTS)


def test_without_certificates_nothing_is_signed(clients: Clients) -> None:
    del clients
    with pytest.raises(TemporaryError, match="no certificates"):
        signing.signer(settings().signing_key_id, settings().signing_certificates_parameter)
    with pytest.raises(TemporaryError, match="SSM: ParameterNotFound"):
        signing.signer(settings().signing_key_id, "/none")
    with pytest.raises(TemporaryError, match="KMS: NotFoundException"):
        signing.SigningKey("alias/none").sign(b"x")
