"""The AWS account that is deployed to: clients, who one is there, and where its APIs answer."""

import os
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.errors import DeployError

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=120)


@dataclass(frozen=True, slots=True)
class Account:
    """An account in one region.

    Attributes:
        id: twelve digits.
        caller: ARN of whoever deploys.
        partition: such as `aws`.
        region: where everything but the edge is.
        endpoint: where an emulated AWS answers instead of AWS; None for AWS itself.
    """

    id: str
    caller: str
    partition: str
    region: str
    endpoint: str | None
    _session: boto3.Session = field(repr=False)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client of `service`; typed as anything, since each has methods of its own."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region_name=key[1], config=_CONFIG)  # type: ignore[call-overload]  # any name
            if self.endpoint:
                self._clients[key].meta.events.register("before-send", self._to_emulator)
        return self._clients[key]

    def _to_emulator(self, request: Any, **_: Any) -> None:
        """Take the account's number from the front of a host name: an emulated AWS has but one."""
        request.url = request.url.replace(f"//{self.id}.", "//", 1)

    def api_url(self, api_id: str, stage: str) -> str:
        """Return the address of a REST API's stage, without a trailing slash."""
        if self.endpoint:
            return f"{self.endpoint}/_aws/execute-api/{api_id}/{stage}"
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"https://{api_id}.execute-api.{self.region}.{suffix}/{stage}"

    def object_url(self, bucket: str, key: str) -> str:
        """Return the address by which CloudFormation finds an object of a bucket in this region."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"https://s3.{self.region}.{suffix}/{bucket}/{key}"


def default_region() -> str | None:
    """Return the region that the environment or the profile names; boto3 itself does not know AWS_REGION."""
    found: str | None = os.environ.get("AWS_REGION") or boto3.Session().region_name
    return found


def open_account(region: str) -> Account:
    """Return the account that the environment's credentials belong to. Raises DeployError if they are not accepted."""
    session = boto3.Session(region_name=region)
    try:
        found = session.client("sts", region_name=region, config=_CONFIG).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"AWS does not know who is deploying: {error}") from error
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    partition = found["Arn"].split(":")[1]
    return Account(found["Account"], found["Arn"], partition, region, endpoint, session)
