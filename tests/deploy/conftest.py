"""One emulated AWS account for the tests that deploy, and a stage in it."""

from collections.abc import Iterator

import pytest

from tests.deploy.checkout import Checkout, DeployedStage, copy_checkout
from tools.localcloud.cloud import choose_port, cloud_child, wait_until_ready


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulated AWS account of its own; where it answers."""
    port = choose_port(None)
    child = cloud_child(port, tmp_path_factory.mktemp("account"))
    child.start()
    try:
        wait_until_ready(child, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


@pytest.fixture(scope="session")
def checkout(account: str, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout of its own, so that no test leaves anything in this one."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"), account)


@pytest.fixture(scope="session")
def alpha(checkout: Checkout) -> DeployedStage:
    """The stage alpha, deployed by one command, in an account that had nothing."""
    checkout.configure("alpha")
    done = checkout.deploy("apply", "--stage", "alpha")
    assert done.code == 0, done.output
    return DeployedStage(checkout, "alpha")
