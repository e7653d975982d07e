from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from chalicelib.domain import clock
from chalicelib.domain.posts import Post, PostFields, PostMedia, PostState, Visibility, may_see, ready_to_publish

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POST = Post(
    post_id="01J",
    author_id="artist",
    fields=PostFields(title="x", media=(PostMedia("m1"), PostMedia("m2"))),
    state="published",
    version=1,
    created_at=clock.to_text(NOON),
    updated_at=clock.to_text(NOON),
)


@pytest.mark.parametrize("state", get_args(PostState))
@pytest.mark.parametrize("visibility", get_args(Visibility))
def test_who_may_see_it(state: PostState, visibility: Visibility) -> None:
    post = replace(POST, state=state, fields=replace(POST.fields, visibility=visibility))
    published = state == "published"
    assert post.open == (published and visibility in {"public", "unlisted"})
    assert post.listed == (published and visibility == "public")
    assert post.visible_to(None) == post.visible_to("somebody") == post.open
    assert post.visible_to("artist") == (state != "deleted")
    assert post.awaits_media == (state in {"processing", "refused"})


@pytest.mark.parametrize(
    ("visibility", "protected", "stranger", "follower"),
    [
        ("public", False, True, True),
        ("public", True, False, True),
        ("unlisted", False, True, True),
        ("unlisted", True, True, True),
        ("followers", False, False, True),
        ("followers", True, False, True),
        ("private", False, False, False),
        ("private", True, False, False),
    ],
)
def test_the_one_rule(visibility: Visibility, protected: bool, stranger: bool, follower: bool) -> None:
    assert may_see(visibility, "artist", None, protected=protected) == stranger
    assert may_see(visibility, "artist", None, protected=protected, follows=True) == stranger, "a stranger is nobody"
    assert may_see(visibility, "artist", "reader", protected=protected) == stranger
    assert may_see(visibility, "artist", "reader", protected=protected, follows=True) == follower
    assert not may_see(visibility, "artist", "reader", protected=protected, follows=True, parted=True)
    assert may_see(visibility, "artist", "artist", protected=protected)
    post = replace(POST, fields=replace(POST.fields, visibility=visibility))
    assert post.visible_to("reader", follows=True, protected=protected) == follower
    assert not replace(post, state="draft").visible_to("reader", follows=True)


@pytest.mark.parametrize("state", get_args(PostState))
def test_when_somebody_must_look_after_it(state: PostState) -> None:
    later, soon = clock.later(NOON, 7200), clock.later(NOON, 60)
    post = replace(POST, state=state, publish_at=later)
    assert post.due_at(NOON) == {"processing": soon, "deleted": soon, "scheduled": later}.get(state)
    assert replace(post, unsettled=frozenset({"m1"})).due_at(NOON) == soon


def test_order() -> None:
    draft = replace(POST, state="draft")
    assert draft.order_key == f"{POST.created_at}#01J"
    published = replace(POST, published_at=clock.later(NOON, 1))
    assert published.order_key == f"{clock.later(NOON, 1)}#01J"
    assert draft.order_key < published.order_key
    assert replace(POST, post_id="01K").order_key > POST.order_key
    assert POST.media_ids == ("m1", "m2")


def test_time_to_publish() -> None:
    post = replace(POST, state="scheduled", publish_at=clock.to_text(NOON))
    assert ready_to_publish(post, NOON)
    assert not ready_to_publish(post, NOON - timedelta(milliseconds=1))
    assert not ready_to_publish(replace(post, state="draft"), NOON)
    assert not ready_to_publish(replace(post, publish_at=None), NOON)
