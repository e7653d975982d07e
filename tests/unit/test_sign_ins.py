"""Ending sign-ins: whoever is there is removed, and what Cognito does not do this time comes again."""

from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import sign_ins
from chalicelib.domain.errors import TemporaryError
from chalicelib.sign_ins import SignIns

ASKED = {"UserPoolId": "pool", "Filter": 'sub = "ada"', "Limit": 1}
NAMED = {"UserPoolId": "pool", "Username": "ada_l"}


def ended(*answers: tuple[str, Any, Any]) -> None:
    """Have a sign-in ended by a Cognito that answers so; all answers must be asked for."""
    client = boto3.client("cognito-idp", region_name="eu-central-1")
    with Stubber(client) as stub, mock.patch.object(sign_ins, "_client", return_value=client):
        for operation, answer, expected in answers:
            if isinstance(answer, str):
                stub.add_client_error(operation, answer, expected_params=expected)
            else:
                stub.add_response(operation, answer, expected)
        SignIns("pool").remove("ada")
        stub.assert_no_pending_responses()


def test_whoever_signs_in_is_removed() -> None:
    ended(("list_users", {"Users": [{"Username": "ada_l"}]}, ASKED), ("admin_delete_user", {}, NAMED))


def test_nobody_is_left_alone() -> None:
    ended(("list_users", {"Users": []}, ASKED))
    found = ("list_users", {"Users": [{"Username": "ada_l"}]}, ASKED)
    ended(found, ("admin_delete_user", "UserNotFoundException", NAMED))


def test_what_is_not_done_comes_again() -> None:
    with pytest.raises(TemporaryError, match="TooManyRequestsException"):
        ended(("list_users", "TooManyRequestsException", ASKED))
