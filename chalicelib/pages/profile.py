"""``/@handle``: an artist, their portfolio, their posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from chalicelib.domain.counters import ProfileCounters
from chalicelib.domain.media import Media
from chalicelib.domain.noai import DEFAULT
from chalicelib.domain.posts import Card
from chalicelib.domain.profiles import Profile
from chalicelib.pages.document import Document
from chalicelib.pages.html import page
from chalicelib.pages.linked_data import profile_page as linked_data
from chalicelib.pages.pictures import Picture, of_cover, of_media
from chalicelib.pages.prose import excerpt, html_of
from chalicelib.pages.site import Site


@dataclass(frozen=True, slots=True)
class Listing:
    """Some posts of an artist: those of the portfolio or all, and the cursor of what follows; None at the end.

    ``pinned`` stand before them.
    """

    cards: Sequence[Card]
    portfolio: bool
    cursor: str | None
    pinned: Sequence[Card] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A post in the list."""

    card: Card
    picture: Picture | None


def profile_page(
    site: Site, profile: Profile, media: Mapping[str, Media], listing: Listing, counters: ProfileCounters
) -> Document:
    """Return an artist's page. `media` are the profile's own pictures by id.

    The page itself is always for search engines: each post says for itself where its artist chose otherwise.
    """
    fields = profile.fields
    avatar, cover = (
        of_media(site, media.get(media_id), f"{fields.display_name}, {kind}")
        if media_id and not profile.labels  # whoever wants to see them sees them in the app
        else None
        for media_id, kind in ((fields.avatar_media_id, "avatar"), (fields.cover_media_id, "cover"))
    )
    tiles = [Tile(card, of_cover(site, card.cover)) for card in listing.cards]
    pinned = [Tile(card, of_cover(site, card.cover)) for card in listing.pinned]
    name = f"{fields.display_name} (@{fields.handle})"
    return page(
        "profile.html",
        site,
        choice=DEFAULT,
        listed=not fields.protected,
        pictures=[avatar, cover, *(tile.picture for tile in (*pinned, *tiles))],
        profile=profile,
        name=name,
        description=excerpt(fields.bio) or f"The work of {name}.",
        bio=html_of(fields.bio, site),
        avatar=avatar,
        cover=cover,
        tiles=tiles,
        pinned=pinned,
        portfolio=listing.portfolio,
        following=_following(listing),
        counters=counters,
        linked_data=linked_data(profile, site, avatar, counters),
    )


def _following(listing: Listing) -> str | None:
    if listing.cursor is None:
        return None
    return "?" + urlencode({"show": "portfolio" if listing.portfolio else "posts", "after": listing.cursor})
