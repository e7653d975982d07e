"""Cards as most posts have them."""

import random
import secrets
import uuid

from chalicelib.domain.cards import CardAuthor, SharedCard
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Card, CardCover

_WORDS = (
    "river mountain quiet morning blue gold ashes iron stranger lantern hollow winter market glass thunder sparrow "
    "orchard cathedral meadow bridge"
).split()
_BASE83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def _some(count: int) -> list[str]:
    return random.sample(_WORDS, count)


def usual_card(post_id: str = "") -> SharedCard:
    """Return the card of a post with a title, a picture with an alternative text, and five tags; no two are alike."""
    cover = CardCover(
        media_id=new_id(),
        width=2048,
        height=1365,
        blurhash="".join(random.choices(_BASE83, k=28)),
        alt=" ".join(_some(9)),
        thumbnails=(
            (320, 213, "webp", f"{secrets.token_hex(16)}.webp"),
            (640, 427, "webp", f"{secrets.token_hex(16)}.webp"),
        ),
    )
    card = Card(
        post_id=post_id or new_id(),
        title=" ".join(_some(5)).capitalize(),
        state="published",
        visibility="public",
        portfolio=True,
        published_at="2026-11-26T03:51:13.220Z",
        created_at="2026-11-26T03:49:44.118Z",
        media_count=3,
        content_warnings=("nudity",),
        cover=cover,
        tags=(*_some(4), "illustration"),
    )
    return SharedCard(card, CardAuthor(str(uuid.uuid4()), "_".join(_some(2)), " ".join(_some(2)).title()))
