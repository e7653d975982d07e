"""Comments on a DynamoDB within this process: who may write, who sees what, and what is left."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from chalicelib.domain.comments import Comment
from chalicelib.domain.errors import ConflictError, ForbiddenError, InvalidError, LostRaceError, NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Post
from chalicelib.domain.relations import Bounds
from chalicelib.repositories.comments import STEP, CommentRepository, from_image
from chalicelib.services.cards import card_author, make_card
from chalicelib.settings import settings
from tests.support.social import Place, new_place
from tests.unit.support import emulated_aws


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[None]:
    with emulated_aws():
        yield


@pytest.fixture
def place(dynamodb: None) -> Place:
    return new_place()


def answers(place: Place, comment: Comment) -> int | None:
    found = place.comments.get(comment.comment_id)
    return found.answers if found else None


def test_threads_one_level_deep(place: Place) -> None:
    ada, bob = place.join(), place.join(handle=f"bob{new_id().lower()[-8:]}", display_name="Bob")
    post = place.post(ada)
    first, second = place.write(bob, post, "first"), place.write(ada, post, "second")
    answer = place.write(ada, post, "answer", first.comment_id)
    assert place.texts(None, post) == ["first", "second"]
    assert place.texts(None, post, newest_first=True) == ["second", "first"]
    assert place.texts(None, post, first.comment_id) == ["answer"]
    assert (answers(place, first), answers(place, second)) == (1, 0)
    stored = place.comments.get(answer.comment_id)
    assert stored == answer
    assert (answer.post_author_id, answer.parent_author_id, answer.parent_id) == (ada, bob, first.comment_id)
    other = place.post(ada)
    for wrong in (answer.comment_id, new_id(), "nonsense"):
        with pytest.raises(InvalidError):
            place.write(bob, post, "x", wrong)
    with pytest.raises(InvalidError):
        place.write(bob, other, "x", first.comment_id)
    with pytest.raises(NotFoundError):
        place.texts(None, other, first.comment_id)


def test_people_are_named(place: Place) -> None:
    suffix = new_id().lower()[-8:]
    ada, bob = place.join(handle=f"ada_{suffix}"), place.join(handle=f"bob_{suffix}")
    comment = place.write(bob, place.post(ada), f"@Ada_{suffix}, see @nobody_{suffix} and @bob_{suffix}")
    assert [each.handle for each in comment.mentions] == [f"ada_{suffix}", f"bob_{suffix}"]


def test_who_may_comment(place: Place) -> None:
    ada, bob, eve = place.join(), place.join(), place.join()
    place.relations.followers.add((bob, ada))
    for setting, may in (("everyone", {ada, bob, eve}), ("followers", {ada, bob}), ("nobody", {ada})):
        post = place.post(ada, comments=setting)
        for who in (ada, bob, eve):
            if who in may:
                place.write(who, post)
                continue
            with pytest.raises(ForbiddenError) as error:
                place.write(who, post)
            assert error.value.code == "comments-closed"
    with pytest.raises(ConflictError):
        place.write(new_id(), place.post(ada))


def test_what_cannot_be_seen_cannot_be_commented_on_nor_read_about(place: Place) -> None:
    ada, bob = place.join(), place.join()
    posts = [place.post(ada, visibility=each) for each in ("private", "followers")]
    draft = replace(place.post(ada), post_id=new_id(), state="draft", published_at=None)
    place.posts.create(draft, make_card(draft, {}), place.now())
    for post in (*posts, draft):
        with pytest.raises(NotFoundError):
            place.write(bob, post)
        for reader in (bob, None):
            with pytest.raises(NotFoundError):
                place.texts(reader, post)
    place.relations.followers.add((bob, ada))
    place.write(bob, posts[1], "from a follower")
    assert place.texts(bob, posts[1]) == ["from a follower"]
    place.relations.followers.clear()
    with pytest.raises(NotFoundError):
        place.texts(bob, posts[1])


def test_the_blocked_do_not_see_each_others_comments(place: Place) -> None:
    ada, bob, eve = place.join(), place.join(), place.join()
    post = place.post(ada)
    of_bob, _ = place.write(bob, post, "of bob"), place.write(eve, post, "of eve")
    place.relations.block(bob, eve)
    assert place.texts(bob, post) == ["of bob"]
    assert place.texts(eve, post) == ["of eve"]
    assert place.texts(ada, post) == ["of bob", "of eve"]
    with pytest.raises(InvalidError) as blocked:
        place.write(eve, post, "x", of_bob.comment_id)
    with pytest.raises(InvalidError) as missing:
        place.write(eve, post, "x", new_id())
    assert str(blocked.value) == str(missing.value)
    with pytest.raises(NotFoundError):
        place.texts(eve, post, of_bob.comment_id)
    place.commenting.pin(post.post_id, ada, of_bob.comment_id)
    shown = place.commenting.thread(post.post_id, eve, None, newest_first=False, limit=20, position=None)
    assert shown.pinned is None
    place.relations.block(ada, eve)
    with pytest.raises(NotFoundError):
        place.texts(eve, post)


def test_muted_people_and_words_are_left_out(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    for text in ("a SPOILER here", "fine"):
        place.write(bob, post, text)
    place.relations.held[ada] = Bounds(muted_words=frozenset({"spoiler"}))
    assert place.texts(ada, post) == ["fine"]
    place.relations.held[ada] = Bounds(muted=frozenset({bob}))
    assert place.texts(ada, post) == []


def test_who_may_delete(place: Place) -> None:
    ada, bob, eve = place.join(), place.join(), place.join()
    post = place.post(ada)
    mine, other = place.write(bob, post, "mine"), place.write(bob, post, "other")
    for who in (eve, new_id()):
        with pytest.raises(NotFoundError):
            place.commenting.delete(mine.comment_id, who)
    place.commenting.delete(mine.comment_id, bob)
    place.commenting.delete(other.comment_id, ada)
    assert place.texts(None, post) == []
    with pytest.raises(NotFoundError):
        place.commenting.delete(mine.comment_id, bob)


def test_what_was_answered_leaves_a_place_that_says_nothing(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    comment = place.write(bob, post, "secret @somebody")
    one, two = (place.write(ada, post, text, comment.comment_id) for text in ("one", "two"))
    place.commenting.delete(comment.comment_id, bob)
    left = place.comments.get(comment.comment_id)
    assert left is not None
    assert (left.author, left.text, left.mentions, left.deleted, left.answers) == (None, "", (), True, 2)
    assert bob not in str(boto3.client("dynamodb").scan(TableName=settings().comments_table)["Items"])
    assert place.texts(None, post, comment.comment_id) == ["one", "two"]
    with pytest.raises(NotFoundError):
        place.commenting.delete(comment.comment_id, ada)
    with pytest.raises(InvalidError):
        place.write(ada, post, "late", comment.comment_id)
    with pytest.raises(LostRaceError):
        place.comments.add(replace(one, comment_id=new_id()))
    place.commenting.delete(one.comment_id, ada)
    assert answers(place, comment) == 1
    place.commenting.delete(two.comment_id, ada)
    assert answers(place, comment) is None, "its place goes with the last answer"


def test_a_comment_that_is_answered_as_it_is_deleted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    comment = place.write(bob, post)
    remove = CommentRepository.remove

    def answer_first(store: CommentRepository, removed: Comment) -> None:
        place.write(ada, post, "answer", comment.comment_id)
        remove(store, removed)

    monkeypatch.setattr(CommentRepository, "remove", answer_first)
    place.commenting.delete(comment.comment_id, bob)
    assert place.texts(None, post, comment.comment_id) == ["answer"]


def test_removing_twice_counts_once(place: Place) -> None:
    ada = place.join()
    post = place.post(ada)
    comment = place.write(ada, post)
    one, _ = (place.write(ada, post, text, comment.comment_id) for text in ("one", "two"))
    for _ in range(2):
        place.comments.remove(one)
    assert answers(place, comment) == 1
    for _ in range(2):
        place.comments.remove(comment)
    assert answers(place, comment) == 1


def test_pin(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post, other = place.post(ada), place.post(ada)
    first, second = place.write(bob, post, "first"), place.write(bob, post, "second")
    answer = place.write(bob, post, "answer", first.comment_id)

    def pinned(position: str | None = None) -> str | None:
        found = place.commenting.thread(post.post_id, None, None, newest_first=False, limit=1, position=position)
        return found.pinned.text if found.pinned else None

    place.commenting.pin(post.post_id, ada, second.comment_id)
    assert (pinned(), pinned(first.comment_id)) == ("second", None)
    with pytest.raises(NotFoundError):
        place.commenting.pin(post.post_id, bob, first.comment_id)
    for wrong in (answer.comment_id, place.write(bob, other).comment_id, new_id()):
        with pytest.raises(InvalidError):
            place.commenting.pin(post.post_id, ada, wrong)
    place.commenting.delete(second.comment_id, bob)
    assert pinned() is None
    place.commenting.pin(post.post_id, ada, first.comment_id)
    place.commenting.pin(post.post_id, ada, None)
    assert pinned() is None


def test_pages(place: Place) -> None:
    ada = place.join()
    post = place.post(ada)
    written = [place.write(ada, post, f"comment {number}").text for number in range(16)]
    for limit, newest_first in ((3, False), (8, True), (16, False), (50, True)):
        found, position, pages = [], None, 0
        while True:
            page = place.commenting.thread(
                post.post_id, None, None, newest_first=newest_first, limit=limit, position=position
            )
            found += [comment.text for comment in page.comments]
            position, pages = page.position, pages + 1
            if position is None:
                break
        assert found == (written[::-1] if newest_first else written)
        assert pages == -(-16 // limit)


def test_a_page_of_long_comments_is_a_short_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.repositories.comments.ENOUGH_BYTES", 1)
    ada = place.join()
    post = place.post(ada)
    written = [place.write(ada, post, "".join(new_id() for _ in range(20))).text for _ in range(20)]
    found, position, pages = [], None, 0
    while True:
        page = place.commenting.thread(post.post_id, None, None, newest_first=False, limit=50, position=position)
        found += [comment.text for comment in page.comments]
        position, pages = page.position, pages + 1
        if position is None:
            break
    assert (found, pages) == (written, -(-20 // STEP))


def test_a_removed_posts_comments_are_removed_with_their_answers(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post, kept = place.post(ada), place.post(ada)
    place.write(bob, kept, "kept")
    for number in range(5):
        comment = place.write(bob, post, f"{number}")
        place.write(ada, post, "answer", comment.comment_id)
    place.change(post, state="deleted")
    items = boto3.client("dynamodb").scan(TableName=settings().comments_table)["Items"]
    assert not [item for item in items if item["post_id"]["S"] == post.post_id]
    assert place.texts(None, kept) == ["kept"]
    place.follow(kept, None)
    assert place.texts(None, kept) == ["kept"], "whatever an errand says: a post that is there keeps its comments"


def test_a_comment_on_a_post_that_is_removed_meanwhile(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    add = CommentRepository.add

    def remove_first(store: CommentRepository, comment: Comment) -> None:
        place.change(post, state="deleted")
        add(store, comment)

    monkeypatch.setattr(CommentRepository, "add", remove_first)
    with pytest.raises(NotFoundError):
        place.write(bob, post)
    assert place.comments.by_author(bob, limit=1, position=None) == []


def test_the_stream_tells_what_was_stored(place: Place) -> None:
    ada = place.join()
    comment = place.write(ada, place.post(ada), "漢字 and @nobody")
    key = {"comment_id": {"S": comment.comment_id}}
    image = boto3.client("dynamodb").get_item(TableName=settings().comments_table, Key=key)["Item"]
    assert from_image(image) == comment


def test_an_author_is_called_by_the_present_name(place: Place) -> None:
    ada, bob = place.join(display_name="Ada"), place.join(display_name="Bob")
    post = place.post(ada)
    place.service.put("like", post.post_id, bob)
    for who in (ada, bob):
        place.write(who, post)
    place.rename(ada, display_name="Countess", protected=True)
    names = [comment.author.display_name for comment in thread(place, post, ada) if comment.author]
    assert names == ["Countess", "Bob"]
    assert place.likes(bob) == [], "whose posts are for followers now"
    place.relations.followers.add((bob, ada))
    (shared,) = place.service.list_own("like", bob, limit=20, position=None).cards
    assert shared.author.display_name == "Countess"


def test_a_comment_of_somebody_who_wrote_nothing_any_more_is_not_renamed(place: Place) -> None:
    ada, bob = place.join(), place.join()
    post = place.post(ada)
    comment = place.write(bob, post)
    place.write(ada, post, "answer", comment.comment_id)
    place.commenting.delete(comment.comment_id, bob)
    author = place.profiles.get(bob)
    assert author is not None
    place.comments.rename(comment.comment_id, card_author(author))
    place.comments.rename(new_id(), card_author(author))
    left = place.comments.get(comment.comment_id)
    assert left is not None
    assert left.author is None


def thread(place: Place, post: Post, reader: str) -> tuple[Comment, ...]:
    return place.commenting.thread(post.post_id, reader, None, newest_first=False, limit=20, position=None).comments
