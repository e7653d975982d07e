"""Where a picture's files are fetched: by everyone, or by whoever was given a signed address that soon ends.

This is the one place that decides it; handlers, lists and pages ask here. Whether somebody may see a picture at all is
decided before, by what shows it: a post, a profile, a case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain import clock
from chalicelib.domain.media import Media
from chalicelib.domain.noai import DataMining, prefix
from chalicelib.domain.posts import CardCover
from chalicelib.services.ports import Clock, SignAddress

HELD = "held"
"""First part of the addresses that must be signed."""

SECONDS = 15 * 60
"""A signed address works for at least so long, and for twice that at most: until a round quarter of an hour, so that a
client which asks again in between gets the same one."""

type Address = Callable[[str], str]
"""Returns the address of a picture's file, by its name."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Gives addresses.

    Attributes:
        base_url: what a key is appended to, without a trailing slash.
        sign: see :class:`chalicelib.links.LinkSigner`.
    """

    base_url: str
    sign: SignAddress
    now: Clock = clock.now

    def public(self, media_id: str, choice: DataMining) -> Address:
        """Return addresses for everyone, below the path of the artist's choice; 403 while nothing shows the picture."""
        return lambda name: f"{self.base_url}/{prefix(choice)}/{media_id}/{name}"

    def signed(self, media_id: str, seconds: int = SECONDS) -> Address:
        """Return addresses for who asks, whatever shows the picture. One signature is good for all its files."""
        ends = (int(self.now().timestamp()) // seconds + 2) * seconds
        resource = f"{self.base_url}/{HELD}/{media_id}"
        query = self.sign(f"{resource}/*", datetime.fromtimestamp(ends, UTC))
        return lambda name: f"{resource}/{name}?{query}"

    def to(self, viewer: str | None) -> "Seen":
        """Return the addresses for an account; None for answers that are the same for everyone, and may be kept."""
        return Seen(self, viewer)


@dataclass(frozen=True, slots=True)
class Seen:
    """Addresses for one viewer, who may see what is asked for."""

    addresses: Addresses
    viewer: str | None

    def picture(self, media: Media) -> Address:
        """Return addresses of a picture's files."""
        if self.viewer is None or media.exposure != "held":
            return self.addresses.public(media.media_id, media.data_mining)
        return self.addresses.signed(media.media_id)

    def cover(self, cover: CardCover, *, shown: bool) -> Address:
        """Return addresses of a card's cover; ``shown`` tells whether everyone may see the post, and so the picture."""
        if self.viewer is None or shown:
            return self.addresses.public(cover.media_id, cover.data_mining)
        return self.addresses.signed(cover.media_id)
