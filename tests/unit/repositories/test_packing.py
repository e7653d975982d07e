"""Packed cards: read back as they were, and small enough for a page to cost what it may."""

import base64
import json
from dataclasses import asdict, replace

import pytest

from chalicelib.domain.cards import CardAuthor, SharedCard
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Card, CardCover
from chalicelib.repositories.packing import CARD_DICTIONARY, SharedCardAttribute, pack, unpack
from tests.support.cards import usual_card


def test_what_is_packed_is_read_back() -> None:
    attribute = SharedCardAttribute()
    for card in (usual_card(), replace(usual_card(), card=replace(usual_card().card, cover=None, title="漢字 🎨"))):
        packed = attribute.serialize(card)
        assert attribute.deserialize(packed) == card
        assert attribute.deserialize(base64.b64encode(packed).decode()) == card, "as streams hand it on"


def test_a_usual_card_has_350_bytes_at_most() -> None:
    sizes = [len(SharedCardAttribute().serialize(usual_card())) for _ in range(50)]
    assert max(sizes) <= 350
    assert len(json.dumps(asdict(usual_card()))) > 800
    assert b"excerpt" not in unpack(SharedCardAttribute().serialize(usual_card()), CARD_DICTIONARY)


def test_a_card_that_was_packed_before_fields_were_added_is_still_read() -> None:
    bare = Card(new_id(), "x", "published", "public", False, None, "2026-01-01T00:00:00.000Z", 1, (), None)
    text = asdict(SharedCard(bare, CardAuthor("a", "ada", "Ada")))
    del text["card"]["tags"], text["author"]["protected"]
    packed = pack(json.dumps(text).encode(), CARD_DICTIONARY)
    assert SharedCardAttribute().deserialize(packed) == SharedCard(bare, CardAuthor("a", "ada", "Ada"))


def test_another_format_is_an_error_not_another_card() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        unpack(b"\x02" + pack(b"{}", CARD_DICTIONARY)[1:], CARD_DICTIONARY)


def test_a_cover_keeps_its_point() -> None:
    cover = CardCover("m", 1, 1, "L", "", (), focus=(0.25, 1.0))
    card = replace(usual_card(), card=replace(usual_card().card, cover=cover))
    read = SharedCardAttribute().deserialize(SharedCardAttribute().serialize(card))
    assert read.card.cover == cover
