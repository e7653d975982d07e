"""Cognito: by what people sign in."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.domain.errors import TemporaryError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


@cache
def _client() -> "CognitoIdentityProviderClient":
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})
    return boto3.client("cognito-idp", config=config)


class SignIns:
    """The users of a pool."""

    def __init__(self, pool: str) -> None:
        """Take the pool's id."""
        self._pool = pool

    def remove(self, account_id: str) -> None:
        """Remove whoever signs in as an account, with name, mail address and password; nobody is left alone.

        Tokens that were given out stay valid until they end; the authorizer turns them away.

        Raises:
            TemporaryError: Cognito did not do it this time.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            # by the subject of its tokens, which no user is called by
            found = _client().list_users(UserPoolId=self._pool, Filter=f'sub = "{account_id}"', Limit=1)["Users"]
            for user in found:
                _client().admin_delete_user(UserPoolId=self._pool, Username=user["Username"])
        except (ClientError, BotoCoreError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            if code == "UserNotFoundException":
                return
            raise TemporaryError(f"Cognito: {code}") from error
