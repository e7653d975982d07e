"""A world of its own for each test."""

import pytest

from tests.support.fakes import ARTIST, World


@pytest.fixture
def world() -> World:
    """A world with one artist in it."""
    world = World()
    world.join(ARTIST, "ada")
    return world
