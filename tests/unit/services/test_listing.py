"""The directory follows the posts, whatever order changes, errands and their repetitions come in."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.services.listing import LIST_AUTHOR, LIST_POST, AuthorsListed, ListingService, PostsListed
from tests.support.fake_directory import FakeDirectory, FakeErrands
from tests.support.fakes import ARTIST, World

if TYPE_CHECKING:
    from chalicelib.domain.posts import Post
    from chalicelib.domain.profiles import Profile


class Listed:
    """A world whose changes are followed into a directory."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.directory, self.errands = FakeDirectory(), FakeErrands()
        self.service = ListingService(world.posts, world.profiles, self.directory)
        self.workers = {LIST_POST: self.service.list_post, LIST_AUTHOR: self.service.list_author}
        self._posts: dict[str, Post] = {}
        self._profiles: dict[str, Profile] = dict(world.profiles.rows)

    def follow(self) -> None:
        """Tell what has changed since the last time."""
        posts, profiles = dict(self.world.posts.rows), dict(self.world.profiles.rows)
        changed = [
            Change(f"e{key}", self._posts.get(key), posts.get(key))
            for key in {*posts, *self._posts}
            if posts.get(key) != self._posts.get(key)
        ]
        PostsListed(self.errands).take(changed)
        renamed = [
            Change(f"e{key}", self._profiles.get(key), profiles.get(key))
            for key in {*profiles, *self._profiles}
            if profiles.get(key) != self._profiles.get(key)
        ]
        AuthorsListed(self.errands).take(renamed)
        self._posts, self._profiles = posts, profiles

    def settle(self) -> dict[str, SharedCard]:
        """Follow what has changed, have all errands done, and return what is listed."""
        self.follow()
        self.errands.run(self.workers)
        return {post_id: listing.shared for post_id, listing in self.directory.rows.items()}


@pytest.fixture
def listed(world: World) -> Listed:
    return Listed(world)


def test_what_is_public_is_listed_and_nothing_else(listed: Listed) -> None:
    world = listed.world
    public = world.post(tags=("dragon",))
    for visibility in ("private", "followers", "unlisted"):
        world.post(visibility=visibility)
    world.post(publish="draft")
    world.post(world.upload().media_id)  # still being processed
    assert set(listed.settle()) == {public}
    assert listed.errands.done == 1


@pytest.mark.parametrize("narrowed", ["private", "followers", "unlisted"])
def test_what_is_narrowed_is_found_no_more(listed: Listed, narrowed: str) -> None:
    post_id = listed.world.post()
    assert set(listed.settle()) == {post_id}
    listed.world.change(post_id, visibility=narrowed)
    assert listed.settle() == {}
    listed.world.change(post_id, visibility="public")
    assert set(listed.settle()) == {post_id}


def test_what_is_deleted_is_found_no_more(listed: Listed) -> None:
    post_id = listed.world.post()
    listed.settle()
    listed.world.post_service.delete(post_id, ARTIST, set())
    assert listed.settle() == {}


def test_what_is_tagged_anew_or_warned_of_shows(listed: Listed) -> None:
    post_id = listed.world.post(tags=("old",))
    listed.settle()
    listed.world.change(post_id, tags=("new",), content_warnings=("gore",), title="Now")
    card = listed.settle()[post_id].card
    assert (card.title, card.tags, card.content_warnings) == ("Now", ("new",), ("gore",))
    assert "tag:new" in listed.directory.rows[post_id].terms


def test_warnings_that_moderators_add_show(listed: Listed) -> None:
    post_id = listed.world.post()
    assert listed.settle()[post_id].card.content_warnings == ()
    post = listed.world.posts.rows[post_id]
    listed.world.publication.save(post, replace(post, labels=("gore",)))
    assert listed.settle()[post_id].card.content_warnings == ("gore",)


def test_cards_name_the_present_files_of_a_cover(listed: Listed) -> None:
    """The files that lists named before are taken away a while after others were made."""
    world, media_id = listed.world, listed.world.ready()
    post_id = world.post(media_id)
    before = listed.settle()[post_id].card.cover
    world.media_service.choose(media_id, ARTIST, "all")
    world.deliver()
    after = listed.settle()[post_id].card.cover
    picture = world.media.rows[media_id].picture
    assert before
    assert after
    assert picture
    assert after.data_mining == "all"
    assert {name for *_, name in after.thumbnails} <= {each.name for each in picture.renditions}


def test_another_name_stands_on_every_card(listed: Listed) -> None:
    posts = {listed.world.post() for _ in range(11)}
    listed.settle()
    profile = listed.world.profiles.rows[ARTIST]
    named = replace(profile, fields=replace(profile.fields, display_name="Grace"), version=profile.version + 1)
    listed.world.profiles.rows[ARTIST] = named
    assert {card.author.display_name for card in listed.settle().values()} == {"Grace"}
    assert set(listed.directory.rows) == posts
    before = listed.errands.done
    listed.world.profiles.rows[ARTIST] = replace(
        named, fields=replace(named.fields, bio="x"), version=named.version + 1
    )
    listed.settle()
    assert listed.errands.done == before  # what no card shows


def test_posts_of_who_is_gone_are_found_no_more(listed: Listed) -> None:
    listed.world.post()
    listed.settle()
    del listed.world.profiles.rows[ARTIST]
    assert listed.settle() == {}


def test_a_change_behind_the_back_of_a_worker_is_not_lost(listed: Listed) -> None:
    """Between reading a post and listing it, the post is narrowed, and the errand of that is done as well."""
    world = listed.world
    post_id = world.post()
    listed.follow()

    def narrow() -> None:
        world.change(post_id, visibility="private")
        listed.service.list_post(Errand(LIST_POST, post_id))

    listed.directory.before = narrow
    [errand] = listed.errands.waiting
    again = listed.service.list_post(errand)
    assert again is not None
    assert post_id in listed.directory.rows
    assert listed.service.list_post(again) is None
    assert listed.directory.rows == {}


def test_a_new_name_behind_the_back_of_a_worker_is_not_lost(listed: Listed) -> None:
    world = listed.world
    post_id = world.post()

    def rename() -> None:
        profile = world.profiles.rows[ARTIST]
        changed = replace(profile.fields, display_name="Grace")
        world.profiles.rows[ARTIST] = replace(profile, fields=changed, version=profile.version + 1)

    listed.directory.before = rename
    again = listed.service.list_post(Errand(LIST_POST, post_id))
    assert again is not None
    assert listed.service.list_post(again) is None
    assert listed.directory.rows[post_id].shared.author.display_name == "Grace"


def test_posts_of_a_protected_profile_are_found_no_more(listed: Listed) -> None:
    post_id = listed.world.post()
    assert set(listed.settle()) == {post_id}
    profile = listed.world.profiles.rows[ARTIST]
    hidden = replace(profile, fields=replace(profile.fields, protected=True), version=profile.version + 1)
    listed.world.profiles.rows[ARTIST] = hidden
    assert listed.settle() == {}
    listed.world.change(post_id, title="Still hidden")
    assert listed.settle() == {}
    listed.world.profiles.rows[ARTIST] = replace(profile, version=profile.version + 2)
    assert set(listed.settle()) == {post_id}
