"""The fakes keep the promises of the repositories: the same tests for both, DynamoDB as moto has it.

What moto gets wrong of transactions is left to the tests against the emulated cloud.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.ids import new_id
from chalicelib.domain.media import EXHAUSTED_REASON, Media, Picture, StoredRendition, UploadRequest
from chalicelib.domain.posts import Card, Post, PostFields, PostMedia
from chalicelib.domain.profiles import Link, Profile, ProfileFields
from chalicelib.domain.protection import CloakReport, EncoderEffect
from chalicelib.domain.screening import Evidence, Screening
from chalicelib.repositories.connection import JsonAttribute
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.cards import make_card
from chalicelib.services.ports import MediaStore, PostStore, ProfileStore
from tests.support.fakes import FakeMedia, FakePosts, FakeProfiles, Steps
from tests.unit.support import emulated_aws

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PICTURE = Picture(
    source_format="png",
    width=640,
    height=320,
    frames=1,
    blurhash="L",
    dominant_colors=("#102030",),
    perceptual_hash="0" * 16,
    original_sha256="0" * 64,
    cloak=CloakReport(
        "default", applied=True, psnr_db=33.5, ssim=0.93, encoders=(EncoderEffect("lite0", 1.1, 1.0, 0.75),)
    ),
    signals=("a",),
    protected_at=clock.to_text(NOON),
    renditions=(StoredRendition("n.webp", 320, 160, "webp", 10, "1" * 64, animated=False),),
)


@dataclass
class Stores:
    media: MediaStore
    posts: PostStore
    profiles: ProfileStore


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Stores]:
    with emulated_aws():
        yield Stores(MediaRepository(), PostRepository(), ProfileRepository())


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "dynamodb":
        found: Stores = request.getfixturevalue("dynamodb")
        return found
    steps = Steps()
    profiles = FakeProfiles(steps)
    return Stores(FakeMedia(steps), FakePosts(steps, profiles), profiles)


def new_media(stores: Stores, owner: str = "artist") -> Media:
    text = clock.to_text(NOON)
    media = Media(
        new_id(),
        owner,
        UploadRequest("a.png", "image/png", 4),
        "awaiting_upload",
        1,
        text,
        text,
        clock.later(NOON, 900),
    )
    stores.media.create(media, NOON)
    return media


def new_profile(stores: Stores, **fields: Any) -> Profile:
    handle = "h" + new_id().lower()
    text = clock.to_text(NOON)
    profile = Profile(new_id(), ProfileFields(handle, "Name", **fields), 1, text, text)
    stores.profiles.create(profile, NOON)
    return profile


def new_post(stores: Stores, author: str = "artist", **fields: Any) -> Post:
    text = clock.to_text(NOON)
    post = Post(new_id(), author, PostFields(title="x", **fields), "draft", 1, text, text)
    stores.posts.create(post, make_card(post, {}), NOON)
    return post


def save(stores: Stores, old: Post, **changes: Any) -> Post:
    new = replace(old, version=old.version + 1, **changes)
    stores.posts.save(old, new, make_card(new, {}), NOON)
    return new


def test_media_is_stored_once(stores: Stores) -> None:
    media = new_media(stores)
    assert stores.media.get(media.media_id) == media
    assert stores.media.get_many([media.media_id, new_id()]) == {media.media_id: media}
    assert stores.media.get(new_id(), consistent=True) is None
    with pytest.raises(LostRaceError):
        stores.media.create(media, NOON)


def test_state_of_media(stores: Stores) -> None:
    media = new_media(stores)
    stores.media.add_use(media.media_id, "artist", "p1")
    claim = replace(media, state="processing", attempt="a", tries=1, lease_until=clock.later(NOON, 130))
    claimed = stores.media.save_state(media, claim, NOON)
    assert (claimed.version, claimed.state, claimed.used_by) == (2, "processing", frozenset({"p1"}))
    assert stores.media.get(media.media_id) == claimed
    with pytest.raises(LostRaceError):
        stores.media.save_state(media, claim, NOON)
    with pytest.raises(LostRaceError):
        stores.media.save_state(replace(claimed, state="queued"), claim, NOON)
    done = replace(claimed, state="ready", picture=PICTURE, lease_until=None, attempt=None)
    ready = stores.media.save_state(claimed, done, NOON)
    assert (ready.picture, ready.attempt, ready.lease_until) == (PICTURE, None, None)
    failed = replace(new_media(stores), state="failed", reason=EXHAUSTED_REASON)
    assert stores.media.save_state(replace(failed, state="awaiting_upload"), failed, NOON).reason == EXHAUSTED_REASON
    with pytest.raises(LostRaceError):
        stores.media.save_state(replace(media, media_id=new_id()), claim, NOON)


def test_clearance_of_media_lasts(stores: Stores) -> None:
    media = new_media(stores)
    assert not media.cleared
    queued = stores.media.save_state(media, replace(media, state="queued", cleared=True), NOON)
    assert stores.media.get(media.media_id) == queued
    assert stores.media.save_state(queued, replace(queued, state="processing"), NOON).cleared


def test_exposure_of_media(stores: Stores) -> None:
    media = new_media(stores)
    changing = stores.media.save_exposure(media, "changing", NOON)
    assert (changing.exposure, changing.exposure_version, changing.version) == ("changing", 1, 1)
    with pytest.raises(LostRaceError):
        stores.media.save_exposure(media, "held", NOON)
    stores.media.save_state(media, replace(media, state="queued"), NOON)
    public = stores.media.save_exposure(changing, "public", NOON)
    assert (public.state, public.exposure) == ("queued", "public")
    with pytest.raises(LostRaceError):
        stores.media.save_exposure(replace(media, media_id=new_id()), "public", NOON)


def test_uses_of_media(stores: Stores) -> None:
    media = new_media(stores)
    for user in ("p1", "p2", "p1"):
        stores.media.add_use(media.media_id, "artist", user)
    stores.media.remove_use(media.media_id, "p1")
    stores.media.remove_use(media.media_id, "never there")
    found = stores.media.get(media.media_id, consistent=True)
    assert found is not None
    assert (found.used_by, found.version) == (frozenset({"p2"}), 1)
    stores.media.remove_use(media.media_id, "p2")
    assert stores.media.get(media.media_id) == media
    for media_id, owner in ((media.media_id, "another"), (new_id(), "artist")):
        with pytest.raises(LostRaceError):
            stores.media.add_use(media_id, owner, "p1")
    gone = new_id()
    stores.media.remove_use(gone, "p1")
    assert stores.media.get(gone) is None


def test_media_that_are_due(stores: Stores) -> None:
    start = NOON + timedelta(days=len(type(stores.media).__name__))
    media = new_media(stores)
    queued = stores.media.save_state(media, replace(media, state="queued"), start - timedelta(days=1))
    assert stores.media.due(start - timedelta(hours=2), start) == [media.media_id]
    assert stores.media.due(start - timedelta(hours=2), start - timedelta(seconds=1)) == []
    assert stores.media.due(start + timedelta(minutes=30), start + timedelta(hours=1)) == [media.media_id]
    assert stores.media.due(start + timedelta(hours=1), start + timedelta(hours=3)) == []
    stores.media.save_state(queued, replace(queued, state="refused"), NOON)
    assert stores.media.due(start - timedelta(hours=2), start) == []


def test_post_is_stored_once(stores: Stores) -> None:
    post = new_post(stores, media=(PostMedia("m1", "alt", (0.25, 1.0)), PostMedia("m2")), tags=("a", "b"))
    assert stores.posts.get(post.post_id) == post
    assert stores.posts.get(new_id()) is None
    assert stores.posts.get_many([post.post_id, new_id()]) == [post]
    with pytest.raises(LostRaceError):
        stores.posts.create(post, make_card(post, {}), NOON)


def test_versions_of_posts(stores: Stores) -> None:
    post = new_post(stores)
    saved = save(stores, post, unsettled=frozenset({"m1", "m2"}), publish_at=clock.to_text(NOON))
    assert stores.posts.get(post.post_id, consistent=True) == saved
    with pytest.raises(LostRaceError):
        save(stores, post, publish_at=None)
    with pytest.raises(LostRaceError):
        stores.posts.delete(post)
    stores.posts.delete(saved)
    assert stores.posts.get(post.post_id) is None
    with pytest.raises(LostRaceError):
        save(stores, saved)
    with pytest.raises(LostRaceError):
        stores.posts.delete(saved)


def test_posts_are_counted(stores: Stores) -> None:
    author = new_profile(stores)

    def count() -> int:
        found = stores.profiles.get(author.account_id)
        assert found is not None
        return found.posts_count

    draft = new_post(stores, author.account_id)
    one = save(stores, draft, state="published", counted=True)
    assert count() == 1
    with pytest.raises(LostRaceError):
        save(stores, draft, state="published", counted=True)
    assert count() == 1
    one = save(stores, one, updated_at=clock.later(NOON, 1))
    assert count() == 1
    save(stores, one, counted=False)
    assert count() == 0
    found = stores.profiles.get(author.account_id)
    assert found is not None
    assert found.version == 1, "counting is no change of the profile"


def test_post_of_an_account_without_a_profile_cannot_be_counted(stores: Stores) -> None:
    post = new_post(stores, "nobody")
    with pytest.raises(LostRaceError):
        save(stores, post, state="published", counted=True)
    assert stores.posts.get(post.post_id) == post


def test_lists_of_posts(stores: Stores) -> None:
    author = new_profile(stores).account_id
    posts = []
    for index in range(7):
        post = new_post(stores, author, portfolio=index % 2 == 0)
        at = clock.later(NOON, index)
        posts.append(save(stores, post, state="published", published_at=at, counted=True))
    save(stores, new_post(stores, author, visibility="private"), state="published", published_at=clock.later(NOON, 60))
    save(stores, new_post(stores, author), state="deleted")
    draft = new_post(stores, author)

    def page(*, portfolio: bool, limit: int, position: str | None) -> tuple[list[str], str | None]:
        found = stores.posts.public_cards(author, portfolio=portfolio, limit=limit, position=position)
        return [card.post_id for card in found.cards], found.position

    newest_first = [post.post_id for post in reversed(posts)]
    assert page(portfolio=False, limit=50, position=None) == (newest_first, None)
    assert page(portfolio=False, limit=7, position=None) == (newest_first, None)
    ids, position = page(portfolio=False, limit=3, position=None)
    assert (ids, position) == (newest_first[:3], posts[4].order_key)
    ids, position = page(portfolio=False, limit=3, position=position)
    assert ids == newest_first[3:6]
    assert page(portfolio=False, limit=3, position=position) == (newest_first[6:], None)
    assert page(portfolio=True, limit=3, position=None)[0] == newest_first[0::2][:3]

    own = stores.posts.own_cards(author, lambda _: True, limit=50, position=None)
    assert len(own.cards) == 9
    drafts = stores.posts.own_cards(author, lambda card: card.state == "draft", limit=1, position=None)
    assert ([card.post_id for card in drafts.cards], drafts.position) == ([draft.post_id], None)


def test_lists_without_ai(stores: Stores) -> None:
    author = new_profile(stores).account_id
    said = {"none": [], "assisted": [], "generated": [], None: []}  # type: dict[Any, list[str]]
    for number in range(9):
        disclosure = (None, "none", "assisted", "generated")[number % 4]
        time = clock.to_text(NOON + timedelta(seconds=number))
        post = new_post(stores, author)
        post = save(stores, post, ai_disclosure=disclosure, state="published", published_at=time, counted=True)
        assert stores.posts.get(post.post_id) == post
        said[disclosure].append(post.post_id)

    def read(limit: int) -> list[str]:
        found, position = [], None
        while True:
            page = stores.posts.public_cards(author, portfolio=False, limit=limit, position=position, without_ai=True)
            assert len(page.cards) <= limit
            found += [card.post_id for card in page.cards]
            if (position := page.position) is None:
                return found

    for limit in (1, 2, 5, 50):
        assert sorted(read(limit)) == sorted(said[None] + said["none"])
    everything = stores.posts.public_cards(author, portfolio=False, limit=50, position=None)
    assert [card.ai_disclosure for card in everything.cards][-4:] == ["generated", "assisted", "none", None]


def test_what_was_stored_before_screening_is_still_read() -> None:
    stored = JsonAttribute[Picture](Picture)
    before = json.loads(stored.serialize(PICTURE))
    del before["screening"]
    assert stored.deserialize(json.dumps(before)) == PICTURE
    found = replace(PICTURE, screening=Screening("edited", (Evidence("apple", "JPEG XMP", "Clean Up"),)))
    assert stored.deserialize(stored.serialize(found)) == found
    card = make_card(Post("p", "a", PostFields(title="x"), "draft", 1, "t", "t"), {})
    cards = JsonAttribute[Card](Card)
    old = json.loads(cards.serialize(card))
    del old["ai_disclosure"]
    assert cards.deserialize(json.dumps(old)) == card


def test_posts_that_are_due(stores: Stores) -> None:
    start = NOON + timedelta(days=len(type(stores.posts).__name__))
    post = save(stores, new_post(stores), state="scheduled", publish_at=clock.to_text(start))
    assert stores.posts.due(start - timedelta(hours=1), start) == [post.post_id]
    assert stores.posts.due(start - timedelta(hours=2), start - timedelta(milliseconds=1)) == []
    save(stores, post, state="draft", publish_at=None)
    assert stores.posts.due(start - timedelta(hours=1), start) == []


def test_profile_is_stored_once(stores: Stores) -> None:
    profile = new_profile(stores, links=(Link("x", "https://x.test/"),), mediums=("ink",), availability="open")
    assert stores.profiles.get(profile.account_id) == profile
    assert stores.profiles.get_by_handle(profile.fields.handle) == profile
    assert stores.profiles.get(new_id()) is None
    assert stores.profiles.get_by_handle("nobody") is None
    with pytest.raises(LostRaceError):
        stores.profiles.create(replace(profile, fields=ProfileFields("h" + new_id().lower(), "x")), NOON)
    with pytest.raises(LostRaceError):
        stores.profiles.create(replace(profile, account_id=new_id()), NOON)


def test_profile_is_replaced(stores: Stores) -> None:
    old = new_profile(stores)
    new = stores.profiles.replace(old, replace(old, fields=replace(old.fields, bio="x"), updated_at="later"), NOON)
    assert (new.version, new.fields.bio, new.updated_at) == (2, "x", "later")
    assert stores.profiles.get(old.account_id) == new
    with pytest.raises(LostRaceError):
        stores.profiles.replace(old, new, NOON)


def test_handles(stores: Stores) -> None:
    old, other = new_profile(stores), new_profile(stores)
    former, handle = old.fields.handle, "h" + new_id().lower()
    renamed = replace(old, fields=replace(old.fields, handle=handle), handle_changed_at=clock.to_text(NOON))
    new = stores.profiles.replace(old, renamed, NOON)
    assert stores.profiles.get(old.account_id) == new
    assert stores.profiles.get_by_handle(handle) == new
    assert stores.profiles.get_by_handle(former) is None
    assert stores.profiles.handle_holder(former, NOON) == old.account_id
    assert stores.profiles.handle_holder(handle, NOON) == old.account_id
    assert stores.profiles.handle_holder("nobody", NOON) is None
    wanted = replace(other, fields=replace(other.fields, handle=former))
    with pytest.raises(LostRaceError):
        stores.profiles.replace(other, wanted, NOON + timedelta(days=364))
    expired = NOON + timedelta(days=365, seconds=1)
    assert stores.profiles.handle_holder(former, expired) is None
    taken = stores.profiles.replace(other, wanted, expired)
    assert stores.profiles.get_by_handle(former) == taken
    assert stores.profiles.handle_holder(former, expired) == other.account_id


def test_former_handle_goes_back_to_its_owner(stores: Stores) -> None:
    old = new_profile(stores)
    renamed = replace(old, fields=replace(old.fields, handle="h" + new_id().lower()))
    new = stores.profiles.replace(old, renamed, NOON)
    again = stores.profiles.replace(new, replace(new, fields=old.fields), NOON)
    assert stores.profiles.get_by_handle(old.fields.handle) == again
    assert stores.profiles.handle_holder(old.fields.handle, NOON + timedelta(days=9999)) == old.account_id
