"""What is published is registered, and who comes near another artist's work is told of it, as that artist is."""

import hashlib
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain import clock
from chalicelib.domain.allowances import TooManyRequestsError, client_key
from chalicelib.domain.errors import InvalidError, TemporaryError
from chalicelib.domain.fingerprints import Fingerprint
from chalicelib.domain.noai import DataMining
from chalicelib.domain.works import Match, entries
from chalicelib.services import registry
from chalicelib.services.registry import LOOKUPS, MOST_CANDIDATES, Registered
from chalicelib.services.works import MOST_TOLD
from tests.support.fakes import ARTIST, World, look_of

THIEF = "artist-2"


@pytest.fixture
def both(world: World) -> World:
    """A world with another artist in it, and a painting of the first that is published."""
    world.join(THIEF, "tom")
    return world


def paint(world: World, data: bytes, account_id: str = ARTIST) -> str:
    """Upload a picture of some bytes, have it protected, and return its id."""
    media = world.upload(account_id)
    world.originals.files[media.original_key] = data
    world.handle(media.media_id)
    return media.media_id


def publish(world: World, data: bytes, account_id: str = ARTIST) -> str:
    media_id = paint(world, data, account_id)
    world.post(media_id, account_id=account_id)
    return media_id


def look_again(world: World, media_id: str, look: Fingerprint) -> None:
    """Give a picture another look, and see what it is near."""
    media = world.media.rows[media_id]
    assert media.picture is not None
    world.media.rows[media_id] = replace(media, picture=replace(media.picture, fingerprints=(look,)))
    world.works.check(world.media.rows[media_id])


def turned(look: Fingerprint, bits: int, detail_bits: int = 0) -> Fingerprint:
    """Return a look that differs in some of its weakest bits."""
    value, detail = int(look.hash, 16), int(look.detail, 16)
    for place in range(bits):
        value ^= 1 << (63 - place * 3)
    return replace(look, hash=f"{value:016x}", detail=f"{detail ^ (1 << detail_bits) - 1:064x}")


def of(world: World, account_id: str) -> list[Match]:
    return list(world.matches.of_account(account_id, limit=50, position=None).matches)


def told(world: World, account_id: str) -> list[tuple[str, str, str]]:
    return [(match.role, match.media_id, match.other_id) for match in of(world, account_id)]


def test_what_is_published_is_registered_and_what_is_withdrawn_is_not(world: World) -> None:
    media_id = paint(world, b"painting")
    assert world.registered.rows == {}
    post_id = world.post(media_id)
    registered = dict(world.registered.rows)
    assert {entry.media_id for works in registered.values() for entry in works} == {media_id}
    assert len(registered) == 3 + 15, "the upload, two files, fifteen buckets of its look"
    world.change(post_id, visibility="private")
    assert world.registered.rows == {}
    world.change(post_id, visibility="public")
    assert world.registered.rows == registered
    world.post_service.delete(post_id, ARTIST, set())
    assert world.registered.rows == {}


def test_an_upload_near_another_artists_work_is_told_to_both_and_to_moderators(both: World) -> None:
    original = publish(both, b"painting")
    upload = paint(both, b"painting", THIEF)
    assert both.media.rows[upload].state == "ready", "it is not refused by itself"
    assert told(both, THIEF) == [("uploader", upload, original)]
    assert told(both, ARTIST) == [("original", original, upload)]
    (case,) = both.cases.rows.values()
    assert (case.kind, case.target, case.opened_by) == ("near-duplicate", f"media/{upload}", None)
    assert [original in each for each in case.evidence] == [True]


def test_it_is_told_once_however_often_it_is_found(both: World) -> None:
    publish(both, b"painting")
    upload = publish(both, b"painting", THIEF)
    before = (dict(both.matches.rows), dict(both.cases.rows))
    both.handle(upload)
    both.works.check(both.media.rows[upload])
    assert (both.matches.rows, both.cases.rows) == before
    assert len(both.matches.rows) == 2


def test_who_announced_it_first_was_first_whoever_published_first(both: World) -> None:
    original = paint(both, b"painting")
    upload = publish(both, b"painting", THIEF)
    assert told(both, ARTIST) == []
    both.post(original)
    assert told(both, ARTIST) == [("original", original, upload)]
    assert told(both, THIEF) == [("uploader", upload, original)]
    assert [case.target for case in both.cases.rows.values()] == [f"media/{upload}"]


def test_protecting_anew_leaves_the_first_the_first(both: World) -> None:
    original = publish(both, b"painting")
    paint(both, b"painting", THIEF)
    before = dict(both.matches.rows)
    media = both.media.rows[original]
    assert media.picture is not None
    later = replace(media.picture, protected_at=clock.later(both.now(), 3600))
    both.media.rows[original] = anew = replace(media, picture=later)
    both.works.check(anew)
    both.works.register(anew)
    assert both.matches.rows == before


def test_own_pictures_and_others_are_no_match(both: World) -> None:
    publish(both, b"painting")
    publish(both, b"painting")
    publish(both, b"another painting", THIEF)
    assert both.matches.rows == {}
    assert both.cases.rows == {}


def test_own_variations_do_not_hide_anothers_work(both: World) -> None:
    own = [publish(both, b"painting", THIEF) for _ in range(25)]
    original = publish(both, b"painting")
    assert len(told(both, ARTIST)) == MOST_TOLD
    upload = paint(both, b"painting", THIEF)
    assert ("uploader", upload, original) in told(both, THIEF)
    assert {media_id for _, media_id, _ in told(both, THIEF)} <= {*own, upload}


@pytest.mark.parametrize(
    ("bits", "detail_bits", "found"), [(0, 0, True), (6, 68, True), (6, 69, False), (11, 0, False)]
)
def test_how_near_is_near(both: World, bits: int, detail_bits: int, *, found: bool) -> None:
    publish(both, b"painting")
    upload = paint(both, b"something else", THIEF)
    look_again(both, upload, turned(look_of(b"painting"), bits, detail_bits))
    assert [match.distance for match in of(both, THIEF)] == ([bits] if found else [])


def test_a_mirror_image_is_near(both: World) -> None:
    publish(both, b"painting")
    upload = paint(both, b"something else", THIEF)
    look_again(both, upload, turned(look_of(b"painting").mirrored, 2))
    assert [(match.distance, match.mirrored) for match in of(both, THIEF)] == [(2, True)]


def test_the_same_file_is_near_though_it_has_no_look(both: World) -> None:
    original = publish(both, b"plain")
    media = both.media.rows[original]
    assert media.picture is not None
    both.works.withdraw(media)
    both.media.rows[original] = bare = replace(media, picture=replace(media.picture, fingerprints=()))
    both.works.register(bare)
    served = b"webp 320 plain"
    assert hashlib.sha256(served).hexdigest() in {each.sha256 for each in media.picture.renditions}
    for data in (b"plain", served):
        assert told(both, THIEF)[:-1] == []
        upload = paint(both, data, THIEF)
        assert told(both, THIEF)[0] == ("uploader", upload, original)


def test_a_search_that_fails_is_taken_up_by_the_next_try(both: World) -> None:
    publish(both, b"painting")
    media = both.upload(THIEF)
    both.originals.files[media.original_key] = b"painting"
    both.steps.fail_at(1, TemporaryError("throttled"), "works.find")
    with pytest.raises(TemporaryError):
        both.handle(media.media_id)
    both.steps.forget()
    both.handle(media.media_id)
    assert len(told(both, THIEF)) == 1


def test_of_the_other_picture_only_what_is_public_is_shown(both: World) -> None:
    original = publish(both, b"painting")
    upload = paint(both, b"painting", THIEF)

    def shown(account_id: str) -> list[tuple[Any, ...]]:
        views = both.works.list_matches(account_id, limit=20, position=None).matches
        return [(view.other and view.other.media_id, view.profile and view.profile.fields.handle) for view in views]

    assert shown(THIEF) == [(original, "ada")]
    assert shown(ARTIST) == [(None, None)]
    both.post(upload, account_id=THIEF)
    assert shown(ARTIST) == [(upload, "tom")]


def test_matches_are_listed_newest_first_page_by_page(both: World) -> None:
    publish(both, b"painting")
    uploads = [paint(both, b"painting", THIEF) for _ in range(5)]
    seen: list[str] = []
    position: str | None = None
    while True:
        page = both.works.list_matches(ARTIST, limit=2, position=position)
        seen += [view.match.other_id for view in page.matches]
        position = page.position
        if position is None:
            break
    assert seen == uploads[::-1]


def test_nothing_is_left_of_a_picture_that_is_forgotten(both: World) -> None:
    original = publish(both, b"painting")
    paint(both, b"painting", THIEF)
    both.works.forget(both.media.rows[original])
    assert both.registered.rows == {}
    assert both.matches.rows == {}


# ---------------------------------------------------------------- the registry


def asked(world: World, digits: str) -> Registered:
    (found,) = world.registry.find([digits])
    return found


def choose(world: World, media_id: str, choice: DataMining, look: Fingerprint) -> None:
    """Give a published work a choice and a look, and register it with them."""
    media = world.media.rows[media_id]
    assert media.picture is not None
    media = replace(media, picture=replace(media.picture, fingerprints=(look,), data_mining=choice))
    world.media.rows[media_id] = media
    world.works.works.add(entries(media))


def test_the_registry_knows_files_and_looks_of_what_is_published(world: World) -> None:
    media_id = publish(world, b"painting")
    picture = world.media.rows[media_id].picture
    assert picture is not None
    for digits in (hashlib.sha256(b"painting").hexdigest(), *(each.sha256 for each in picture.renditions)):
        found = asked(world, digits)
        assert (found.by, found.distance, found.media and found.media.media_id) == ("file", 0, media_id)
    look = look_of(b"painting")
    found = asked(world, look.hash)
    assert (found.by, found.distance, found.data_mining) == ("look", 0, "ai-training")
    assert found.profile is not None
    assert found.profile.fields.handle == "ada"
    assert asked(world, look_of(b"unknown").hash) == Registered(look_of(b"unknown").hash)


@pytest.mark.parametrize(("bits", "alone", "in_detail"), [(4, True, True), (5, False, True), (6, False, True)])
def test_a_hash_with_its_detail_is_found_from_farther_than_one_alone(
    world: World, bits: int, *, alone: bool, in_detail: bool
) -> None:
    publish(world, b"painting")
    look = turned(look_of(b"painting"), bits, 40)
    assert (asked(world, look.hash).media is not None) == alone
    assert (asked(world, look.long_hash).media is not None) == in_detail
    stranger = look.hash + look_of(b"unknown").detail
    assert asked(world, stranger).media is None


def test_the_strictest_choice_counts_and_the_first_work_is_named(both: World) -> None:
    original = publish(both, b"painting")
    publish(both, b"painting", THIEF)
    media = both.media.rows[original]
    assert media.picture is not None
    both.media.rows[original] = replace(media, picture=replace(media.picture, data_mining="allowed"))
    found = asked(both, look_of(b"painting").hash)
    assert (found.data_mining, found.media and found.media.media_id) == ("ai-training", original)


@pytest.mark.parametrize("most", [20, 2])
def test_copies_do_not_hide_the_original_however_near_and_many(both: World, most: int) -> None:
    original = publish(both, b"painting")
    both.registered.rows.clear()
    choose(both, original, "all", turned(look_of(b"painting"), 1))
    for _ in range(3):
        choose(both, publish(both, b"painting", THIEF), "allowed", look_of(b"painting"))
    with mock.patch.object(registry, "MOST_CANDIDATES", most):
        found = asked(both, look_of(b"painting").hash)
    assert (found.data_mining, found.media and found.media.media_id) == ("all", original)


def test_a_stricter_copy_and_the_nearest_count_among_many(both: World) -> None:
    for number in range(6):
        choose(both, publish(both, b"painting", THIEF), "allowed" if number < 5 else "all", look_of(b"painting"))
    assert asked(both, look_of(b"painting").hash).data_mining == "all"
    assert asked(both, hashlib.sha256(b"painting").hexdigest()).data_mining == "all"


@pytest.mark.parametrize("digits", [look_of(b"painting").hash, hashlib.sha256(b"painting").hexdigest()])
def test_a_crowd_that_nothing_shows_hides_no_work(both: World, digits: str) -> None:
    for _ in range(MOST_CANDIDATES + 5):
        hidden = both.media.rows[paint(both, b"painting", THIEF)]
        both.registered.add(entries(hidden))
    original = publish(both, b"painting")
    found = asked(both, digits)
    assert found.media is not None
    assert found.media.media_id == original


def test_what_is_not_published_is_not_known(world: World) -> None:
    media_id = paint(world, b"painting")
    assert asked(world, look_of(b"painting").hash).media is None
    world.works.works.add(entries(world.media.rows[media_id]))
    assert asked(world, look_of(b"painting").hash).media is None, "an entry that was left behind tells nothing"


def test_a_lookup_asks_for_a_bounded_number_of_things(world: World) -> None:
    publish(world, b"painting")
    world.steps.forget()
    hashes = [look_of(b"%d" % number).hash for number in range(99)] + [look_of(b"painting").hash]
    assert [each.media is not None for each in world.registry.find(hashes)] == [False] * 99 + [True]
    assert world.steps.names == ["works.find", "media.get_many", "profiles.get_many"]


@pytest.mark.parametrize("digits", ["", "0" * 15, "0" * 63, "x" * 16, "0" * 128, "z" * 64, "0" * 63 + "A"])
def test_what_is_no_hash_is_refused(world: World, digits: str) -> None:
    with pytest.raises(InvalidError):
        world.registry.find([digits])


def test_a_client_has_an_allowance_a_minute(world: World) -> None:
    def look_up(address: str, account_id: str | None = None) -> int:
        _, allowance = world.registry.lookup(["0" * 16], account_id, address)
        return allowance.limit - allowance.used

    assert [look_up("192.0.2.1") for _ in range(LOOKUPS)][-1] == 0
    with pytest.raises(TooManyRequestsError) as refused:
        look_up("192.0.2.1")
    assert 0 < refused.value.allowance.resets_in <= 60
    assert look_up("192.0.2.2") == look_up("192.0.2.1", "an account") == LOOKUPS - 1
    world.now.advance(60)
    assert look_up("192.0.2.1") == LOOKUPS - 1


def test_a_client_is_counted_by_its_network() -> None:
    assert client_key(None, "2001:db8:1:2::1") == client_key(None, "2001:db8:1:2:ffff::1")
    assert client_key(None, "2001:db8:1:2::1") != client_key(None, "2001:db8:1:3::1")
    assert client_key(None, "192.0.2.1") != client_key(None, "192.0.2.2")
    assert "192.0.2.1" not in client_key(None, "192.0.2.1")
