"""Fixtures for all tiers."""

import os

from tools.localcloud.environment import ONE_THREAD

os.environ.update(ONE_THREAD)

pytest_plugins = ["tests.support.cloud"]
