"""Keeping the cards of people in lists up to date."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.people import Person
from chalicelib.domain.profiles import Profile
from chalicelib.services.finding import LIST_PERSON, PeopleListed
from chalicelib.services.people import REFRESH, CardKeeper, CardRefresher, People
from tests.support.fake_social import FakeErrands
from tests.support.fakes import ARTIST, World

if TYPE_CHECKING:
    from chalicelib.services.ports import RelationStore


def changed(world: World, **fields: Any) -> Change[Profile]:
    old = world.profiles.rows[ARTIST]
    return Change("1", old, replace(old, fields=replace(old.fields, **fields)))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"handle": "ada_l"}, True),
        ({"display_name": "Ada L."}, True),
        ({"avatar_media_id": "another"}, True),
        ({"bio": "New", "cover_media_id": "another", "protected": True}, False),
        ({}, False),
    ],
)
def test_what_is_shown_of_a_person_is_followed(world: World, fields: dict[str, Any], wanted: bool) -> None:
    errands = FakeErrands()
    CardKeeper(errands).take([changed(world, **fields)])
    assert errands.sent == ([(Errand(REFRESH, ARTIST), 0)] if wanted else [])


def test_new_profiles_stand_in_no_list(world: World) -> None:
    errands = FakeErrands()
    profile = world.profiles.rows[ARTIST]
    CardKeeper(errands).take([Change("1", None, profile), Change("2", profile, None)])
    assert errands.sent == []


@dataclass
class Lists:
    """Lists of which the first pieces are long."""

    seen: list[tuple[Person, str | None]] = field(default_factory=list)

    def refresh(self, person: Person, cursor: str | None) -> str | None:
        self.seen.append((person, cursor))
        return {None: "a", "a": "b"}.get(cursor)


def test_each_piece_knows_the_person_as_they_are_by_then(world: World) -> None:
    avatar = world.ready()
    world.join(ARTIST, "ada", avatar_media_id=avatar)
    lists = Lists()
    worker = CardRefresher(People(world.profiles, world.media), cast("RelationStore", lists))
    errand: Errand | None = Errand(REFRESH, ARTIST)
    while errand is not None:
        errand = worker.work(errand)
        world.join(ARTIST, "ada", bio=str(len(lists.seen)), avatar_media_id=avatar)
    assert [cursor for _, cursor in lists.seen] == [None, "a", "b"]
    assert [person.version for person, _ in lists.seen] == [2, 3, 4]
    portrait = lists.seen[0][0].portrait
    assert portrait is not None
    assert (portrait.media_id, portrait.width, portrait.format) == (avatar, 320, "webp")


def test_who_has_no_profile_any_more_needs_no_refreshing(world: World) -> None:
    worker = CardRefresher(People(world.profiles, world.media), cast("RelationStore", Lists()))
    assert worker.work(Errand(REFRESH, "nobody")) is None


def test_a_portrait_whose_files_were_made_anew_is_followed(world: World) -> None:
    """The files that lists named before are taken away a while after others were made."""
    avatar, errands = world.ready(), FakeErrands()
    old = world.profiles.rows[ARTIST]
    world.profile_service.put(ARTIST, replace(old.fields, avatar_media_id=avatar), None)
    before = world.profiles.rows[ARTIST]
    world.media_service.choose(avatar, ARTIST, "all")
    world.deliver()
    change = Change("1", before, world.profiles.rows[ARTIST])
    CardKeeper(errands).take([change])
    PeopleListed(errands).take([change])
    assert errands.sent == [(Errand(REFRESH, ARTIST), 0), (Errand(LIST_PERSON, ARTIST), 0)]
    assert world.profiles.rows[ARTIST].version > before.version, "an older copy never replaces a newer one"
