"""Who gets which address of a picture's files."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.domain import clock
from chalicelib.domain.noai import DataMining
from chalicelib.services.addresses import SECONDS
from tests.support.fakes import ARTIST, World


def of(url: str) -> tuple[str, str, str | None]:
    """Return an address's path, what its signature is for, and until when that works."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return parts.path, asked.get("of", [""])[0], asked.get("until", [None])[0]


@pytest.mark.parametrize(("choice", "path"), [("ai-training", "media"), ("all", "unindexed"), ("allowed", "open")])
def test_what_is_public_has_one_address_for_all(world: World, choice: DataMining, path: str) -> None:
    media_id = world.ready(data_mining=choice)
    world.post(media_id)
    media = world.media.rows[media_id]
    for viewer in (None, ARTIST, "another"):
        address = world.addresses.to(viewer).picture(media)
        assert of(address("a.webp")) == (f"/{path}/{media_id}/a.webp", "", None)


def test_what_is_held_has_an_address_that_ends(world: World) -> None:
    media = world.media.rows[world.ready()]
    address = world.addresses.to(ARTIST).picture(media)
    path, signed, until = of(address("a.webp"))
    assert (path, signed) == (f"/held/{media.media_id}/a.webp", f"https://media.test/held/{media.media_id}/*")
    assert until is not None
    left = clock.from_text(until) - world.now.moment
    assert timedelta(seconds=SECONDS) <= left <= timedelta(seconds=2 * SECONDS)
    assert world.addresses.to(ARTIST).picture(media)("a.webp") == address("a.webp"), "clients may keep it"
    world.now.advance(SECONDS)
    assert of(world.addresses.to(ARTIST).picture(media)("a.webp"))[2] != until


def test_an_answer_that_is_the_same_for_everyone_holds_no_signature(world: World) -> None:
    media = world.media.rows[world.ready()]
    assert of(world.addresses.to(None).picture(media)("a.webp"))[0] == f"/media/{media.media_id}/a.webp"


@pytest.mark.parametrize("exposure", ["changing", "public"])
def test_what_is_about_to_be_public_is_not_signed(world: World, exposure: str) -> None:
    media = replace(world.media.rows[world.ready()], exposure=exposure)  # type: ignore[arg-type]  # one of them
    assert of(world.addresses.to(ARTIST).picture(media)("a.webp"))[1] == ""


@pytest.mark.parametrize(("shown", "path"), [(True, "media"), (False, "held")])
def test_a_cards_cover_is_where_the_post_is(world: World, shown: bool, path: str) -> None:
    media_id = world.ready()
    cover = world.posts.cards[world.post(media_id, visibility="private")].cover
    assert cover is not None
    assert of(world.addresses.to(ARTIST).cover(cover, shown=shown)("a.webp"))[0] == f"/{path}/{media_id}/a.webp"
    assert of(world.addresses.to(None).cover(cover, shown=shown)("a.webp"))[0] == f"/media/{media_id}/a.webp"
