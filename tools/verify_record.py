"""Verifies downloaded pictures against a signed protection record, without asking the platform.

    .venv/bin/python tools/verify_record.py RECORD.json FILE… [--jwks FILE_OR_URL]

RECORD.json is what GET /v1/media/{id}/protection answered, or its `signature` alone. The keys come from FILE_OR_URL;
left out, they are fetched from `/.well-known/jwks.json` of the origin that the record names, which the first line says:
whether it is the one that should have signed, you decide.

Exit status: 0 the signature holds and each file is in the record; 1 it does not, or one is not; 2 it could not be found
out.
"""

import argparse
import hashlib
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import jwt

KIND = "protection-record"
_LIMIT = 1 << 20
_SECONDS = 10


class VerifyError(Exception):
    """It could not be found out; the message is one line for people."""


def main(arguments: list[str] | None = None) -> int:
    """Verify what the command line names and return the exit status."""
    parser = argparse.ArgumentParser(prog="verify_record", description="Verify pictures against a protection record.")
    parser.add_argument("record", type=Path, help="the answer of GET /v1/media/{id}/protection")
    parser.add_argument("files", type=Path, nargs="+", metavar="file", help="a downloaded picture")
    parser.add_argument("--jwks", help="file or address of the keys; left out: those of the origin in the record")
    options = parser.parse_args(arguments)
    try:
        signature = read_signature(options.record)
        record = verified(signature, options.jwks)
        digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in options.files}
    except jwt.InvalidSignatureError:
        print("verify_record: the signature does not hold", file=sys.stderr)
        return 1
    except (VerifyError, OSError) as error:
        print(f"verify_record: {error}", file=sys.stderr)
        return 2
    print(f"media {record['media_id']}, protected {record['protected_at']}, signed by {record['iss']}: it holds")
    known = {each["sha256"]: each for each in record["renditions"]}
    for path, digest in digests.items():
        found = known.get(digest)
        print(f"protected {path} {found['format']} {found['width']}x{found['height']}" if found else f"unknown {path}")
    return 0 if all(digest in known for digest in digests.values()) else 1


def read_signature(path: Path) -> str:
    """Return the JWS of a record. Raises VerifyError where there is none."""
    text = path.read_text(encoding="utf-8").strip()
    if text.startswith(("{", "[")):
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        text = (answer.get("signature") if isinstance(answer, dict) else None) or ""
    if not isinstance(text, str) or text.count(".") != 2:
        raise VerifyError(f"{path} holds no signed record")
    return text


def verified(signature: str, keys: str | None) -> dict[str, Any]:
    """Return what a record says.

    Raises:
        jwt.InvalidSignatureError: the signature does not hold.
        VerifyError: it is no protection record, or its key could not be had.
    """
    try:
        header = jwt.get_unverified_header(signature)
        unverified = jwt.decode(signature, options={"verify_signature": False})
        if header.get("typ") != KIND:
            raise VerifyError("this is signed, but no protection record")
        key = _key(str(header.get("kid")), keys or f"{unverified['iss']}/.well-known/jwks.json")
        record = jwt.decode(signature, key, algorithms=["ES256"])
        _ = record["media_id"], record["protected_at"], record["iss"], [each["sha256"] for each in record["renditions"]]
    except jwt.InvalidSignatureError:
        raise
    except (jwt.PyJWTError, KeyError, TypeError) as error:
        raise VerifyError(f"this is no protection record: {error}") from error
    return record


def _key(key_id: str, place: str) -> jwt.PyJWK:
    try:
        found = json.loads(_read(place))["keys"]
        match = [each for each in found if each.get("kid") == key_id]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VerifyError(f"{place} holds no keys: {error}") from error
    if not match:
        raise VerifyError(f"{place} has no such key: {key_id}")
    return jwt.PyJWK(match[0])


def _read(place: str) -> bytes:
    if place.startswith(("https://", "http://")):
        with urllib.request.urlopen(place, timeout=_SECONDS) as answer:  # noqa: S310  one of two schemes
            content: bytes = answer.read(_LIMIT)
            return content
    return Path(place).read_bytes()


if __name__ == "__main__":
    sys.exit(main())
