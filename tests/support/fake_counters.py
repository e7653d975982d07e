"""Counters in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.domain.counters import PostCounters, ProfileCounters


@dataclass
class FakeCounters:
    """As :class:`chalicelib.services.ports.CounterStore`; tests set what was counted."""

    posts: dict[str, PostCounters] = field(default_factory=dict)
    profiles: dict[str, ProfileCounters] = field(default_factory=dict)

    def of_post(self, post_id: str) -> PostCounters:
        return self.posts.get(post_id, PostCounters())

    def of_posts(self, post_ids: Iterable[str]) -> dict[str, PostCounters]:
        return {post_id: self.of_post(post_id) for post_id in post_ids}

    def of_profile(self, account_id: str) -> ProfileCounters:
        return self.profiles.get(account_id, ProfileCounters())
