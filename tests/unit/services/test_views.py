"""Views: few writes for many views, and what is lost when a process ends."""

from collections import Counter

import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.services.views import HELD_SECONDS, MOST_HELD, MOST_POSTS, BufferedViews


class Store:
    def __init__(self) -> None:
        self.views: Counter[str] = Counter()
        self.writes = 0
        self.away = False

    def add_views(self, post_id: str, number: int) -> None:
        if self.away:
            raise TemporaryError("away")
        self.writes += 1
        self.views[post_id] += number


@pytest.fixture
def store() -> Store:
    return Store()


def test_many_views_of_one_post_are_few_writes(store: Store) -> None:
    views = BufferedViews(store, clock=lambda: 0.0)
    for _ in range(10 * MOST_HELD):
        views.add_views("famous")
    assert (store.views["famous"], store.writes) == (10 * MOST_HELD, 10)


def test_views_of_many_posts_are_not_held_for_long(store: Store) -> None:
    views = BufferedViews(store, clock=lambda: 0.0)
    for number in range(MOST_POSTS):
        views.add_views(str(number))
    assert store.views.total() == MOST_POSTS


def test_what_waited_is_written_with_the_next_view(store: Store) -> None:
    now = 0.0
    views = BufferedViews(store, clock=lambda: now)
    views.add_views("a")
    now = HELD_SECONDS - 0.1
    views.add_views("b")
    assert store.writes == 0
    now = HELD_SECONDS
    views.add_views("a", 3)
    assert store.views == {"a": 4, "b": 1}
    views.add_views("a")
    assert store.writes == 2
    views.flush()
    assert store.views["a"] == 5


def test_views_are_no_reason_to_fail(store: Store) -> None:
    store.away = True
    views = BufferedViews(store, clock=lambda: 0.0)
    for _ in range(MOST_HELD):
        views.add_views("a")
    store.away = False
    views.flush()
    assert store.writes == 0, "what may have been written is not written again"
