"""Public posts made up for lists: cards of many artists, with no service in between."""

import secrets
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.cards import CardAuthor, SharedCard
from chalicelib.domain.ids import new_id
from chalicelib.domain.listings import Listing
from chalicelib.domain.posts import Card, CardCover, PostFields
from chalicelib.domain.search import post_terms

DAWN = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def author(handle: str = "ada_lovelace", name: str = "Ada Lovelace", **fields: Any) -> CardAuthor:
    """Return an author with an account of their own."""
    return CardAuthor(str(uuid.uuid4()), handle, name, **fields)


def cover(alt: str = "A green dragon beside a mountain lake at dawn") -> CardCover:
    """Return a cover with the files that real ones have."""
    sizes = ((320, 213), (640, 427))
    files = tuple((width, height, "webp", f"{secrets.token_hex(16)}.webp") for width, height in sizes)
    return CardCover(new_id(), 2048, 1365, "LEHV6nWB2yk8pyo0adR*.7kCMdnj", alt, files)


def listing(
    seconds: float = 0, *, by: CardAuthor | None = None, since: datetime = DAWN, title: str = "A study", **fields: Any
) -> Listing:
    """Return a post as it was listed some seconds after a moment; the fields are those of posts."""
    said = PostFields(title=title, **fields)
    moment, made_by = clock.to_text(since + timedelta(seconds=seconds)), by or author()
    card = Card(
        *(new_id(), title, "published", said.visibility, said.portfolio, moment, moment),
        *(1, said.content_warnings, cover()),
        tags=said.tags,
    )
    return Listing(f"{moment}#{card.post_id}", SharedCard(card, made_by), post_terms(said, made_by))


def like(given: Listing, **changes: Any) -> Listing:
    """Return a listing with another card."""
    return replace(given, shared=replace(given.shared, card=replace(given.shared.card, **changes)))
