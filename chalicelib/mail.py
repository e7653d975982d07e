"""Mail to accounts: SES sends it, to the address that Cognito has verified."""

import logging
from functools import cache
from typing import Any

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.letters import Letter
from chalicelib.signing import aws_errors, client

log = logging.getLogger(__name__)


@cache
def _ses() -> Any:
    import boto3
    from botocore.config import Config

    # a call that was not answered may have been carried out: it is not made again
    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
    return boto3.client("sesv2", config=config)


class Mail:
    """What accounts get by mail."""

    def __init__(self, sender: str, user_pool_id: str) -> None:
        """Take the address that mail comes from, and the pool of accounts."""
        self._sender, self._pool = sender, user_pool_id

    def address(self, account_id: str) -> str | None:
        """Return the verified address of an account; None where it has none.

        Cognito finds users by their ``sub`` and by their names, which people choose: one that is another's ``sub`` must
        not have that one's mail.

        Raises:
            TemporaryError: Cognito did not tell this time.
        """
        cognito = client("cognito-idp")
        with aws_errors("Cognito"):
            try:
                found = cognito.admin_get_user(UserPoolId=self._pool, Username=account_id)
            except cognito.exceptions.UserNotFoundException:
                return None
        said = {each["Name"]: each.get("Value", "") for each in found["UserAttributes"]}
        ours = said.get("sub") == account_id and said.get("email_verified") == "true" and found.get("Enabled", True)
        return said.get("email") if ours else None

    def send(self, letter: Letter, to: str, account_id: str) -> None:
        """Have a letter sent, once at most.

        What becomes of it is told under the tag ``account``. With the headers a mailbox shows a button that ends such
        letters (RFC 8058).

        Raises:
            TemporaryError: it certainly was not sent.
        """
        from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

        headers = {
            "List-Unsubscribe": f"<{letter.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        simple = {
            "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": letter.text, "Charset": "UTF-8"}},
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        }
        try:
            _ses().send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [to]},
                Content={"Simple": simple},
                EmailTags=[{"Name": "account", "Value": account_id}],
            )
        except (ClientError, ConnectTimeoutError, EndpointConnectionError) as error:
            raise TemporaryError(f"SES: {error}") from error
        except Exception:  # it may have been sent: twice would be worse than not
            log.exception("nobody knows whether a letter was sent")
