"""Cases are opened once, and queue in the order in which they were, whatever shard they are on."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import boto3
import pytest

from chalicelib.domain import clock
from chalicelib.domain.ids import new_id
from chalicelib.domain.moderation import Case, CaseKind
from chalicelib.repositories.cases import MOST_OF_SHARD, SHARDS, CaseRepository, QueuedCase
from chalicelib.settings import settings
from tests.support.fakes import FakeCases, FakeMedia, Steps
from tests.unit.support import emulated_aws

if TYPE_CHECKING:
    from chalicelib.services.ports import CaseStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def cases() -> Iterator[CaseRepository]:
    with emulated_aws():
        yield CaseRepository()


def new_case(kind: CaseKind = "appeal", seconds: float = 0, text: str = "I painted it.") -> Case:
    return Case(kind, f"media/{new_id()}", "artist", text, ("declared",), clock.later(NOON, seconds))


def all_pages(cases: CaseRepository, kind: CaseKind | None, limit: int) -> list[QueuedCase]:
    found: list[QueuedCase] = []
    position: str | None = None
    while True:
        page = cases.queue(kind, limit=limit, position=position)
        assert len(page.cases) <= limit
        found += page.cases
        position = page.position
        if position is None:
            return found


def test_a_case_is_opened_once(cases: CaseRepository) -> None:
    case = new_case()
    fake = FakeCases(Steps(), FakeMedia(Steps()))
    stores: list[CaseStore] = [cases, fake]
    for store in stores:
        store.open(case)
        store.open(replace(case, text="the same once more", opened_at=clock.later(NOON, 60)))
    assert cases.get(case.case_id) == case == fake.rows[case.case_id]


def test_each_kind_target_and_opener_has_a_case_of_its_own() -> None:
    case = new_case()
    others = [replace(case, kind="report"), replace(case, target="media/another"), replace(case, opened_by=None)]
    assert len({case.case_id, *(other.case_id for other in others)}) == 4


def test_the_queue_goes_from_old_to_new_through_all_pages(cases: CaseRepository) -> None:
    kinds: list[CaseKind] = ["held", "near-duplicate"]
    opened = [new_case(kinds[number % 2], seconds=-number) for number in range(2 * MOST_OF_SHARD + 8)]
    for case in opened:
        cases.open(case)
    ids = [case.case_id for case in reversed(opened)]
    for limit in (1, 20, 50):
        found = all_pages(cases, None, limit)
        assert [case.case_id for case in found if case.case_id in set(ids)] == ids
        assert all(one.opened_at <= other.opened_at for one, other in pairwise(found))
    held = all_pages(cases, "held", 20)
    assert {case.kind for case in held} == {"held"}
    assert len(held) == len(opened) / 2


def test_a_page_costs_two_read_units_whatever_was_said(cases: CaseRepository) -> None:
    for number in range(5 * MOST_OF_SHARD):  # so many that each shard has enough, whatever the ids
        cases.open(replace(new_case("report", seconds=number, text="\N{ARTIST PALETTE}" * 1000), opened_by="a" * 36))
    read = 0
    for shard in range(SHARDS):
        page = boto3.client("dynamodb").query(
            TableName=settings().cases_table,
            IndexName="queue_of_kind",
            KeyConditionExpression="kind_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": f"report#{shard}"}},
            Limit=MOST_OF_SHARD,
        )
        assert len(page["Items"]) == MOST_OF_SHARD
        sizes = [len(name) + len(value["S"].encode()) for item in page["Items"] for name, value in item.items()]
        # besides names and values, what an index keeps of each item: at most 100 bytes
        read += math.ceil((sum(sizes) + 100 * MOST_OF_SHARD) / 4096)
    assert read / 2 <= 2
