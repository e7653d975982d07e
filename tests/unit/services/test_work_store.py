"""Buckets of works and lists of matches, in DynamoDB as moto has it and in the fakes alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest import mock

import boto3
import pytest

from chalicelib.domain.ids import new_id
from chalicelib.domain.works import Entry, Match
from chalicelib.repositories import works as works_module
from chalicelib.repositories.allowances import AllowanceRepository
from chalicelib.repositories.matches import MatchRepository
from chalicelib.repositories.works import WorkRepository
from chalicelib.settings import settings
from tests.support.fakes import FakeMatches, FakeWorks, Steps
from tests.unit.support import emulated_aws

if TYPE_CHECKING:
    from chalicelib.services.ports import MatchStore, WorkStore


@dataclass
class Stores:
    works: "WorkStore"
    matches: "MatchStore"


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Stores]:
    with emulated_aws():
        yield Stores(WorkRepository(), MatchRepository())


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "dynamodb":
        found: Stores = request.getfixturevalue("dynamodb")
        return found
    return Stores(FakeWorks(Steps()), FakeMatches(Steps()))


def new_entry(key: str) -> tuple[str, Entry]:
    return key, Entry(new_id(), "0123456789abcdef", "ab" * 32)


def test_works_are_put_into_buckets_and_taken_out(stores: Stores) -> None:
    bucket, other = new_id(), new_id()
    one, two, file = new_entry(bucket), new_entry(bucket), (other, Entry(new_id()))
    for _ in range(2):
        stores.works.add([one, two, file])
    assert stores.works.find([bucket, other, bucket, new_id()], consistent=True) == {
        bucket: tuple(sorted((one[1], two[1]), key=lambda each: each.media_id)),
        other: (file[1],),
    }
    for _ in range(2):
        stores.works.remove([one, file])
    assert stores.works.find([bucket, other]) == {bucket: (two[1],)}
    stores.works.remove([two, new_entry(new_id())])
    assert stores.works.find([bucket]) == {}


def test_more_than_a_hundred_buckets_are_found_at_once(stores: Stores) -> None:
    keys = [new_id() for _ in range(120)]
    entries = [new_entry(key) for key in (keys[0], keys[99], keys[100], keys[-1])]
    stores.works.add(entries)
    assert stores.works.find(keys) == {key: (entry,) for key, entry in entries}


def test_nothing_is_left_of_a_bucket_that_is_empty(dynamodb: Stores) -> None:
    bucket = new_id()
    entries = [new_entry(bucket) for _ in range(3)]
    dynamodb.works.add(entries)
    dynamodb.works.remove(entries)
    left = boto3.client("dynamodb").get_item(TableName=settings().works_table, Key={"key": {"S": bucket}})
    assert "Item" not in left


def test_a_bucket_grows_no_larger_than_a_lookup_may_cost(dynamodb: Stores) -> None:
    bucket = new_id()
    with mock.patch.object(works_module, "MOST_IN_BUCKET", 3):
        for _ in range(5):
            dynamodb.works.add([new_entry(bucket)])
    assert len(dynamodb.works.find([bucket])[bucket]) == 3


def new_match(account_id: str, found_at: str = "2026-11-22T12:00:00.000Z") -> Match:
    return Match(account_id, new_id(), new_id(), new_id(), "uploader", 3, mirrored=True, found_at=found_at)


def test_matches_are_stored_once_and_listed_newest_first(stores: Stores) -> None:
    account = new_id()
    matches = [new_match(account, f"2026-11-22T12:0{minute}:00.000Z") for minute in range(5)]
    for _ in range(2):
        stores.matches.put(matches)
    stores.matches.put([])
    page = stores.matches.of_account(account, limit=3, position=None)
    assert list(page.matches) == matches[:1:-1]
    rest = stores.matches.of_account(account, limit=3, position=page.position)
    assert (list(rest.matches), rest.position) == (matches[1::-1], None)
    assert stores.matches.of_account(new_id(), limit=3, position=None).matches == ()


def test_matches_of_a_picture_are_forgotten_on_both_sides(stores: Stores) -> None:
    account = new_id()
    match, kept = new_match(account), new_match(account)
    twin = replace(
        match,
        account_id=match.other_owner_id,
        media_id=match.other_id,
        other_id=match.media_id,
        other_owner_id=account,
        role="original",
    )
    stores.matches.put([match, twin, kept])
    stores.matches.forget(account, match.media_id)
    assert stores.matches.of_account(account, limit=9, position=None).matches == (kept,)
    assert stores.matches.of_account(match.other_owner_id, limit=9, position=None).matches == ()


def test_uses_are_counted_by_key(dynamodb: Stores) -> None:
    del dynamodb
    allowances, key = AllowanceRepository(), new_id()
    assert [allowances.use(key, 2_000_000_000) for _ in range(3)] == [1, 2, 3]
    assert allowances.use(new_id(), 2_000_000_000) == 1
