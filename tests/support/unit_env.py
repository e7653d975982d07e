"""The environment of unit tests: made-up names, so that nothing of the machine or of another tier gets in.

It stands in ``os.environ`` only while settings are read: subprocesses that other tiers start inherit nothing of it.
"""

import os
from unittest import mock

from chalicelib.settings import Settings, settings

STAGE = "local"

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

VARIABLES = {
    "CARA_STAGE": STAGE,
    "CARA_PUBLIC_BASE_URL": "https://cara.test",
    "CARA_MEDIA_BASE_URL": "https://media.cara.test",
    "CARA_CONTACT": "mailto:rights@cara.test",
    "CARA_COGNITO_ISSUER": "https://issuer.test/pool",
    "CARA_COGNITO_JWKS_URL": "https://issuer.test/pool/jwks.json",
    "CARA_COGNITO_ENDPOINT": "https://cognito.test",
    "CARA_USER_POOL_ID": "eu-central-1_local",
    "CARA_USER_POOL_CLIENT_ID": "the-client",
    "CARA_PROTECT_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/cara-local-protect",
    "CARA_PROTECT_MAX_RECEIVES": "3",
    "CARA_PROTECT_VISIBILITY_SECONDS": "720",
    "CARA_ERRAND_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/cara-local-errands",
    "CARA_CHANGES_DEAD_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/cara-local-changes-dead",
    "CARA_MODELS_FOLDER": "/no/models",
    "CARA_SCREENING_HOLD": "",
    "CARA_MAIL_FROM": "jobs@local.example",
    "CARA_PROFILES_TABLE": "cara-local-profiles",
    "CARA_HANDLES_TABLE": "cara-local-handles",
    "CARA_MEDIA_TABLE": "cara-local-media",
    "CARA_POSTS_TABLE": "cara-local-posts",
    "CARA_IDEMPOTENCY_TABLE": "cara-local-idempotency",
    "CARA_CASES_TABLE": "cara-local-cases",
    "CARA_WORKS_TABLE": "cara-local-works",
    "CARA_MATCHES_TABLE": "cara-local-matches",
    "CARA_MODERATION_LOG_TABLE": "cara-local-moderation-log",
    "CARA_ACCOUNTS_TABLE": "cara-local-accounts",
    "CARA_RELATIONS_TABLE": "cara-local-relations",
    "CARA_REACTIONS_TABLE": "cara-local-reactions",
    "CARA_COMMENTS_TABLE": "cara-local-comments",
    "CARA_COUNTERS_TABLE": "cara-local-counters",
    "CARA_FEEDS_TABLE": "cara-local-feeds",
    "CARA_DIRECTORY_TABLE": "cara-local-directory",
    "CARA_NOTIFICATIONS_TABLE": "cara-local-notifications",
    "CARA_MESSAGES_TABLE": "cara-local-messages",
    "CARA_ERRANDS_TABLE": "cara-local-errands",
    "CARA_STUDIOS_TABLE": "cara-local-studios",
    "CARA_JOBS_TABLE": "cara-local-jobs",
    "CARA_APPLICATIONS_TABLE": "cara-local-applications",
    "CARA_ORIGINALS_BUCKET": "cara-local-originals-123456789012",
    "CARA_DERIVATIVES_BUCKET": "cara-local-derivatives-123456789012",
    "CARA_SIGNING_KEY_ID": "alias/cara-local-signing",
    "CARA_SIGNING_CERTIFICATES_PARAMETER": "/cara/local/signing-certificates",
    "CARA_RECORD_KEY_ID": "alias/cara-local-records",
    "CARA_SIGNER_PARAMETER": "/cara/local/link-signer",
    "CARA_EDGE_PARAMETER": "/cara/local/edge",
}


def read_settings() -> Settings:
    """Have this process know the settings of unit tests from now on, as tables' names are read on import."""
    settings.cache_clear()
    with mock.patch.dict(os.environ, VARIABLES):
        return settings()


def subprocess_environment() -> dict[str, str]:
    """Return the whole environment of a subprocess that imports the application."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **CREDENTIALS, **VARIABLES}
