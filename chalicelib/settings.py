"""The settings of the running function: the only reader of the environment."""

import os
from dataclasses import dataclass
from functools import cache

FUNCTION_TIMEOUT_SECONDS = 120
"""Timeout of the protection function: after this its work on a picture is certainly over."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between stages. Each field is read from ``CARA_<FIELD>``.

    Attributes:
        stage: name of the deployment, such as ``local`` or ``prod``.
        public_base_url: where clients reach the platform, without a trailing slash.
        media_base_url: what a rendition's key is appended to, without a trailing slash.
        contact: where people ask for a licence: a ``mailto:`` or ``https:`` address.
        cognito_issuer: exact ``iss`` of an access token.
        cognito_jwks_url: where the keys are that sign access tokens.
        cognito_endpoint: where clients make the standard Cognito calls.
        user_pool_id: the pool of those who sign in.
        user_pool_client_id: the client that an access token must have been given to.
        protect_queue_url: the queue in which uploads wait for their protection.
        protect_max_receives: tries of the protect queue before a message becomes a dead letter.
        protect_visibility_seconds: how long the protect queue hides a message that was received.
        errand_queue_url: the queue of errands; it hides a message as long as the protect queue does.
        changes_dead_queue_url: the queue that keeps the places of changes which nobody could follow.
        profiles_table, handles_table, media_table, posts_table, idempotency_table, cases_table, works_table,
            matches_table, moderation_log_table, accounts_table, relations_table, reactions_table, comments_table,
            counters_table, feeds_table, directory_table, notifications_table, messages_table, errands_table,
            studios_table, jobs_table, applications_table: DynamoDB tables.
        models_folder: where the cloak's models are, as tools/build_models.py makes them: a path, or the name by which
            Python finds the folder among its packages.
        screening_hold: which verdicts of the screening wait for a moderator, ``edited``, ``hint``, or both with a comma
            between them; empty for none: such pictures are shown with a label.
        originals_bucket: private bucket of uploads as they came.
        derivatives_bucket: bucket of protected renditions.
        signing_key_id: key of KMS that signs Content Credentials.
        signing_certificates_parameter: name in Parameter Store of the certificates that vouch for it.
        record_key_id: key of KMS that signs protection records.
        signer_parameter: name in Parameter Store of the private key that signs addresses below ``/held/``.
        edge_parameter: name in Parameter Store of what the CDN is called, and its public half of that key.
        mail_from: the address that mail to accounts comes from; empty: the platform sends none.
    """

    stage: str
    public_base_url: str
    media_base_url: str
    contact: str
    cognito_issuer: str
    cognito_jwks_url: str
    cognito_endpoint: str
    user_pool_id: str
    user_pool_client_id: str
    protect_queue_url: str
    protect_max_receives: int
    protect_visibility_seconds: int
    errand_queue_url: str
    changes_dead_queue_url: str
    profiles_table: str
    handles_table: str
    media_table: str
    posts_table: str
    idempotency_table: str
    cases_table: str
    works_table: str
    matches_table: str
    moderation_log_table: str
    accounts_table: str
    relations_table: str
    reactions_table: str
    comments_table: str
    counters_table: str
    feeds_table: str
    directory_table: str
    notifications_table: str
    messages_table: str
    errands_table: str
    studios_table: str
    jobs_table: str
    applications_table: str
    models_folder: str
    screening_hold: str
    originals_bucket: str
    derivatives_bucket: str
    signing_key_id: str
    signing_certificates_parameter: str
    record_key_id: str
    signer_parameter: str
    edge_parameter: str
    mail_from: str

    @property
    def lease_seconds(self) -> int:
        """How long one try may hold a picture, in seconds.

        It ends before the queue shows the message again, so that the next try is let in, and not before the
        function's own timeout where the queue hides messages longer than that, so that two tries never overlap.
        """
        return max(1, min(FUNCTION_TIMEOUT_SECONDS + 10, int(self.protect_visibility_seconds * 0.9)))


def application_name() -> str:
    """Return what the REST API is called, by stage: metrics name it, and stages share an account."""
    return f"cara-{os.environ.get('CARA_STAGE', 'local')}"


@cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises:
        RuntimeError: a variable is missing; the message names it.
    """
    values: dict[str, str | int] = {}
    for name, kind in Settings.__annotations__.items():
        variable = f"CARA_{name.upper()}"
        text = os.environ.get(variable)
        if text is None:
            raise RuntimeError(f"environment variable {variable} is not set")
        values[name] = int(text) if kind is int else text
    return Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's own type above
