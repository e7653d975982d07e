"""Cards of posts as the lists of many artists' posts keep them: small, because a page of 20 must cost one read unit.

A card is some 850 bytes of JSON. Two thirds of it are the same in every card, and half of the rest are ids, in base 16
or 32, which deflate cannot shorten much. So ids are taken out as the 16 bytes that they are, and what is left is
deflated against a dictionary. What the item's key says is left out: when the post was published, and its id, which
tells when it was made. That leaves some 250.
"""

import re
from dataclasses import replace

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.ids import id_bytes, id_of, made_at
from chalicelib.repositories.packing import CARD_DICTIONARY, card_json, pack, shared_cards, unpack

MOST_ALT = 100
"""Characters of a cover's description that lists of many artists' posts show."""

_ID = re.compile(
    r"(?<![0-9A-Za-z-])(?:([0-9a-f]{32})|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|([0-7][0-9A-HJKMNP-TV-Z]{25}))"
    r"(?![0-9A-Za-z-])"
)
_PLACES = "\x01\x02\x03"
"""What stands for an id in the text, by its form. JSON writes these characters otherwise, so that no text has them."""

_BYTES = 16


def encode(card: SharedCard) -> bytes:
    """Return a card without its id and its times, which its place says."""
    cover = card.card.cover
    kept = replace(
        card.card,
        post_id="",
        published_at=None,
        created_at="",
        cover=replace(cover, alt=cover.alt[:MOST_ALT], thumbnails=cover.thumbnails[:2]) if cover else None,
    )
    ids: list[bytes] = []

    def take(found: re.Match[str]) -> str:
        digits, grouped, ulid = found.groups()
        ids.append(id_bytes(ulid) if ulid else bytes.fromhex(digits or grouped.replace("-", "")))
        return _PLACES[0 if digits else 1 if grouped else 2]

    text = _ID.sub(take, card_json(replace(card, card=kept)).decode())
    return bytes([len(ids)]) + b"".join(ids) + pack(text.encode(), CARD_DICTIONARY)


def decode(packed: bytes, position: str) -> SharedCard:
    """Return the card that stands at a place, ``{published_at}#{post_id}``.

    Raises:
        ValueError, zlib.error: it was not made by :func:`encode`.
    """
    end = 1 + packed[0] * _BYTES
    ids = iter([packed[at : at + _BYTES] for at in range(1, end, _BYTES)])
    text = unpack(packed[end:], CARD_DICTIONARY).decode()
    card = shared_cards().validate_json(re.sub(f"[{_PLACES}]", lambda place: _written(place[0], next(ids)), text))
    published_at, _, post_id = position.partition("#")
    created_at = clock.to_text(made_at(post_id))
    known = replace(card.card, post_id=post_id, published_at=published_at, created_at=created_at)
    return replace(card, card=known)


def _written(place: str, raw: bytes) -> str:
    if place == _PLACES[2]:
        return id_of(raw)
    digits = raw.hex()
    return (
        digits
        if place == _PLACES[0]
        else "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    )
