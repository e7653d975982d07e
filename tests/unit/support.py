"""An AWS within this process: moto, with the very tables that ``infra/base.yaml`` declares."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from unittest import mock

import boto3
from cfnlint.decode import cfn_yaml
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from moto import mock_aws

from chalicelib import composition, links, mail, queues, signing, storage
from chalicelib.http import authentication
from chalicelib.repositories import connection, idempotency
from chalicelib.settings import settings
from tests.support.unit_env import CREDENTIALS, STAGE

TEMPLATE = Path(__file__).parents[2] / "infra" / "base.yaml"
_TABLE = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


@cache
def table_definitions() -> list[dict[str, Any]]:
    """Return what ``CreateTable`` takes, for each table of the template."""
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"].values()
    tables = [each["Properties"] for each in resources if each["Type"] == "AWS::DynamoDB::Table"]
    return [{name: _plain(properties[name]) for name in _TABLE if name in properties} for properties in tables]


def _plain(value: Any) -> Any:
    """Make plain values of a template's, with the stage filled in."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return str(value["Fn::Sub"]).replace("${Stage}", STAGE)
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def forget_clients() -> None:
    """Forget every client and service that was made for one AWS, so that none is used with another."""
    parts = [import_module(each.name) for each in iter_modules(composition.__path__, f"{composition.__name__}.")]
    for module in (*parts, links, mail, queues, signing, storage, authentication, connection, idempotency):
        for value in vars(module).values():
            if hasattr(value, "cache_clear") and value is not settings:
                value.cache_clear()


def _make_key(alias: str) -> None:
    kms = boto3.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key)


@cache
def link_key() -> rsa.RSAPrivateKey:
    """Return the key that signs addresses; made once, as that takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def link_key_public() -> str:
    """Return its public half in PEM."""
    return link_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _make_edge() -> None:
    ssm = boto3.client("ssm")
    private = link_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    ssm.put_parameter(Name=settings().signer_parameter, Value=private, Type="SecureString")
    known = json.dumps({"distribution": "E1", "key_pair_id": "K1"})
    ssm.put_parameter(Name=settings().edge_parameter, Value=known, Type="String")


def _sign_digest(key: Any, message: bytes, signing_algorithm: str) -> bytes:
    """Sign as KMS does what is a digest already: moto takes everything for a message, and hashes it once more."""
    assert (signing_algorithm, len(message)) == ("ECDSA_SHA_256", 32)
    signature: bytes = key.private_key.sign(message, ec.ECDSA(Prehashed(SHA256())))
    return signature


@contextmanager
def emulated_aws() -> Iterator[None]:
    """Have an AWS in this process, empty but for the platform's tables, buckets and queue."""
    patched = mock.patch("moto.kms.utils.ECDSAPrivateKey.sign", _sign_digest)
    with mock.patch.dict("os.environ", CREDENTIALS), mock_aws(), patched:
        forget_clients()
        dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
        for table in table_definitions():
            dynamodb.create_table(**table)
        here = {"LocationConstraint": CREDENTIALS["AWS_DEFAULT_REGION"]}
        for bucket in (settings().originals_bucket, settings().derivatives_bucket):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)  # type: ignore[arg-type]  # any region's name
        chosen = settings()
        for queue in (chosen.protect_queue_url, chosen.errand_queue_url, chosen.changes_dead_queue_url):
            boto3.client("sqs").create_queue(QueueName=queue.rpartition("/")[2])
        for key in (settings().record_key_id, settings().signing_key_id):
            _make_key(key)
        # whoever looks at them has a test of its own
        name = settings().signing_certificates_parameter
        boto3.client("ssm").put_parameter(Name=name, Value="BEGIN CERTIFICATE", Type="String")
        _make_edge()
        try:
            yield
        finally:
            forget_clients()
