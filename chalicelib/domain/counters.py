"""Counts that many people change at once: aggregated from the streams, a moment late and exact when it is quiet."""

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
