"""Access tokens as a user pool signs them, by keys made for this session; and some that no pool would sign."""

import base64
import hashlib
import hmac
import io
import json
import time
import urllib.request
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from chalicelib.settings import settings

KEY_ID = "the-key"


@cache
def signing_key() -> RSAPrivateKey:
    """Return the pool's key."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def another_key() -> RSAPrivateKey:
    """Return a key that the pool knows nothing of."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def published_keys() -> bytes:
    """Return the pool's JSON web key set."""
    key = json.loads(RSAAlgorithm.to_jwk(signing_key().public_key()))
    return json.dumps({"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}).encode()


_open = urllib.request.OpenerDirector.open


def open_url(opener: urllib.request.OpenerDirector, request: Any, *args: Any, **kwargs: Any) -> Any:
    """Stand in for ``OpenerDirector.open``: PyJWT fetches keys by it, and takes no ``file:`` address."""
    if getattr(request, "full_url", request) == settings().cognito_jwks_url:
        return io.BytesIO(published_keys())
    return _open(opener, request, *args, **kwargs)


def claims(account_id: str, **changes: Any) -> dict[str, Any]:
    """Return the claims of an access token; a claim that is None is left out."""
    now = int(time.time())
    found = {
        "sub": account_id,
        "iss": settings().cognito_issuer,
        "client_id": settings().user_pool_client_id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "iat": now - 10,
        "exp": now + 7200,  # some are made when tests are collected: they last as long as these run
        "jti": "an id",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def token(account_id: str, *, key: RSAPrivateKey | None = None, kid: str = KEY_ID, **changes: Any) -> str:
    """Return a signed access token."""
    return jwt.encode(claims(account_id, **changes), key or signing_key(), "RS256", {"kid": kid})


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(account_id: str, algorithm: str = "none") -> str:
    """Return a token that claims to need no signature."""
    return f"{_part({'alg': algorithm, 'typ': 'JWT', 'kid': KEY_ID})}.{_part(claims(account_id))}."


def confused(account_id: str) -> str:
    """Return a token signed with the pool's public key as if that were a shared secret."""
    secret = signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': KEY_ID})}.{_part(claims(account_id))}"
    signature = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def tampered(account_id: str) -> str:
    """Return a token whose claims were changed after it was signed."""
    header, _, signature = token(account_id).split(".")
    return f"{header}.{_part(claims('somebody else'))}.{signature}"


@cache
def bad_tokens(account_id: str) -> dict[str, str]:
    """Return what must not pass for a token, by what is wrong with it."""
    now = int(time.time())
    good = token(account_id)
    return {
        "empty": "",
        "garbage": "garbage",
        "dots": "..",
        "three parts": "a.b.c",
        "not latin": "ключ.ключ.ключ",
        "cut short": good[:-20],
        "without signature": good.rpartition(".")[0] + ".",
        "tampered": tampered(account_id),
        "another key": token(account_id, key=another_key()),
        "unknown key id": token(account_id, key=another_key(), kid="another"),
        "known key under an unknown id": token(account_id, kid="another"),
        "alg none": unsigned(account_id),
        "alg NONE": unsigned(account_id, "NONE"),
        "alg RS256 unsigned": unsigned(account_id, "RS256"),
        "HS256 with the public key": confused(account_id),
        "expired": token(account_id, exp=now - 1),
        "without expiry": token(account_id, exp=None),
        "expiry that is no number": token(account_id, exp="soon"),
        "from the future": token(account_id, iat=now + 3600),
        "other issuer": token(account_id, iss="https://issuer.test/another"),
        "without issuer": token(account_id, iss=None),
        "id token": token(account_id, token_use="id", aud=settings().user_pool_client_id),
        "refresh token": token(account_id, token_use="refresh"),
        "without use": token(account_id, token_use=None),
        "other client": token(account_id, client_id="another"),
        "without client": token(account_id, client_id=None),
        "without account": token(account_id, sub=None),
    }
