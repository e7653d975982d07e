"""One emulated AWS account for the tests that deploy, and a stage in it; and the layers, built once."""

import fcntl
from collections.abc import Iterator

import pytest

from tests.deploy.checkout import ARCHITECTURE, Checkout, DeployedStage, copy_checkout
from tests.support.processes import free_port
from tools import build_layers
from tools.localcloud.cloud import cloud_child, wait_until_ready


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulated AWS account of its own; where it answers."""
    port = free_port()
    child = cloud_child(port, tmp_path_factory.mktemp("account"))
    child.start()
    try:
        wait_until_ready(child, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


@pytest.fixture(scope="session")
def built_layers() -> list[build_layers.Layer]:
    """The layers for this machine in .local/layers: built, unless building would give what is there already."""
    build_layers.OUT.mkdir(parents=True, exist_ok=True)
    with (build_layers.OUT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two sessions at the same time need one build
        names, out = build_layers.LAYERS, build_layers.OUT
        return build_layers.current(names, ARCHITECTURE, out) or build_layers.build(names, ARCHITECTURE, out)


@pytest.fixture(scope="session")
def checkout(
    account: str, built_layers: list[build_layers.Layer], tmp_path_factory: pytest.TempPathFactory
) -> Checkout:
    """A checkout of its own, so that no test leaves anything in this one."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"), account, built_layers)


@pytest.fixture(scope="session")
def alpha(checkout: Checkout) -> DeployedStage:
    """The stage alpha, deployed by one command, in an account that had nothing."""
    checkout.configure("alpha")
    done = checkout.deploy("apply", "--stage", "alpha")
    assert done.code == 0, done.output
    return DeployedStage(checkout, "alpha")
