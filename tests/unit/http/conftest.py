"""The real application on an AWS in this process. Tests share it within a file, each with accounts of its own."""

from collections.abc import Iterator
from unittest import mock

import pytest

from tests.unit.http.api import Account, Api
from tests.unit.http.tokens import open_url
from tests.unit.support import emulated_aws


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with emulated_aws(), mock.patch("urllib.request.OpenerDirector.open", open_url):
        yield Api()


@pytest.fixture
def ada(api: Api) -> Account:
    """An artist with a profile."""
    return api.join()
