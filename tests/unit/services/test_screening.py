"""What a picture declares about AI, on its way to publication: refused, held, cleared, labelled."""

from dataclasses import replace

import pytest

from chalicelib.domain.disclosure import strongest
from chalicelib.domain.media import DECLARED_AI, HELD_FOR_REVIEW
from chalicelib.domain.protection import PictureRejectedError, Reason
from chalicelib.domain.screening import Evidence, Screening
from tests.support.fakes import World
from tests.unit.services.invariants import check_at_rest

EDITED = Screening("edited", (Evidence("apple", "JPEG XMP Credit", "Apple Photos Generative Edit: Clean Up"),))


def clear(world: World, media_id: str) -> None:
    """Do what a moderator's grant does: the picture is cleared, queued, and those who show it are settled."""
    refused = world.media.rows[media_id]
    queued = world.media.save_state(refused, replace(refused, state="queued", reason=None, cleared=True), world.now())
    world.publication.settle_users(queued)


@pytest.mark.parametrize("code", [DECLARED_AI, HELD_FOR_REVIEW])
def test_a_moderators_word_brings_back_what_was_refused_or_held(world: World, code: str) -> None:
    media_id = world.upload().media_id
    post, draft = world.post(media_id), world.post(media_id, publish="draft")
    world.imaging.error = PictureRejectedError("refused", Reason(code, "It says so itself.", ("comfyui",)), EDITED)
    world.handle(media_id)
    refused = world.media.rows[media_id]
    assert (refused.state, refused.reason and refused.reason.code) == ("refused", code)
    assert (world.state(post), world.state(draft)) == ("refused", "draft")
    why = world.posts.rows[post].reason
    assert why is not None
    assert "It says so itself." in why.message
    check_at_rest(world)
    world.sweep(after_seconds=7 * 24 * 3600)
    assert world.media.rows[media_id] == refused, "nothing waits, nothing is stuck"

    world.imaging.error = None
    clear(world, media_id)
    assert world.state(post) == "processing"
    world.handle(media_id)
    assert world.imaging.options[-1].cleared
    assert (world.media.rows[media_id].state, world.state(post), world.state(draft)) == ("ready", "published", "draft")
    assert world.is_public(media_id)
    check_at_rest(world)


def test_what_is_held_is_a_setting(world: World) -> None:
    world.ready()
    assert (world.imaging.options[-1].hold, world.imaging.options[-1].cleared) == (frozenset(), False)
    object.__setattr__(world.protection, "screening_hold", frozenset({"hint"}))
    world.ready()
    assert world.imaging.options[-1].hold == {"hint"}


def test_what_was_found_is_kept_with_the_picture(world: World) -> None:
    world.imaging.screening = EDITED
    picture = world.media.rows[world.ready()].picture
    assert picture is not None
    assert picture.screening == EDITED


def test_a_posts_disclosure_is_the_strongest_of_its_pictures(world: World) -> None:
    drawn, assisted, silent = world.ready(ai_disclosure="none"), world.ready(ai_disclosure="assisted"), world.ready()

    def disclosed(post_id: str) -> tuple[str | None, str | None]:
        return world.posts.rows[post_id].ai_disclosure, world.posts.cards[post_id].ai_disclosure

    assert disclosed(world.post(silent)) == (None, None)
    assert disclosed(world.post(drawn, silent)) == ("none", "none")
    post = world.post(drawn, assisted, silent)
    assert disclosed(post) == ("assisted", "assisted")
    world.change(post, media=[drawn, silent])
    assert disclosed(post) == ("none", "none")
    world.change(post, media=[drawn, world.ready(ai_disclosure="generated")])
    assert disclosed(post) == ("generated", "generated")
    world.change(post, title="Another")
    assert disclosed(post) == ("generated", "generated")
    world.change(post, media=[])
    assert disclosed(post) == (None, None)
    assert strongest(()) is None


def test_a_file_that_declares_edits_counts_as_assisted_unless_cleared(world: World) -> None:
    world.imaging.screening = EDITED
    waiting = world.upload(ai_disclosure="none").media_id
    post = world.post(waiting)
    assert world.posts.rows[post].ai_disclosure == "none"
    world.handle(waiting)
    assert (world.state(post), world.posts.rows[post].ai_disclosure) == ("published", "assisted")
    assert world.posts.cards[post].ai_disclosure == "assisted"

    cleared = world.upload().media_id
    world.media.rows[cleared] = replace(world.media.rows[cleared], cleared=True, refused_version="v1")
    world.handle(cleared)
    assert world.posts.rows[world.post(cleared)].ai_disclosure is None
