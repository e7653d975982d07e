"""Home feeds: whom a reader follows, newest first, and nothing else.

Posts of most artists are pushed: an entry for each follower who reads. Those of artists with very many followers, the
hubs, are pulled: one entry for all, that readers who follow the hub merge in. See docs/adr/0032-home-feed.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.posts import Post

HUB_FOLLOWERS = 2000
"""Who has more followers is a hub from then on."""

ACTIVE_DAYS = 30
"""Who has read their feed within so many days is pushed to, and is shown all of so many days when they come back."""

KEPT_DAYS = 60
"""How long an entry is kept; the feed ends there."""

FRESH_SECONDS = 120
"""Posts of hubs that are not older are looked for again and again, as posts may come in another order than theirs."""

BACKFILL = 20
"""Posts that somebody sees of an artist whom they have just followed."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A post in a feed, at ``{published_at}#{post_id}``."""

    position: str
    shared: SharedCard

    @property
    def author_id(self) -> str:
        """Whose post it is."""
        return self.shared.author.account_id


@dataclass(frozen=True, slots=True)
class Hub:
    """An artist whose posts are pulled.

    Attributes:
        number: by which readers know it.
        settled: whether all of its readers do: until then its posts are pushed as well.
    """

    number: int
    settled: bool


@dataclass(frozen=True, slots=True)
class HubPost:
    """A hub's post, with the hub's number."""

    number: int
    entry: FeedEntry


@dataclass(frozen=True, slots=True)
class HubPosts:
    """Posts of a day, in no order, and the day's mark."""

    posts: tuple[HubPost, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of who reads a feed.

    Attributes:
        read_on: the last day, ``2026-11-26``, on which it was read.
        complete: whether all that belongs into it has been filled in since it was first read, or read again.
        hubs: the numbers of the hubs that the reader follows, as bits.
        version: grows with each change of the hubs.
        bounded: whether there may be bounds: people whom a block parts from the reader, mutes, muted words. It is noted
            before the first of them is, and not taken back.
    """

    read_on: str
    complete: bool = False
    hubs: bytes = b""
    version: int = 0
    bounded: bool = True

    def active(self, moment: datetime) -> bool:
        """Tell whether posts are pushed to the reader at a moment."""
        return self.read_on >= clock.to_text(moment - timedelta(days=ACTIVE_DAYS))[:10]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some entries, newest first.

    Attributes:
        entries: what was pushed.
        more: whether there may be more below them.
        state: of the reader, on the first page.
    """

    entries: tuple[FeedEntry, ...]
    more: bool
    state: FeedState | None = None


def pushable(post: Post) -> bool:
    """Tell whether a post belongs into feeds: of those who follow its author, and of the author."""
    return post.state == "published" and post.published_at is not None and shared_with(post.fields.visibility)


def shared_with(visibility: str) -> bool:
    """Tell whether a post of some visibility is shown to followers unasked."""
    return visibility in {"public", "followers"}


def has_hub(hubs: bytes, number: int) -> bool:
    """Tell whether some bits have a hub's."""
    return number // 8 < len(hubs) and bool(hubs[number // 8] >> (number % 8) & 1)


def with_hub(hubs: bytes, number: int, *, followed: bool) -> bytes:
    """Return bits with a hub's set, or not."""
    bits = bytearray(hubs.ljust(number // 8 + 1, b"\0"))
    if followed:
        bits[number // 8] |= 1 << number % 8
    else:
        bits[number // 8] &= ~(1 << number % 8)
    return bytes(bits).rstrip(b"\0")


def merged(pushed: Iterable[FeedEntry], pulled: Iterable[FeedEntry]) -> list[FeedEntry]:
    """Return entries of both kinds, newest first, each post once: what was pushed may be pulled as well."""
    found = {entry.position: entry for entry in (*pulled, *pushed)}
    return [found[position] for position in sorted(found, reverse=True)]
