"""Views of posts: counted without storing who looked, and without a write for each.

A post that everybody looks at would otherwise have a write for each view, a thousand a second on one item. So each
process holds views back and writes them together: once it has many, once they are of many posts, or at the first view
after they have waited. What a process still holds when it is frozen for good is lost: fewer than ``MOST_HELD`` views,
and where views are few, the last ones before a pause. Nothing is counted twice.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.errors import TemporaryError
from chalicelib.services.ports import ViewStore

MOST_HELD = 100
MOST_POSTS = 10
HELD_SECONDS = 5.0


@dataclass(slots=True)
class BufferedViews:
    """Counts views, a process's own for a moment."""

    store: ViewStore
    clock: Callable[[], float] = time.monotonic
    _held: Counter[str] = field(default_factory=Counter)
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_views(self, post_id: str, number: int = 1) -> None:
        """Count views of a post, now or with some of the next ones; it never fails: views are no reason to."""
        now = self.clock()
        with self._lock:
            self._since = self._since if self._held else now
            self._held[post_id] += number
            full = self._held.total() >= MOST_HELD or len(self._held) >= MOST_POSTS
            ready = self._held if full or now - self._since >= HELD_SECONDS else Counter[str]()
            if ready:
                self._held = Counter()
        self._write(ready)

    def flush(self) -> None:
        """Write all that is held back."""
        with self._lock:
            ready, self._held = self._held, Counter()
        self._write(ready)

    def _write(self, views: Counter[str]) -> None:
        for post_id, number in views.items():
            try:
                self.store.add_views(post_id, number)
            except TemporaryError:  # lost: to hold them for another time could count some twice
                continue
