"""How much a client may ask for in a while, where answers cost more than others."""

import hashlib
import ipaddress
from dataclasses import dataclass

from chalicelib.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client may ask for within a window of time, and has.

    Attributes:
        limit: requests in a window.
        used: how many it has made in this one, the present one included.
        window_seconds: how long a window is.
        resets_in: seconds until the next.
    """

    limit: int
    used: int
    window_seconds: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell a client (draft-ietf-httpapi-ratelimit-headers-07)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.resets_in),
            "RateLimit-Policy": f"{self.limit};w={self.window_seconds}",
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """How often an account may do something within a window of ``seconds``.

    Each is far more than anybody does by hand, and bounds what one account can make the platform pay for, or others
    read, in a day. ``name`` tells the counters apart.
    """

    name: str
    number: int
    seconds: int = 24 * 3600


UPLOADS = Limit("uploads", 1000)
"""Each is protected: some seconds of a whole processor."""

POSTS = Limit("posts", 1000)
"""Posts made and changed: each is carried to followers, and to whatever lists it."""

SHOWN = Limit("shown", 1000)
"""Pictures that are opened to everyone: to have copies of one forgotten by the CDN, once it is hidden, costs $0.005.

Hiding is never refused; what is to be hidden must have been shown before.
"""

ORDERS = Limit("orders", 100)
"""Of a portfolio: each writes up to 50 posts."""

NAMES = Limit("names", 10)
"""Changes of what all posts, comments and lists show of somebody, each of which is written anew, and of the cover."""

PROTECTION = Limit("protection", 4)
"""Turns of approving followers: each closes or opens all pictures of an account."""

RELATIONS = Limit("relations", 1000)
"""Follows, blocks and mutes: each rewrites what an account is not to see, and fills or clears feeds."""

REACTIONS = Limit("reactions", 3000)
"""Likes, bookmarks and reposts, together: each writes three units and tells somebody; one every 20 seconds for 16
hours. To take one back is never refused."""

LOOKING = Limit("looking", 20)
"""Changes of what verified studios find an artist by: each writes up to some hundred items. To be found no more, or to
say it to fewer, is never refused."""

ALERTS = Limit("alerts", 200)
"""Job alerts made: an account has 20 at a time."""

STUDIOS = Limit("studios", 10)
"""Made: a slug is taken for good, and whoever hands a studio over may make another."""

INVITATIONS = Limit("invitations", 100)
"""To studios: each is told to somebody, and 20 that wait keep others from inviting them."""

JOBS = Limit("jobs", 200)
"""Jobs made and changed: each is listed anew under some hundred terms, or waits for a moderator."""

APPLICATIONS = Limit("applications", 100)
"""Sent: each is read by people."""

RESUMES = Limit("resumes", 100)
"""Announced: each file is read by a function."""

COMMENTS = Limit("comments", 1000)
CONVERSATIONS = Limit("conversations", 200)
"""Begun: whoever writes to more people in a day writes to strangers."""

MESSAGES = Limit("messages", 3000)
EXPORTS = Limit("exports", 5)
"""Each reads all that is held of an account, and is kept a day."""


WAITS = Limit("waits", 120, 60)
"""Answers that are held until something changes, 20 seconds at most: 40 of an account at the same time."""


class TooManyRequestsError(DomainError):
    """The client has used up its allowance."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, allowance: Allowance) -> None:
        """Take the allowance that was used up."""
        super().__init__(f"Wait {allowance.resets_in} seconds, then go on more slowly.")
        self.allowance = allowance


def client_key(account_id: str | None, address: str) -> str:
    """Return what a client is counted by: a digest of its account, or of its address.

    Of IPv6 the first 64 bits count, which one connection has all of.
    """
    named = f"account {account_id}" if account_id else f"address {_network(address)}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
