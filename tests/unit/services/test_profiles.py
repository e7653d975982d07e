"""Creating and replacing profiles."""

from typing import Any

import pytest

from chalicelib.domain.counters import ProfileCounters
from chalicelib.domain.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError, TemporaryError
from chalicelib.domain.handles import CHANGE_DAYS, RESERVED_DAYS
from chalicelib.domain.profiles import ProfileFields
from tests.support.fakes import ARTIST, World, unknown_id
from tests.unit.services.invariants import check_at_rest

DAY = 24 * 3600
OTHER = "artist-2"


def put(world: World, account_id: str, handle: str, versions: set[int] | None = None, **fields: Any) -> int:
    view, _ = world.profile_service.put(account_id, ProfileFields(handle, "Name", **fields), versions)
    return view.profile.version


def conflict(world: World, account_id: str, handle: str) -> str:
    with pytest.raises(ConflictError) as caught:
        put(world, account_id, handle)
    return caught.value.code


def test_create_and_replace(world: World) -> None:
    view, created = world.profile_service.put(OTHER, ProfileFields("grace", "Grace"), None)
    assert created
    assert (view.profile.version, view.profile.handle_changed_at, view.profile.posts_count) == (1, None, 0)
    view, created = world.profile_service.put(OTHER, ProfileFields("grace", "Grace H.", bio="x"), None)
    assert not created
    assert view.profile.version == 2
    assert world.profile_service.get_by_handle("grace").profile == view.profile
    assert world.profile_service.get_own(OTHER).profile == view.profile


def test_profiles_that_are_not(world: World) -> None:
    with pytest.raises(NotFoundError) as caught:
        world.profile_service.get_own("nobody")
    assert caught.value.code == "profile-missing"
    for handle in ("nobody", "", "a b", "x" * 3000):
        with pytest.raises(NotFoundError):
            world.profile_service.get_by_handle(handle)


def test_replacing_keeps_the_count_of_posts(world: World) -> None:
    world.post()
    put(world, ARTIST, "ada")
    assert world.profiles.rows[ARTIST].posts_count == 1
    put(world, ARTIST, "ada_l")
    assert world.profiles.rows[ARTIST].posts_count == 1


def test_handle_changes_once_in_30_days(world: World) -> None:
    put(world, ARTIST, "ada_l")
    assert conflict(world, ARTIST, "ada_2") == "handle-locked"
    assert conflict(world, ARTIST, "ada") == "handle-locked"
    put(world, ARTIST, "ada_l")
    world.now.advance(CHANGE_DAYS * DAY - 60)
    assert conflict(world, ARTIST, "ada_2") == "handle-locked"
    world.now.advance(120)
    put(world, ARTIST, "ada_2")
    assert world.profile_service.get_by_handle("ada_2").profile.account_id == ARTIST


def test_old_handle_is_reserved_for_its_owner(world: World) -> None:
    put(world, ARTIST, "ada_l")
    with pytest.raises(NotFoundError):
        world.profile_service.get_by_handle("ada")
    assert conflict(world, OTHER, "ada") == "handle-taken"
    world.now.advance(CHANGE_DAYS * DAY)
    put(world, ARTIST, "ada")
    assert conflict(world, OTHER, "ada_l") == "handle-taken"
    world.now.advance(RESERVED_DAYS * DAY)
    put(world, OTHER, "ada_l")
    assert conflict(world, OTHER, "ada") == "handle-taken"


def test_handle_of_another(world: World) -> None:
    assert conflict(world, OTHER, "ada") == "handle-taken"
    put(world, OTHER, "grace")
    assert conflict(world, OTHER, "ada") == "handle-taken"
    assert world.profile_service.get_own(OTHER).profile.fields.handle == "grace"


def test_two_want_the_same_handle_at_once(world: World) -> None:
    world.steps.interrupt_at(1, lambda: put(world, "artist-3", "grace"), "profiles.create")
    assert conflict(world, OTHER, "grace") == "handle-taken"
    world.steps.interrupt_at(1, lambda: put(world, "artist-4", "joan"), "profiles.replace")
    assert conflict(world, ARTIST, "joan") == "handle-taken"
    assert world.profiles.handles["joan"][0] == "artist-4"


def test_created_twice_at_once(world: World) -> None:
    world.steps.interrupt_at(1, lambda: put(world, OTHER, "grace"), "profiles.create")
    view, created = world.profile_service.put(OTHER, ProfileFields("grace", "Second"), None)
    assert not created
    assert view.profile.fields.display_name == "Second"


def test_versions(world: World) -> None:
    version = put(world, ARTIST, "ada")
    for stale in ({version + 1}, {-1}, {version - 1}):
        with pytest.raises(PreconditionFailedError):
            put(world, ARTIST, "ada", stale)
    assert put(world, ARTIST, "ada", {version}) == version + 1
    assert put(world, ARTIST, "ada", set()) == version + 2
    with pytest.raises(PreconditionFailedError):
        put(world, OTHER, "grace", set())
    with pytest.raises(PreconditionFailedError):
        put(world, OTHER, "grace", {1})


def test_changed_by_another_window_meanwhile(world: World) -> None:
    version = world.profiles.rows[ARTIST].version
    world.steps.interrupt_at(1, lambda: put(world, ARTIST, "ada"), "profiles.replace")
    with pytest.raises(PreconditionFailedError):
        put(world, ARTIST, "ada", {version})


def test_avatar_and_cover_are_public_while_they_are_shown(world: World) -> None:
    avatar, cover, next_avatar = world.ready(), world.ready(), world.ready()
    put(world, ARTIST, "ada", avatar_media_id=avatar, cover_media_id=cover)
    assert (world.is_public(avatar), world.is_public(cover)) == (True, True)
    put(world, ARTIST, "ada", avatar_media_id=next_avatar, cover_media_id=cover)
    assert [world.is_public(each) for each in (avatar, cover, next_avatar)] == [False, True, True]
    put(world, ARTIST, "ada")
    assert not any(world.is_public(each) for each in (avatar, cover, next_avatar))
    check_at_rest(world)


def test_picture_is_open_before_the_profile_shows_it(world: World) -> None:
    avatar = world.ready()

    def look() -> None:
        assert world.is_public(avatar)

    world.steps.interrupt_at(1, look, "profiles.replace")
    put(world, ARTIST, "ada", avatar_media_id=avatar)
    assert world.steps.before is None


@pytest.mark.parametrize("field", ["avatar_media_id", "cover_media_id"])
def test_pictures_that_are_not_mine_or_not_ready(world: World, field: str) -> None:
    world.join(OTHER)
    theirs, waiting = world.ready(OTHER), world.upload().media_id
    world.post(theirs, account_id=OTHER)
    for media_id in (theirs, waiting, unknown_id(), "no id"):
        with pytest.raises(InvalidError) as caught:
            put(world, ARTIST, "ada", None, **{field: media_id})
        assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.parametrize("why", ["taken", "stale", "locked"])
def test_picture_of_a_profile_that_was_not_stored_is_closed_again(world: World, why: str) -> None:
    world.join(OTHER, "grace")
    put(world, ARTIST, "ada_l")
    avatar = world.ready()
    with pytest.raises((ConflictError, PreconditionFailedError)):
        put(
            world,
            ARTIST,
            {"taken": "grace", "locked": "ada_3"}.get(why, "ada_l"),
            {99} if why == "stale" else None,
            avatar_media_id=avatar,
        )
    assert not world.is_public(avatar)
    check_at_rest(world)


@pytest.mark.parametrize("number", [1, 2])
def test_picture_that_could_not_be_opened_is_not_shown(world: World, number: int) -> None:
    avatar = world.ready()
    world.steps.fail_at(number, TemporaryError("S3"), "derivatives.expose")
    with pytest.raises(TemporaryError):
        put(world, ARTIST, "ada", avatar_media_id=avatar)
    world.steps.forget()
    assert world.profiles.rows[ARTIST].fields.avatar_media_id is None
    world.sweep(61)
    check_at_rest(world)


def test_former_picture_that_could_not_be_withdrawn_is_looked_after(world: World) -> None:
    avatar = world.ready()
    put(world, ARTIST, "ada", avatar_media_id=avatar)
    world.steps.fail_at(1, TemporaryError("S3"), "derivatives.withdraw")
    put(world, ARTIST, "ada")
    world.steps.forget()
    assert world.profiles.rows[ARTIST].fields.avatar_media_id is None
    world.sweep(61)
    assert not world.is_public(avatar)
    check_at_rest(world)


def test_a_profile_says_who_follows_and_how_many(world: World) -> None:
    world.counters.profiles[ARTIST] = ProfileCounters(followers=3, following=2)
    for view in (world.profile_service.get_own(ARTIST), world.profile_service.get_by_handle("ada", "stranger")):
        assert view.counters == ProfileCounters(followers=3, following=2)


def test_a_profile_is_not_there_for_whom_a_block_parts_from_it(world: World) -> None:
    world.join(OTHER)
    world.bounds.block(ARTIST, OTHER)
    with pytest.raises(NotFoundError) as parted:
        world.profile_service.get_by_handle("ada", OTHER)
    with pytest.raises(NotFoundError) as nobody:
        world.profile_service.get_by_handle("nobody", OTHER)
    assert str(parted.value).replace("ada", "nobody") == str(nobody.value)
    assert parted.value.code == nobody.value.code
    assert world.profile_service.get_by_handle("ada", "stranger").profile.account_id == ARTIST
