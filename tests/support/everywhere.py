"""Looking for an account in all that there is: each item of each table and index, each version of each object."""

import base64
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import boto3

from chalicelib.domain.ids import id_bytes, is_id
from chalicelib.domain.resumes import folder_of
from chalicelib.repositories.packing import CARD_DICTIONARY, COMMENT_DICTIONARY, NOTICE_DICTIONARY
from chalicelib.settings import settings

_IDS = 16


def traces(account_id: str) -> list[str]:
    """Return where something holds the id of an account or anything else: written out, packed, in its own 16 bytes,
    or as the folder of its résumés."""
    places = (*items(boto3.client("dynamodb")), *objects(boto3.client("s3"), *_buckets()))
    return sorted({place for place, value in places if holds(value, account_id)})


def _buckets() -> tuple[str, str]:
    return settings().originals_bucket, settings().derivatives_bucket


def holds(value: Any, account_id: str) -> bool:
    """Tell whether a value holds an id, however it is packed."""
    if isinstance(value, dict):
        return any(holds(each, account_id) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple | set):
        return any(holds(each, account_id) for each in value)
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, bytes):
        return False
    wanted = (*_written(account_id), folder_of(account_id).encode())
    return any(each in form for form in _forms(value) for each in wanted)


def _written(some_id: str) -> tuple[bytes, ...]:
    if is_id(some_id):
        return some_id.encode(), id_bytes(some_id)
    return some_id.encode(), UUID(some_id).bytes, UUID(some_id).hex.encode()


def _forms(value: bytes) -> Iterator[bytes]:
    """Give what some bytes are, and what they may be packed from."""
    yield value
    with suppress(ValueError, KeyError, TypeError, zlib.error):
        yield zlib.decompress(base64.b64decode(json.loads(value)["packed"]))
    for begin in {0, 1 + _IDS * value[0]} if value else ():
        for dictionary in (CARD_DICTIONARY, COMMENT_DICTIONARY, NOTICE_DICTIONARY):
            with suppress(zlib.error):
                yield zlib.decompressobj(-15, dictionary).decompress(value[begin + 1 :])


def items(client: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every item of each table and of each of its indexes, with where it is."""
    for table in client.list_tables()["TableNames"]:
        if not table.startswith(prefix):
            continue
        indexes = client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", ())
        for index in (None, *(each["IndexName"] for each in indexes)):
            asked = {"IndexName": index} if index else {}
            for page in client.get_paginator("scan").paginate(TableName=table, **asked):
                yield from ((f"{table}/{index}" if index else table, item) for item in page["Items"])


def objects(client: Any, *buckets: str) -> Iterator[tuple[str, Any]]:
    """Give every version of each object of some buckets, key and bytes, and of what is but begun the key."""
    for bucket in buckets:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            yield from ((f"{bucket} {each['Key']}", each["Key"]) for each in page.get("DeleteMarkers", ()))
            for each in page.get("Versions", ()):
                body = client.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
                yield f"{bucket} {each['Key']}", [each["Key"], body]
        for each in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
            yield f"{bucket} {each['Key']}", each["Key"]
