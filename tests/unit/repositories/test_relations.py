"""Relations as the table keeps them: bounds, what a stream tells, cards, and what happens at the same time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import boto3
import pytest

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.ids import new_id
from chalicelib.domain.people import Person, Portrait
from chalicelib.domain.relations import (
    MAX_BLOCKS,
    MAX_FOLLOWS,
    MAX_MUTED_TEXTS,
    MAX_MUTES,
    MutedTexts,
    Relation,
    RelationKind,
)
from chalicelib.repositories.bounds import PAGE, check_not_parted
from chalicelib.repositories.connection import transact
from chalicelib.repositories.relation_items import BOUNDS, RelationItem
from chalicelib.repositories.relations import RelationRepository, from_image
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.support import emulated_aws

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PORTRAIT = Portrait(new_id(), "0123456789abcdef0123456789abcdef.webp", 320, 320, "webp")


@pytest.fixture(scope="module")
def relations() -> Iterator[RelationRepository]:
    with emulated_aws():
        yield RelationRepository()


_number = count()


def somebody() -> Person:
    """Return an account with a name and a face of usual length."""
    return Person(new_id(), f"some_artist_{next(_number)}", "Some Artist of Note", PORTRAIT, version=3)


def state(relations: RelationRepository, one: Person, two: Person) -> list[set[RelationKind]]:
    """Return what each is to the other."""
    return [set(relations.between(a.account_id, b.account_id).kinds) for a, b in ((one, two), (two, one))]


def follows(relations: RelationRepository, person: Person) -> int:
    return relations.between(person.account_id, "nobody").follows


def test_bounds_of_both(relations: RelationRepository) -> None:
    ann, bob = somebody(), somebody()
    assert relations.bounds(ann.account_id) == relations.bounds("nobody")
    relations.block(ann.account_id, bob, NOON)
    relations.mute(ann.account_id, bob, NOON)
    assert relations.bounds(ann.account_id).blocked == {bob.account_id}
    assert relations.bounds(ann.account_id).muted == {bob.account_id}
    assert relations.bounds(bob.account_id).blocked_by == {ann.account_id}
    relations.unblock(ann.account_id, bob.account_id)
    relations.unmute(ann.account_id, bob.account_id)
    for each in (ann, bob):
        assert relations.bounds(each.account_id) == relations.bounds("nobody")


def test_muted_texts_end_by_themselves(relations: RelationRepository) -> None:
    ann = somebody().account_id
    until = clock.to_text(NOON + timedelta(days=1))
    relations.save_muted_texts(ann, MutedTexts({"oil": until, "ink": None}, {"spider": until}))
    assert relations.bounds(ann, NOON).muted_tags == {"oil", "ink"}
    assert relations.bounds(ann, NOON).muted_words == {"spider"}
    assert relations.bounds(ann, NOON + timedelta(days=2)).muted_tags == {"ink"}
    assert relations.bounds(ann, NOON + timedelta(days=2)).muted_words == set()
    with pytest.raises(LostRaceError):
        relations.save_muted_texts(ann, MutedTexts())
    relations.save_muted_texts(ann, replace(relations.muted_texts(ann), tags={}))
    assert relations.bounds(ann, NOON).muted_tags == set()


def test_a_follow_is_counted_once(relations: RelationRepository) -> None:
    ann, bob = somebody(), somebody()
    relations.follow(ann, bob, NOON, ask=True)
    with pytest.raises(LostRaceError):
        relations.follow(ann, bob, NOON, ask=True)
    with pytest.raises(LostRaceError):
        relations.follow(ann, bob, NOON, ask=False)
    assert (state(relations, ann, bob), follows(relations, ann)) == ([{"request"}, set()], 1)
    relations.accept(ann, bob, NOON, by_owner=True)
    assert (state(relations, ann, bob), follows(relations, ann)) == ([{"follow"}, set()], 1)
    with pytest.raises(LostRaceError):
        relations.accept(ann, bob, NOON, by_owner=True)
    relations.unfollow("follow", ann.account_id, bob.account_id)
    with pytest.raises(LostRaceError):
        relations.unfollow("follow", ann.account_id, bob.account_id)
    assert (state(relations, ann, bob), follows(relations, ann)) == ([set(), set()], 0)


def test_a_block_meanwhile_lets_no_follow_through(relations: RelationRepository) -> None:
    ann, bob = somebody(), somebody()
    relations.follow(bob, ann, NOON, ask=False)
    relations.follow(ann, bob, NOON, ask=True)
    relations.block(ann.account_id, bob, NOON)
    assert state(relations, ann, bob) == [{"block"}, set()]
    assert (follows(relations, ann), follows(relations, bob)) == (0, 0)
    for one, two in ((ann, bob), (bob, ann)):
        for ask in (True, False):
            with pytest.raises(LostRaceError):
                relations.follow(one, two, NOON, ask=ask)
        with pytest.raises(LostRaceError):
            relations.accept(one, two, NOON, by_owner=True)
    assert state(relations, ann, bob) == [{"block"}, set()]


def test_a_follow_in_the_middle_of_a_block(relations: RelationRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block that read nothing to end fails, is tried again, and ends the follow."""
    ann, bob = somebody(), somebody()
    read = relations.pages_of

    def meanwhile(account_id: str) -> int:
        monkeypatch.undo()
        relations.follow(bob, ann, NOON, ask=False)
        return read(account_id)

    monkeypatch.setattr(RelationRepository, "pages_of", lambda _, account_id: meanwhile(account_id))
    with pytest.raises(LostRaceError):
        relations.block(ann.account_id, bob, NOON)
    assert state(relations, ann, bob) == [set(), {"follow"}]
    relations.block(ann.account_id, bob, NOON)
    assert (state(relations, ann, bob), follows(relations, bob)) == ([{"block"}, set()], 0)


def test_who_is_blocked_by_very_many(relations: RelationRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.repositories.bounds.PAGE", 2)
    bob, people = somebody(), [somebody() for _ in range(5)]
    for each in people:
        relations.block(each.account_id, bob, NOON)
    assert relations.bounds(bob.account_id).blocked_by == {each.account_id for each in people}
    assert relations.between(bob.account_id, people[4].account_id).parted
    for each in people[::2]:
        relations.unblock(each.account_id, bob.account_id)
    assert relations.bounds(bob.account_id).blocked_by == {people[1].account_id, people[3].account_id}


@pytest.mark.parametrize("times", range(3))
def test_no_follow_and_no_message_crosses_a_block_of_the_same_moment(
    relations: RelationRepository, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Whatever was read before: a block is noted elsewhere once there were many."""
    monkeypatch.setattr("chalicelib.repositories.bounds.PAGE", 1)
    ann, bob = somebody(), somebody()
    for _ in range(times):
        relations.block(somebody().account_id, bob, NOON)
    relations.block(ann.account_id, bob, NOON)
    for one, two in ((ann, bob), (bob, ann)):
        for ask in (False, True):
            with pytest.raises(LostRaceError):
                relations.follow(one, two, NOON, ask=ask)
        with pytest.raises(LostRaceError):
            transact(partial(check_not_parted, account_id=one.account_id, other_id=two.account_id))
    relations.unblock(ann.account_id, bob.account_id)
    relations.follow(bob, ann, NOON, ask=False)
    transact(partial(check_not_parted, account_id=ann.account_id, other_id=bob.account_id))


def test_a_block_is_taken_back_whoever_was_blocked_how_often(
    relations: RelationRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction has 100 items at most."""
    monkeypatch.setattr("chalicelib.repositories.bounds.PAGE", 1)
    ann, bob = somebody(), somebody()
    for _ in range(100):
        relations.block(ann.account_id, bob, NOON)
        relations.unblock(ann.account_id, bob.account_id)
    assert state(relations, ann, bob) == [set(), set()]
    assert relations.bounds(bob.account_id).blocked_by == frozenset()


def test_nobody_fills_their_bounds_so_that_they_cannot_be_blocked() -> None:
    """An item has 400 KB at most; what does not fit is refused, whoever writes it."""

    def people(number: int) -> set[str]:
        return {str(uuid4()) for _ in range(number)}

    def texts(word: str) -> dict[str, str | None]:
        return {f"{word}{number}": clock.to_text(NOON) for number in range(MAX_MUTED_TEXTS)}

    fullest = RelationItem(
        str(uuid4()),
        BOUNDS,
        blocked=people(MAX_BLOCKS),
        muted=people(MAX_MUTES),
        blocked_by=people(PAGE),
        tags=texts("🎨" * 50),
        words=texts(("ΐ" * 50).casefold()),
        follows=MAX_FOLLOWS,
        times_blocked=PAGE,
        texts_version=10**6,
    )
    size = 0
    for name, value in fullest.serialize().items():
        [held] = value.values()
        parts = held if isinstance(held, list) else [held]
        size += len(name) + sum(len(str(part).encode()) + 1 for part in parts) + 3
    assert size < 400 * 1024


def images(account_id: str) -> list[dict[str, Any]]:
    """Return an account's items as a stream shows them."""
    found = boto3.client("dynamodb").query(
        TableName=settings().relations_table,
        KeyConditionExpression="account_id = :a",
        ExpressionAttributeValues={":a": {"S": account_id}},
    )
    return [dict(each) for each in found["Items"]]


def test_what_a_stream_tells(relations: RelationRepository) -> None:
    ann, bob = somebody(), replace(somebody(), portrait=None)
    relations.follow(ann, bob, NOON, ask=False)
    relations.mute(ann.account_id, bob, NOON)
    text = clock.to_text(NOON)
    assert [from_image(each) for each in images(ann.account_id)] == [
        None,
        Relation("follow", ann.account_id, bob.account_id, text, ann, bob),
        Relation("mute", ann.account_id, bob.account_id, text, None, bob),
    ]


def test_cards_follow_their_people(relations: RelationRepository) -> None:
    ann, fans, idols = somebody(), [somebody() for _ in range(5)], [somebody() for _ in range(3)]
    for each in fans:
        relations.follow(each, ann, NOON, ask=False)
        relations.mute(each.account_id, ann, NOON)
    for each in idols:
        relations.follow(ann, each, NOON, ask=True)
    renamed = replace(ann, handle="renamed", version=4)
    cursor, pieces = relations.refresh(renamed, None, limit=2), 1
    while cursor is not None:
        cursor, pieces = relations.refresh(renamed, cursor, limit=2), pieces + 1
    assert pieces < 20
    relations.refresh(ann, None)  # an errand that was late changes nothing
    for each in fans:
        for kind in ("follow", "mute"):
            [relation] = relations.page("account", each.account_id, kind, limit=5).relations
            assert relation.other == renamed
    for each in idols:
        [relation] = relations.page("other", each.account_id, "request", limit=5).relations
        assert relation.account == renamed
        assert relation.other is None


def test_a_card_comes_back_into_no_list(relations: RelationRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unfollow while the card is refreshed: no half of an item is left behind."""
    ann, bob = somebody(), somebody()
    relations.follow(ann, bob, NOON, ask=False)
    from chalicelib.repositories import relation_lists

    refresh = relation_lists._refresh

    def meanwhile(*args: Any) -> None:
        relations.unfollow("follow", ann.account_id, bob.account_id)
        refresh(*args)

    monkeypatch.setattr(relation_lists, "_refresh", meanwhile)
    relations.refresh(replace(ann, version=9), None)
    assert [from_image(each) for each in images(ann.account_id)] == [None]


def test_what_a_page_costs(relations: RelationRepository) -> None:
    hub, fans = somebody(), [somebody() for _ in range(45)]
    for index, each in enumerate(fans):
        relations.follow(each, hub, NOON + timedelta(seconds=index), ask=False)
    page = relations.page("other", hub.account_id, "follow", limit=50)
    assert [each.account_id for each in page.relations] == [each.account_id for each in fans[:14:-1]]
    read = boto3.client("dynamodb").query(
        TableName=settings().relations_table,
        IndexName="by_object",
        KeyConditionExpression="object_kind = :a",
        ExpressionAttributeValues={":a": {"S": f"{hub.account_id}#follow"}},
        Limit=len(page.relations) + 1,
    )["Items"]
    assert read_units(read) <= 2
    assert read_units(read[:21]) <= 1.5
