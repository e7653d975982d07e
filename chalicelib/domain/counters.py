"""Counts that many people change at once: aggregated from the streams, a moment late and exact when it is quiet."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostCounters:
    """What was counted of a post."""

    likes: int = 0
    comments: int = 0
    reposts: int = 0
    views: int = 0


@dataclass(frozen=True, slots=True)
class ProfileCounters:
    """What was counted of an account."""

    followers: int = 0
    following: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """What one batch of changes adds to one counter.

    Attributes:
        key: of the counter, see :func:`post_key` and :func:`profile_key`.
        changes: what is added, or taken off, by the names of the counts.
        batch: names the batch: the same changes told again have the same.
    """

    key: str
    changes: Mapping[str, int]
    batch: str


def post_key(post_id: str) -> str:
    """Return the key of a post's counter."""
    return f"post#{post_id}"


def profile_key(account_id: str) -> str:
    """Return the key of an account's counter."""
    return f"profile#{account_id}"
