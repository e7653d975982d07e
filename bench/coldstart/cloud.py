"""An emulated AWS for the rows that read from DynamoDB, with the base stack and one profile in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.deploy import render
from tools.deploy.account import Account
from tools.localcloud.cloud import choose_port, cloud_child, wait_until_ready
from tools.localcloud.config import REGION
from tools.localcloud.environment import ROOT_CREDENTIALS, credential_environment
from tools.localcloud.plan import root_session
from tools.localcloud.stack import deploy

ORIGIN = "https://cara.example"
PROFILE = {"handle": "ada", "display_name": "Ada"}


@dataclass(frozen=True, slots=True)
class Cloud:
    """What a function is told: outputs of the base stack, the environment as rendered for it, and credentials."""

    outputs: dict[str, str]
    variables: dict[str, str]
    credentials: dict[str, str]


@contextmanager
def running(folder: Path) -> Iterator[Cloud]:
    """Run an emulated AWS with the base stack, as long as the context lasts."""
    port = choose_port(None)
    child = cloud_child(port, folder)
    child.start()
    try:
        wait_until_ready(child, port)
        endpoint = f"http://127.0.0.1:{port}"
        outputs = deploy(root_session(), endpoint, {"WebOrigin": ORIGIN, "Stage": "bench"})
        account = Account("000000000000", "", "aws", REGION, endpoint, root_session())
        variables = render.environment(account, outputs, ORIGIN)
        credentials = {**credential_environment(ROOT_CREDENTIALS), "AWS_ENDPOINT_URL": endpoint}
        yield Cloud(outputs, variables, credentials)
    finally:
        child.stop()
