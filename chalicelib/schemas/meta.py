"""Health and public configuration."""

from pydantic import Field

from chalicelib.schemas.base import Schema


class HealthAnswer(Schema):
    """The function answers."""

    status: str
    version: str


class Auth(Schema):
    """Where to sign up and in, by the standard Cognito calls."""

    issuer: str
    client_id: str
    endpoint: str


class Limits(Schema):
    """What is accepted."""

    max_upload_bytes: int
    content_types: list[str]
    upload_seconds: int = Field(description="How long an upload form may be used")
    max_media_per_post: int
    max_text_length: int


class Taxonomies(Schema):
    """Words to offer; others are taken as well."""

    mediums: list[str]
    categories: list[str]
    software: list[str]
    content_warnings: list[str]


class ConfigAnswer(Schema):
    """What a client needs to know to begin."""

    auth: Auth
    media_base_url: str
    limits: Limits
    taxonomies: Taxonomies


class KeyAnswer(Schema):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    alg: str
    use: str
    kid: str


class KeysAnswer(Schema):
    """The public keys by which signatures of the platform can be verified."""

    keys: list[KeyAnswer]
