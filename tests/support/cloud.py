"""Fixtures of the tests that need a cloud: one emulated AWS for a whole session, or the whole platform.

`cloud` is ministack alone with `infra/base.yaml` deployed. `platform` is `python -m tools.localcloud` as a person would
start it. Each has a folder and ports of its own, so they disturb neither each other nor a `make run`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx
import pytest

from tests.support.processes import PlatformProcess, free_port, start_platform
from tools import certificates
from tools.localcloud.access import ensure_token
from tools.localcloud.cloud import cloud_child, wait_until_ready
from tools.localcloud.config import REGION
from tools.localcloud.edge_account import ensure_edge
from tools.localcloud.environment import Credentials, application_environment, credential_environment
from tools.localcloud.identities import ensure_identities
from tools.localcloud.plan import EmulatedClients, root_session
from tools.localcloud.stack import deploy

VISIBILITY_SECONDS = 1
MAX_RECEIVES = 3
BASE_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Cloud:
    """An emulated AWS with the base stack in it.

    Attributes:
        endpoint: where it answers.
        outputs: what the base stack gave out.
        variables: the application's environment, except for credentials.
        identities: the credentials of each function's identity (`api`, `protect_image`, `sweep`, …).
        admin: a session that may do everything.
    """

    endpoint: str
    outputs: dict[str, str]
    variables: dict[str, str]
    identities: dict[str, Credentials]
    admin: boto3.Session

    def env(self, identity: str) -> dict[str, str]:
        """Return every variable of a function that runs as `identity`."""
        return {**self.variables, **credential_environment(self.identities[identity])}

    def session(self, identity: str) -> boto3.Session:
        """Return a session that may do what `identity` may do."""
        credentials = self.identities[identity]
        return boto3.Session(credentials.access_key_id, credentials.secret_access_key, region_name=REGION)

    def token(self, name: str, group: str | None = None) -> str:
        """Return an access token of the user `name`, who is made if needed."""
        return ensure_token(
            endpoint=self.endpoint,
            pool=self.outputs["UserPoolId"],
            client_id=self.outputs["UserPoolClientId"],
            name=name,
            password="a password for tests",
            group=group,
        )


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One emulated AWS for the session. Tests share it: they make things of their own and count nothing in total."""
    directory = tmp_path_factory.mktemp("cloud")
    port = free_port()
    child = cloud_child(port, directory)
    child.start()
    try:
        wait_until_ready(child, port)
        endpoint = f"http://127.0.0.1:{port}"
        admin = root_session()
        parameters = {
            "ProtectVisibilitySeconds": str(VISIBILITY_SECONDS),
            "ProtectMaxReceives": str(MAX_RECEIVES),
            "WebOrigin": BASE_URL,
        }
        outputs = deploy(admin, endpoint, parameters)
        certificates.ensure(EmulatedClients(admin, endpoint), outputs)
        ensure_edge(EmulatedClients(admin, endpoint), outputs)
        identities = ensure_identities(admin, endpoint, outputs)
        variables = application_environment(outputs, endpoint=endpoint, base_url=BASE_URL)
        yield Cloud(endpoint, outputs, variables, identities, admin)
    finally:
        child.stop()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """The whole platform for the session, on `platform.base_url`."""
    with running_platform(tmp_path_factory.mktemp("platform")) as process:
        yield process


@contextmanager
def running_platform(directory: Path, **environ: str) -> Iterator[PlatformProcess]:
    """Run a whole platform of one's own that keeps its state in `directory`, with more variables from `environ`."""
    process = start_platform(directory, environ)
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.stop()


@pytest.fixture
def http(platform: PlatformProcess) -> Iterator[httpx.Client]:
    """A client of the whole platform, as a stranger."""
    with httpx.Client(base_url=platform.base_url, timeout=30, trust_env=False) as client:
        yield client
