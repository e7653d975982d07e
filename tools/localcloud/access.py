"""Accounts of the local user pool, through the standard Cognito calls that any client would make."""

import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.localcloud.config import REGION
from tools.localcloud.environment import ROOT_CREDENTIALS

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

CONFIRMATION_CODE = "123456"
"""The code that the emulated Cognito would send by e-mail; it is always this one."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class AccessError(Exception):
    """There is no token to be had; the message is for people."""


def anonymous_client(endpoint: str) -> "CognitoIdentityProviderClient":
    """Return a client that signs nothing, as a browser would be."""
    return boto3.client(
        "cognito-idp", endpoint_url=endpoint, region_name=REGION, config=Config(signature_version=UNSIGNED)
    )


def administrator_client(endpoint: str) -> "CognitoIdentityProviderClient":
    """Return a client that may administer the pool."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT_CREDENTIALS.access_key_id,
        aws_secret_access_key=ROOT_CREDENTIALS.secret_access_key,
    )


def local_password(directory: Path, name: str) -> str:
    """Return the password of the local user `name`.

    It is derived from a secret that is made once and kept in `directory` alone, so that calls at the same time agree
    on it and no two checkouts share it.
    """
    path = directory / "secret"
    if not path.exists():
        aside = directory / f"secret.{os.getpid()}"
        aside.write_text(secrets.token_hex(32), encoding="utf-8")
        aside.chmod(0o600)
        # A link is made or not, never half: of two at the same time the first one wins.
        with suppress(FileExistsError):
            path.hardlink_to(aside)
        aside.unlink()
    key = path.read_text(encoding="utf-8").encode()
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:32]


def sign_up(client: "CognitoIdentityProviderClient", client_id: str, name: str, password: str) -> None:
    """Sign up and confirm `name`, without any administrator. Raises ClientError, such as when the name is taken."""
    client.sign_up(
        ClientId=client_id,
        Username=name,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
    )
    client.confirm_sign_up(ClientId=client_id, Username=name, ConfirmationCode=CONFIRMATION_CODE)


def sign_in(client: "CognitoIdentityProviderClient", client_id: str, name: str, password: str) -> str:
    """Return an access token. Raises ClientError when name and password do not match."""
    answer = client.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": name, "PASSWORD": password}
    )
    return answer["AuthenticationResult"]["AccessToken"]


def ensure_token(
    *, endpoint: str, pool: str, client_id: str, name: str, password: str, group: str | None = None
) -> str:
    """Return an access token of the local user `name`, who is made, confirmed and added to `group` as needed.

    Calls for the same name may run at the same time. Raises AccessError for a name Cognito would not take, or a group
    that does not exist.
    """
    if not _NAME.fullmatch(name):
        raise AccessError("a name is 1 to 64 letters, digits, _ . - and begins with a letter or digit")
    administrator = administrator_client(endpoint)
    try:
        administrator.admin_get_user(UserPoolId=pool, Username=name)
    except administrator.exceptions.UserNotFoundException:
        with suppress(administrator.exceptions.UsernameExistsException):
            administrator.admin_create_user(
                UserPoolId=pool,
                Username=name,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": f"{name}@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
    if group:
        try:
            administrator.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
        except administrator.exceptions.ResourceNotFoundException as error:
            raise AccessError(f"there is no group {group}") from error
    anonymous = anonymous_client(endpoint)
    try:
        return sign_in(anonymous, client_id, name, password)
    except (ClientError, KeyError):
        # Just made, or made by other means with another password.
        administrator.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
        return sign_in(anonymous, client_id, name, password)
