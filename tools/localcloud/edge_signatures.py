"""Signed addresses as CloudFront checks them: the key, the signature, what it is for, and until when.

Both kinds: a policy that comes along (``Policy``), and the canned one that ``Expires`` stands for.
Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key

OWN = ("Policy", "Expires", "Signature", "Key-Pair-Id", "Hash-Algorithm")
"""Parameters that are CloudFront's own: neither signed nor passed on."""

_ALPHABET = str.maketrans("-_~", "+=/")


def refusal(url: str, query: str, keys: Mapping[str, str], now: float) -> str | None:
    """Return why an address is refused; None where it is good.

    Args:
        url: the address without its query, host included.
        query: as sent.
        keys: public keys in PEM, by Key-Pair-Id.
        now: seconds since 1970.
    """
    sent = parse_qsl(query, keep_blank_values=True)
    own = {name: value for name, value in sent if name in OWN}
    others = [(name, value) for name, value in sent if name not in OWN]
    if "Signature" not in own or "Key-Pair-Id" not in own or ("Policy" in own) == ("Expires" in own):
        return "MissingKey"
    pem = keys.get(own["Key-Pair-Id"])
    if pem is None:
        return "InvalidKey"
    asked = f"{url}?{urlencode(others)}" if others else url
    try:
        policy = _decoded(own["Policy"]) if "Policy" in own else _canned(asked, int(own["Expires"]))
        _verify(pem, _decoded(own["Signature"]), policy)
        return _not_met(json.loads(policy), asked, now)
    except InvalidSignature:
        return "SignatureDoesNotMatch"
    except (ValueError, KeyError, TypeError, binascii.Error):
        return "MalformedPolicy"


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.translate(_ALPHABET), validate=True)


def _canned(url: str, expires: int) -> bytes:
    statement = {"Resource": url, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def _verify(pem: str, signature: bytes, policy: bytes) -> None:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise TypeError("only keys of RSA are understood here")
    key.verify(signature, policy, PKCS1v15(), SHA1())  # noqa: S303  the digest that CloudFront uses


def _not_met(policy: Any, asked: str, now: float) -> str | None:
    [statement] = policy["Statement"]
    unknown = set(statement["Condition"]) - {"DateLessThan"}
    if unknown:
        raise ValueError(f"{unknown} is not understood here")
    if not _pattern(statement["Resource"]).fullmatch(asked):
        return "AccessDenied"
    return None if now < int(statement["Condition"]["DateLessThan"]["AWS:EpochTime"]) else "Expired"


def _pattern(resource: str) -> re.Pattern[str]:
    return re.compile(re.escape(resource).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
