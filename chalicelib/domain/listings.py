"""Public posts as they stand in the directory: in the order of publication, under each term that finds them."""

import zlib
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.cards import CardAuthor, SharedCard
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.search import post_terms

LATEST_SHARDS = 2
"""Partitions of a day of the latest posts: 2,000 posts a second, before DynamoDB splits them by itself."""

FIRST_YEAR = 2026
"""No post is older: where looking back over years ends."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A public post with all that it is found by.

    Attributes:
        position: ``{published_at}#{post_id}``, what lists are ordered by.
        shared: its card.
        terms: see :mod:`chalicelib.domain.search`.
    """

    position: str
    shared: SharedCard
    terms: tuple[str, ...]


def listing_of(post: Post, card: Card, author: CardAuthor) -> Listing | None:
    """Return how a post stands in the directory; None for one that is not public, or of a protected profile."""
    if not post.listed or post.published_at is None or author.protected:
        return None
    return Listing(post.order_key, SharedCard(card, author), post_terms(post.fields, author))


def latest_partition(day: str, shard: int) -> str:
    """Return one of the partitions of a day, ``2026-11-26``, of the latest posts."""
    return f"latest#{day}#{shard}"


def latest_place(position: str) -> str:
    """Return the partition of the latest posts in which a post stands."""
    return latest_partition(position[:10], zlib.crc32(position.encode()) % LATEST_SHARDS)


def term_partition(term: str, year: int) -> str:
    """Return the partition of a term: one a year."""
    return f"{term}#{year}"


def term_place(term: str, position: str) -> str:
    """Return the partition of a term in which a post stands."""
    return term_partition(term, int(position[:4]))


def day_before(day: str) -> str:
    """Return the day before another."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
