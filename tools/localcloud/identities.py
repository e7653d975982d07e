"""Identities of the emulated AWS, one for each function, so that a permission missing on AWS is missing here too.

They are users and not roles, because a user's access key does not expire under a process that runs for days. Their
policies are the very documents the functions get on AWS.
"""

import json
from collections.abc import Mapping
from contextlib import suppress

import boto3

from tools.localcloud.config import STAGE
from tools.localcloud.environment import Credentials
from tools.policies import render

POLICIES = {
    "api": "api",
    "authorizer": "authorizer",
    "protect_image": "protect_image",
    "sweep": "sweep",
    "follow_changes": "follow_changes",
    "run_errands": "run_errands",
    "cdn": "local/cdn",
    "poller": "local/poller",
}
"""The policy of each identity. `cdn` stands in for CloudFront, `poller` for Lambda's event source mappings."""


def ensure_identities(session: boto3.Session, endpoint: str, outputs: Mapping[str, str]) -> dict[str, Credentials]:
    """Give each identity exactly its policy and a new access key, and return the keys by identity.

    Earlier keys stop working, so that none has to be stored.
    """
    client = session.client("iam", endpoint_url=endpoint)
    found: dict[str, Credentials] = {}
    for name, policy in POLICIES.items():
        user = f"cara-{STAGE}-{name}"
        with suppress(client.exceptions.EntityAlreadyExistsException):
            client.create_user(UserName=user)
        client.put_user_policy(UserName=user, PolicyName="function", PolicyDocument=json.dumps(render(policy, outputs)))
        for old in client.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            client.delete_access_key(UserName=user, AccessKeyId=old["AccessKeyId"])
        key = client.create_access_key(UserName=user)["AccessKey"]
        found[name] = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return found
