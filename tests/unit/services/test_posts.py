"""Making, changing, deleting, reading and listing posts."""

from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain import clock
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.posts import PostFields, PostMedia
from chalicelib.domain.protection import PictureRejectedError, Reason
from tests.support.fakes import ARTIST, World, unknown_id
from tests.unit.services.invariants import check_at_rest

OTHER = "artist-2"


def refused(world: World) -> str:
    world.imaging.error = PictureRejectedError("refused", Reason("declared-ai", "No."))
    media_id = world.ready()
    world.imaging.error = None
    return media_id


def invalid_fields(world: World, *media_ids: str) -> list[str]:
    with pytest.raises(InvalidError) as caught:
        world.post(*media_ids)
    return [error.field for error in caught.value.errors]


def test_post_without_pictures_is_published_at_once(world: World) -> None:
    view = world.make_post()
    assert view.post.state == "published"
    assert view.post.published_at is not None
    assert view.author is not None
    assert world.profiles.rows[ARTIST].posts_count == 1
    check_at_rest(world)


def test_post_needs_a_profile(world: World) -> None:
    with pytest.raises(ConflictError) as caught:
        world.post(account_id="nobody")
    assert caught.value.code == "profile-needed"


def test_post_needs_some_content(world: World) -> None:
    with pytest.raises(InvalidError):
        world.post_service.create(ARTIST, PostFields(), "now")
    for fields in (PostFields(text="x"), PostFields(title="x"), PostFields(media=(PostMedia(world.ready()),))):
        assert world.post_service.create(ARTIST, fields, "now").post.state == "published"


def test_pictures_of_others_are_named_one_by_one(world: World) -> None:
    world.join(OTHER)
    mine, theirs = world.ready(), world.ready(OTHER)
    assert invalid_fields(world, mine, theirs, unknown_id(), "no id") == ["media[1].id", "media[2].id", "media[3].id"]
    assert not world.posts.rows


def test_public_picture_of_another_is_none_of_mine(world: World) -> None:
    world.join(OTHER)
    theirs = world.ready(OTHER)
    world.post(theirs, account_id=OTHER)
    assert invalid_fields(world, theirs) == ["media[0].id"]


def test_post_with_a_picture_that_was_refused_is_refused(world: World) -> None:
    """Whether the picture's end came before or after the post was made is chance, and makes no difference."""
    assert world.state(world.post(world.ready(), refused(world))) == "refused"


def test_picture_that_may_yet_be_brought_back_is_taken(world: World) -> None:
    media_id = world.upload().media_id
    world.imaging.error = OSError()
    with pytest.raises(TemporaryError):
        world.handle(media_id, last_try=True)
    assert world.state(world.post(media_id)) == "refused"


def test_same_picture_twice(world: World) -> None:
    media_id = world.ready()
    assert invalid_fields(world, media_id, media_id) == ["media"]


def test_picture_that_vanishes_while_the_post_is_made(world: World) -> None:
    media_id = world.ready()
    world.steps.interrupt_at(1, lambda: world.media.rows.pop(media_id), "media.add_use")
    assert invalid_fields(world, media_id) == ["media"]


def test_picture_that_becomes_ready_while_the_post_is_made(world: World) -> None:
    for step in range(1, 9):
        media_id = world.upload().media_id
        world.steps.interrupt_at(step, partial(world.handle, media_id))
        post = world.post(media_id)
        assert world.steps.before is None
        assert world.state(post) == "published", f"event before step {step}"
        assert world.is_public(media_id)


def test_wrong_picture_in_a_change_is_named_by_its_place_in_the_request(world: World) -> None:
    world.join(OTHER)
    mine, theirs = world.ready(), world.ready(OTHER)
    post = world.post(mine)
    with pytest.raises(InvalidError) as caught:
        world.change(post, media=[mine, theirs])
    assert [error.field for error in caught.value.errors] == ["media[1].id"]


@pytest.mark.parametrize("seconds", [-3600, 0, 366 * 24 * 3600])
def test_times_that_nothing_can_be_scheduled_for(world: World, seconds: float) -> None:
    with pytest.raises(InvalidError) as caught:
        world.post(publish=world.now() + timedelta(seconds=seconds))
    assert caught.value.errors[0].field == "publish"
    assert not world.posts.rows


def test_schedule_and_take_back(world: World) -> None:
    moment = world.now() + timedelta(days=1)
    post = world.post(publish=moment)
    assert (world.state(post), world.posts.rows[post].publish_at) == ("scheduled", clock.to_text(moment))
    world.change(post, publish="draft")
    assert (world.state(post), world.posts.rows[post].publish_at) == ("draft", None)
    world.sweep(2 * 24 * 3600)
    assert world.state(post) == "draft"
    world.change(post, publish="now")
    assert world.state(post) == "published"


def test_what_is_published_is_no_draft_again(world: World) -> None:
    post = world.post()
    for publish in ("draft", world.now() + timedelta(hours=1)):
        with pytest.raises(ConflictError):
            world.change(post, publish=publish)
    assert world.change(post, publish="now").post.state == "published"


@pytest.mark.parametrize("visibility", ["private", "followers"])
def test_pictures_of_posts_that_are_not_open_stay_held(world: World, visibility: str) -> None:
    media_id = world.ready()
    post = world.post(media_id, visibility=visibility)
    assert world.state(post) == "published"
    assert "derivatives.expose" not in world.steps.names
    assert not world.is_public(media_id)
    assert world.profiles.rows[ARTIST].posts_count == 0


def test_unlisted_post_is_open_but_not_counted(world: World) -> None:
    media_id = world.ready()
    world.post(media_id, visibility="unlisted")
    assert world.is_public(media_id)
    assert world.profiles.rows[ARTIST].posts_count == 0


@pytest.mark.parametrize("visibility", ["private", "followers"])
def test_narrowing_withdraws(world: World, visibility: str) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    view = world.change(post, visibility=visibility)
    assert view.post.state == "published"
    assert not world.is_public(media_id)
    assert world.profiles.rows[ARTIST].posts_count == 0
    check_at_rest(world)


def test_narrowing_says_so_before_it_withdraws(world: World) -> None:
    post = world.post(world.ready())

    def look() -> None:
        assert not world.posts.rows[post].open

    world.steps.interrupt_at(1, look, "derivatives.withdraw")
    world.change(post, visibility="private")
    assert world.steps.before is None


def test_widening_opens_the_pictures_before_it_says_so(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id, visibility="private")
    published_at = world.posts.rows[post].published_at

    def look() -> None:
        assert not world.posts.rows[post].open

    world.steps.interrupt_at(2, look, "derivatives.expose")
    view = world.change(post, visibility="public")
    assert world.steps.before is None
    assert (view.post.state, view.post.published_at) == ("published", published_at)
    assert world.is_public(media_id)
    check_at_rest(world)


def test_picture_shared_by_two_posts_stays_while_one_is_open(world: World) -> None:
    media_id = world.ready()
    one, two = world.post(media_id), world.post(media_id)
    world.change(one, visibility="private")
    assert world.is_public(media_id)
    world.post_service.delete(two, ARTIST, set())
    assert not world.is_public(media_id)
    check_at_rest(world)


def test_picture_of_a_post_and_the_profile_stays_while_one_shows_it(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.join(ARTIST, "ada", cover_media_id=media_id)
    world.post_service.delete(post, ARTIST, set())
    assert world.is_public(media_id)
    world.join(ARTIST, "ada")
    assert not world.is_public(media_id)
    check_at_rest(world)


def test_picture_taken_out_of_a_post(world: World) -> None:
    kept, removed = world.ready(), world.ready()
    post = world.post(kept, removed)
    world.change(post, media=[kept])
    assert (world.is_public(kept), world.is_public(removed)) == (True, False)
    assert post not in world.media.rows[removed].used_by
    check_at_rest(world)


def test_change_that_was_given_up_leaves_no_right_to_be_public(world: World) -> None:
    """The use of a picture is noted before the post is stored: a note alone must never open the picture."""
    secret = world.ready()
    post = world.post()
    hidden = world.post(secret, visibility="private")

    def rename() -> None:
        world.post_service.change(post, ARTIST, {"title": "by another window"}, None, set())

    version = world.posts.rows[post].version
    world.steps.interrupt_at(1, rename, "posts.save")
    with pytest.raises(PreconditionFailedError):
        world.post_service.change(post, ARTIST, {"media": (PostMedia(secret),)}, None, {version})
    assert post in world.media.rows[secret].used_by
    world.post_service.delete(hidden, ARTIST, set())
    assert not world.is_public(secret)
    check_at_rest(world)


def test_picture_that_is_not_ready_cannot_be_added_to_what_is_published(world: World) -> None:
    post = world.post(world.ready())
    with pytest.raises(ConflictError) as caught:
        world.change(post, media=[*world.posts.rows[post].media_ids, world.upload().media_id])
    assert caught.value.code == "media-not-ready"


def test_refused_post_is_mended_without_its_picture(world: World) -> None:
    good, bad = world.ready(), world.upload().media_id
    post = world.post(good, bad)
    world.imaging.error = PictureRejectedError("refused", Reason("declared-ai", "No."))
    world.handle(bad)
    assert world.state(post) == "refused"
    view = world.change(post, media=[good])
    assert (view.post.state, view.post.reason) == ("published", None)
    check_at_rest(world)


def test_refused_post_stays_refused_where_nothing_was_mended(world: World) -> None:
    bad = world.upload().media_id
    post = world.post(bad)
    world.imaging.error = PictureRejectedError("refused", Reason("declared-ai", "No."))
    world.handle(bad)
    view = world.change(post, title="Another")
    assert view.post.state == "refused"
    assert view.post.reason is not None
    assert view.post.fields.title == "Another"


def test_versions(world: World) -> None:
    view = world.make_post()
    post, version = view.post.post_id, view.post.version
    for stale in ({version + 1}, {version - 1}, {-1}):
        with pytest.raises(PreconditionFailedError):
            world.post_service.change(post, ARTIST, {"title": "x"}, None, stale)
        with pytest.raises(PreconditionFailedError):
            world.post_service.delete(post, ARTIST, stale)
    changed = world.post_service.change(post, ARTIST, {"title": "x"}, None, {version, 99})
    assert changed.post.version > version
    world.post_service.delete(post, ARTIST, {changed.post.version})
    assert world.state(post) == "gone"


def test_two_changes_at_once_are_both_kept(world: World) -> None:
    post = world.post()
    world.steps.interrupt_at(1, lambda: world.change(post, title="One"), "posts.save")
    view = world.change(post, text="Two")
    assert (view.post.fields.title, view.post.fields.text) == ("One", "Two")


def test_only_the_author_changes_and_deletes(world: World) -> None:
    world.join(OTHER)
    post = world.post()
    for post_id in (post, unknown_id(), "no id"):
        with pytest.raises(NotFoundError):
            world.post_service.change(post_id, OTHER, {"title": "x"}, None, set())
        with pytest.raises(NotFoundError):
            world.post_service.delete(post_id, OTHER, set())


def test_deletion(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.post_service.delete(post, ARTIST, set())
    assert world.state(post) == "gone"
    assert not world.is_public(media_id)
    assert world.profiles.rows[ARTIST].posts_count == 0
    assert not world.media.rows[media_id].used_by
    with pytest.raises(NotFoundError):
        world.post_reader.get(post, ARTIST)
    with pytest.raises(NotFoundError):
        world.post_service.delete(post, ARTIST, set())


def test_deletion_is_done_for_its_author_even_where_files_cannot_be_withdrawn_yet(world: World) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.steps.fail_at(1, TemporaryError("S3"), "derivatives.withdraw")
    world.post_service.delete(post, ARTIST, set())
    world.steps.forget()
    for asker in (None, ARTIST):
        with pytest.raises(NotFoundError):
            world.post_reader.get(post, asker)
    page = world.post_reader.list_own(ARTIST, None, limit=20, position=None).page
    assert not page.cards
    world.sweep(61)
    assert world.state(post) == "gone"
    assert not world.is_public(media_id)
    check_at_rest(world)


@pytest.mark.parametrize(
    ("visibility", "publish", "seen"),
    [
        ("public", "now", True),
        ("unlisted", "now", True),
        ("followers", "now", False),
        ("private", "now", False),
        ("public", "draft", False),
    ],
)
def test_who_sees_a_post(world: World, visibility: str, publish: str, seen: bool) -> None:
    post = world.post(visibility=visibility, publish=publish)
    assert world.post_reader.get(post, ARTIST).post.post_id == post
    for asker in (None, OTHER):
        if seen:
            assert world.post_reader.get(post, asker).post.post_id == post
        else:
            with pytest.raises(NotFoundError):
                world.post_reader.get(post, asker)


def test_quotes(world: World) -> None:
    world.join(OTHER)
    quoted = world.post(account_id=OTHER)
    assert world.make_post(quote_post_id=quoted).post.fields.quote_post_id == quoted
    own_private = world.post(visibility="private")
    assert world.make_post(quote_post_id=own_private).post.state == "published"


@pytest.mark.parametrize("visibility", ["private", "followers", "draft", "none", "bad"])
def test_quotes_of_what_cannot_be_seen(world: World, visibility: str) -> None:
    world.join(OTHER)
    quoted = {"none": unknown_id(), "bad": "x"}.get(visibility)
    if visibility == "draft":
        quoted = world.post(account_id=OTHER, publish="draft")
    quoted = quoted or world.post(account_id=OTHER, visibility=visibility)
    with pytest.raises(InvalidError) as caught:
        world.post(quote_post_id=quoted)
    assert caught.value.errors == (FieldError("quote_post_id", "is no published post that you can see"),)
    post = world.post()
    with pytest.raises(InvalidError):
        world.change(post, quote_post_id=quoted)


def test_lists(world: World) -> None:
    posts = [world.post(portfolio=index % 2 == 0) for index in range(5)]
    private = world.post(visibility="private", portfolio=True)
    world.post(visibility="unlisted")
    draft = world.post(publish="draft")

    def listed(asker: str | None, *, portfolio: bool = False) -> list[str]:
        found = world.post_reader.list_by_handle("ada", asker, portfolio=portfolio, limit=50, position=None)
        return [card.post_id for card in found.page.cards]

    newest_first = posts[::-1]
    assert listed(None) == listed(OTHER) == newest_first
    assert listed(None, portfolio=True) == [posts[4], posts[2], posts[0]]
    assert private in listed(ARTIST)
    assert draft not in listed(ARTIST)
    assert listed(ARTIST, portfolio=True)[0] == private
    own = world.post_reader.list_own(ARTIST, "draft", limit=50, position=None).page.cards
    assert [card.post_id for card in own] == [draft]
    everything = world.post_reader.list_own(ARTIST, None, limit=50, position=None).page.cards
    assert len(everything) == 8


def test_list_of_nobody(world: World) -> None:
    for handle in ("nobody", "", "x" * 3000):
        with pytest.raises(NotFoundError):
            world.post_reader.list_by_handle(handle, None, portfolio=False, limit=20, position=None)


def test_own_list_without_a_profile(world: World) -> None:
    with pytest.raises(NotFoundError) as caught:
        world.post_reader.list_own("nobody", None, limit=20, position=None)
    assert caught.value.code == "profile-missing"


def test_card_shows_the_first_picture_once_it_is_ready(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id, content_warnings=("gore",))
    assert world.posts.cards[post].cover is None
    world.handle(media_id)
    card = world.posts.cards[post]
    assert card.cover is not None
    assert (card.cover.media_id, card.cover.width, card.cover.height) == (media_id, 640, 320)
    assert [(width, format_) for width, _, format_, _ in card.cover.thumbnails] == [(320, "webp")]
    assert (card.state, card.media_count, card.content_warnings) == ("published", 1, ("gore",))


def test_order_is_kept_through_changes(world: World) -> None:
    first, second = world.post(), world.post()
    world.change(first, title="Changed")
    cards = world.post_reader.list_by_handle("ada", None, portfolio=False, limit=20, position=None).page.cards
    assert [card.post_id for card in cards] == [second, first]
    assert cards[1].title == "Changed"
