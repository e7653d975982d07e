"""Reactions on a DynamoDB within this process: who may react to what, what the lists show, how they follow the post."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib.domain.changes import Change
from chalicelib.domain.errors import ConflictError, NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Post, PostFields
from chalicelib.domain.reactions import Reaction, ReactionKey, ReactionKind
from chalicelib.domain.relations import Bounds
from chalicelib.repositories.reactions import SHARDS, ReactionRepository, from_image
from chalicelib.services.cards import make_card
from chalicelib.services.reaction_upkeep import SECOND_LOOK_SECONDS, PostReactionConsumer
from chalicelib.services.reactions import MOST_ASKED
from chalicelib.settings import settings
from tests.support.cards import usual_card
from tests.support.social import Place, new_place
from tests.unit.support import emulated_aws


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[None]:
    with emulated_aws():
        yield


@pytest.fixture
def place(dynamodb: None) -> Place:
    return new_place()


@pytest.mark.parametrize("kind", ["like", "bookmark", "repost"])
def test_reacting_is_idempotent(place: Place, kind: ReactionKind) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    for _ in range(2):
        place.service.put(kind, post.post_id, bob)
        place.now.advance(60)
    (shared,) = place.service.list_own(kind, bob, limit=20, position=None).cards
    assert (shared.card.post_id, shared.author.account_id) == (post.post_id, ada)
    assert [each.kind for each in place.reactions.of_posts(bob, [post.post_id])] == [kind]
    for _ in range(2):
        place.service.remove(kind, post.post_id, bob)
    assert place.reactions.of_posts(bob, [post.post_id]) == []


def test_what_cannot_be_seen_is_as_if_it_were_not_there(place: Place) -> None:
    ada, bob = place.join(), place.join()
    hidden = [place.post(ada, visibility=each) for each in ("private", "followers")]
    draft = Post(new_id(), ada, PostFields(title="x"), "draft", 1, "t", "t")
    place.posts.create(draft, make_card(draft, {}), place.now())
    said = set()
    for post_id in (*(post.post_id for post in hidden), draft.post_id, new_id()):
        with pytest.raises(NotFoundError) as error:
            place.service.put("like", post_id, bob)
        said.add((str(error.value).replace(post_id, "X"), error.value.code))
    place.relations.block(ada, bob)
    for who, whose in ((bob, ada), (ada, bob)):
        parted = place.post(whose).post_id
        with pytest.raises(NotFoundError) as error:
            place.service.put("like", parted, who)
        said.add((str(error.value).replace(parted, "X"), error.value.code))
    assert len(said) == 1
    assert place.likes(bob) == place.likes(ada) == []


def test_followers_like_what_is_for_followers(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada, visibility="followers").post_id
    place.relations.followers.add((bob, ada))
    place.service.put("like", post, bob)
    place.service.put("like", post, ada)
    assert place.likes(bob) == place.likes(ada) == [post]
    place.relations.followers.clear()
    assert (place.likes(bob), place.likes(ada)) == ([], [post]), "who follows no longer sees it no longer, at once"


def test_only_what_is_for_everyone_can_be_reposted_and_not_by_its_author(place: Place) -> None:
    ada, bob = place.join(), place.join()
    place.relations.followers.add((bob, ada))
    for visibility in ("unlisted", "followers"):
        with pytest.raises(ConflictError) as error:
            place.service.put("repost", place.post(ada, visibility=visibility).post_id, bob)
        assert error.value.code == "not-public"
    with pytest.raises(ConflictError) as error:
        place.service.put("repost", place.post(ada).post_id, ada)
    assert error.value.code == "own-post"
    with pytest.raises(ConflictError) as error:
        place.service.put("like", place.post(ada).post_id, new_id())
    assert error.value.code == "profile-needed"


def test_a_list_leaves_out_whom_the_reader_does_not_want_or_is_not_to_see(place: Place) -> None:
    ada, bob, eve = place.join(), place.join(), place.join()
    posts = [place.post(who, tags=(tag,)).post_id for who, tag in ((ada, "a"), (bob, "b"), (bob, "gore"))]
    for post in posts:
        place.now.advance(1)
        place.service.put("like", post, eve)
    assert place.likes(eve) == posts[::-1]
    for bounds, left in (
        (Bounds(blocked=frozenset({ada})), posts[:0:-1]),
        (Bounds(blocked_by=frozenset({bob})), posts[:1]),
        (Bounds(muted=frozenset({bob})), posts[:1]),
        (Bounds(muted_tags=frozenset({"gore"})), posts[1::-1]),
    ):
        place.relations.held[eve] = bounds
        assert place.likes(eve) == left


def test_pages(place: Place) -> None:
    ada, bob = place.join(), place.join()
    posts = [place.post(ada).post_id for _ in range(5)]
    for post in posts:
        place.now.advance(1)
        place.service.put("like", post, bob)
    found, position = [], None
    for _ in range(3):
        page = place.service.list_own("like", bob, limit=2, position=position)
        found.append([shared.card.post_id for shared in page.cards])
        position = page.position
    assert (found, position) == ([posts[:2:-1], posts[2:0:-1], posts[:1]], None)


def test_a_page_asks_about_few_authors_and_loses_nobody(place: Place) -> None:
    bob = place.join()
    authors = [place.join() for _ in range(MOST_ASKED * 2 + 1)]
    posts = []
    for author in authors:
        place.now.advance(1)
        place.relations.followers.add((bob, author))
        posts.append(place.post(author, visibility="followers").post_id)
        place.service.put("like", posts[-1], bob)
    found: list[str] = []
    position = None
    for _ in range(3):
        place.relations.asked.clear()
        page = place.service.list_own("like", bob, limit=20, position=position)
        assert len(place.relations.asked) <= MOST_ASKED
        found += [shared.card.post_id for shared in page.cards]
        position = page.position
    assert (found, position) == (posts[::-1], None)


def test_cards_follow_the_post(place: Place) -> None:
    ada = place.join()
    fans = [place.join() for _ in range(6)]
    post = place.post(ada, content_warnings=())
    for fan in fans:
        place.service.put("like", post.post_id, fan)
    post = place.change(post, title="Another", content_warnings=("gore",))
    for fan in fans:
        (shared,) = place.service.list_own("like", fan, limit=20, position=None).cards
        assert (shared.card.title, shared.card.content_warnings) == ("Another", ("gore",))
    place.change(post, visibility="private")
    assert [place.likes(fan) for fan in fans] == [[]] * 6


def test_what_is_shown_to_nobody_any_more_is_left_out_and_comes_back(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    place.service.put("like", post.post_id, bob)
    place.service.put("like", post.post_id, ada)
    private = place.change(post, visibility="private")
    assert (place.likes(bob), place.likes(ada)) == ([], [post.post_id])
    place.change(private, visibility="public")
    assert place.likes(bob) == [post.post_id]


def test_a_removed_posts_reactions_are_removed_however_many(place: Place) -> None:
    ada, post_id = place.join(), new_id()
    fans = [f"fan-{number}" for number in range(130)]
    for fan in fans:
        place.reactions.put(Reaction("like", fan, post_id, "2026-01-01T00:00:00.000Z", usual_card(post_id), 1))
    text = "2026-01-01T00:00:00.000Z"
    gone = Post(post_id, ada, PostFields(title="x"), "published", 1, text, text, published_at=text)
    assert place.follow(gone, None) > 2, "more pieces than the walk and its second look"
    assert all(not place.reactions.walk(post_id, shard, limit=1, position=None).keys for shard in range(SHARDS))
    assert place.reactions.of_posts(fans[0], [post_id]) == []


def test_a_change_that_hides_something_is_walked_twice(place: Place) -> None:
    consumer = PostReactionConsumer(place.errands)
    text = "2026-01-01T00:00:00.000Z"
    old = Post(new_id(), "a", PostFields(title="x"), "published", 1, text, text, published_at=text)
    settled = replace(old, version=2, unsettled=frozenset({"m"}), updated_at="later")
    draft = replace(old, state="draft", published_at=None)
    shorter = replace(old, fields=replace(old.fields, title="y"))
    private = replace(old, fields=replace(old.fields, visibility="private"))
    for before, after, delays in (
        (None, old, []),
        (draft, old, []),
        (old, settled, []),
        (old, replace(old, pinned_comment_id="c"), []),
        (old, replace(old, fields=replace(old.fields, text="y", mediums=("ink",), comments="nobody")), []),
        (old, shorter, [0]),
        (private, old, [0]),
        (old, private, [0, SECOND_LOOK_SECONDS]),
        (old, replace(old, state="deleted"), [0, SECOND_LOOK_SECONDS]),
        (old, None, [0, SECOND_LOOK_SECONDS]),
    ):
        place.errands.sent.clear()
        consumer.take([Change("e", before, after)])
        assert [delay for _, delay in place.errands.sent] == delays


def test_a_late_walk_does_not_bring_an_older_card_back(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    place.service.put("like", post.post_id, bob)
    key = ReactionKey("like", bob, post.post_id)
    (newer,) = place.service.list_own("like", bob, limit=1, position=None).cards
    newer = replace(newer, card=replace(newer.card, title="newer"))
    place.reactions.refresh([key], newer, 3)
    place.reactions.refresh([key], replace(newer, card=replace(newer.card, title="older")), 2)
    (shared,) = place.service.list_own("like", bob, limit=1, position=None).cards
    assert shared.card.title == "newer"
    place.reactions.refresh([ReactionKey("like", "nobody", post.post_id)], newer, 9)
    assert place.reactions.of_posts("nobody", [post.post_id]) == [], "a reaction taken back stays away"


@pytest.mark.parametrize("gone", [True, False])
def test_a_post_that_changes_meanwhile(place: Place, gone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    put = ReactionRepository.put

    def change_first(store: ReactionRepository, reaction: Reaction) -> None:
        new = replace(post, version=2, state="deleted" if gone else "published", fields=replace(post.fields, title="y"))
        place.posts.save(post, new, make_card(new, {}), place.now())
        place.follow(post, new)
        put(store, reaction)

    monkeypatch.setattr(ReactionRepository, "put", change_first)
    if gone:
        with pytest.raises(NotFoundError):
            place.service.put("like", post.post_id, bob)
        assert place.reactions.of_posts(bob, [post.post_id]) == []
        return
    place.service.put("like", post.post_id, bob)
    (shared,) = place.service.list_own("like", bob, limit=1, position=None).cards
    assert shared.card.title == "y"


def test_the_stream_tells_what_was_stored(place: Place) -> None:
    reaction = Reaction("repost", "bob", new_id(), "2026-01-01T00:00:00.000Z", usual_card(), 7)
    place.reactions.put(reaction)
    key = {"account_id": {"S": "bob"}, "reaction": {"S": f"repost#{reaction.post_id}"}}
    image = boto3.client("dynamodb").get_item(TableName=settings().reactions_table, Key=key)["Item"]
    assert from_image(image) == reaction
    assert reaction.author_id == reaction.card.author.account_id


def test_a_page_of_20_costs_two_read_units_with_the_readers_bounds(place: Place) -> None:
    for number in range(21):
        made_at = f"2026-01-01T00:00:{number:02}.000Z"
        card = usual_card()
        place.reactions.put(
            Reaction("bookmark", "3f0c2a52-4b8e-4a55-9a3a-2f1f3f9d7c11", card.card.post_id, made_at, card, 7)
        )
    items = boto3.client("dynamodb").scan(TableName=settings().reactions_table)["Items"]
    sizes = [size_of(item) for item in items if item["account_id"]["S"].startswith("3f0c2a52")]
    assert len(sizes) == 21
    assert sum(sizes) <= 3 * 4096, "an index read that is eventually consistent costs half a unit for 4 KB; bounds half"


def size_of(item: Any) -> int:
    """Return the bytes of an item as DynamoDB counts them: names and values."""
    values = [next(iter(value.items())) for value in item.values()]
    return sum(map(len, item)) + sum(len(value) if kind in "SB" else 4 for kind, value in values)
