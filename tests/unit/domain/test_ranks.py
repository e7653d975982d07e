"""Places between others."""

import random

import pytest

from chalicelib.domain.posts import portfolio_ranks, rank_between
from chalicelib.domain.ranks import MAX_LENGTH, between

POSTS = ("2026-11-25T08:00:00.000Z#01KB0", "2026-11-26T08:00:00.000Z#01KB1", "~2026-11-26T08:00:00.000Z#050#01KB2")


def test_a_place_is_between_whatever_is_behind_it() -> None:
    chosen = random.Random(4)
    keys = sorted(POSTS)
    for number in range(1500):
        at = chosen.randrange(len(keys))
        low, high = keys[at - 1] if at else "", keys[at]
        key = f"{between(low, high)}#{number:026}"
        assert low < key < high
        keys.insert(at, key)
    assert max(map(len, keys)) < 120


@pytest.mark.parametrize("down", [True, False])
def test_the_same_gap_again_and_again(down: bool) -> None:
    low, high = POSTS[:2]
    for number in range(1000):
        key = f"{between(low, high)}#{number:026}"
        assert low < key < high
        low, high = (low, key) if down else (key, high)
    assert len(key) < MAX_LENGTH


def test_there_is_an_end_to_it() -> None:
    low = "a" * (MAX_LENGTH + 1)
    with pytest.raises(ValueError, match="room"):
        between(low, low + "b")


def test_a_rank_of_the_time_is_above_all_places() -> None:
    from chalicelib.domain import clock

    first = f"~{portfolio_ranks(1, clock.now())[0]}#x"
    assert rank_between(POSTS[1], POSTS[2]).removeprefix("=") < POSTS[2] < first
