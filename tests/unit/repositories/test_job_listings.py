"""Lists of open jobs in the table: parts of a term read as one list, complete and in order, at a bounded price."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.ids import new_id
from chalicelib.domain.job_listing import ALL, FACETS, Listed, shards_of
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.money import Salary
from chalicelib.domain.places import COUNTRIES, Location
from chalicelib.domain.taxonomy import MEDIUMS, SOFTWARE
from chalicelib.repositories import raw
from chalicelib.repositories.job_listings import PART, JobListingRepository
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.support import emulated_aws

MONTH = "2026-11"
LONGEST = "employment=internship&level=director&workplace=on_site"


@pytest.fixture
def listings() -> Iterator[JobListingRepository]:
    with emulated_aws():
        yield JobListingRepository()


def listed(number: int, **fields: Any) -> Listed:
    values: dict[str, Any] = {
        "title": f"Senior Environment Artist, number {number}",
        "slug": "blue-lantern-games",
        "studio_name": "Blue Lantern Games",
        "mediums": ("3d-modeling", "game-art"),
        "software": ("blender", "substance-painter", "unreal-engine"),
        "level": "senior",
        "employment": "full_time",
        "workplace": "hybrid",
        "locations": (Location("DE", "Frankfurt am Main"),),
        "salary": Salary(4_200_000, 5_500_000, "EUR", "year"),
        **fields,
    }
    at = f"{MONTH}-01T00:00:{number:02}.000Z"
    return Listed(
        JobCard(job_id=new_id(), published_at=at, closes_at="2027-01-01T00:00:00.000Z", state="open", **values)
    )


def items(partition: str) -> list[Any]:
    found, _ = raw.query(settings().jobs_table, ("partition", "position"), partition, raw.EVERYTHING, limit=100)
    return found


@pytest.mark.parametrize("limit", [1, 3, PART, 16])
@pytest.mark.parametrize("term", [ALL, "level=senior", "medium=game-art"])
def test_pages_hold_each_job_once_newest_first(listings: JobListingRepository, term: str, limit: int) -> None:
    jobs = [listed(number) for number in range(40)]
    for job in jobs:
        listings.swap(term, job.position, job)
    found: list[str] = []
    below: str | None = None
    for _ in range(100):
        page = listings.page(term, MONTH, below=below, limit=limit)
        assert 0 < len(page.found) <= limit
        found += [each.card.job_id for each in page.found]
        below = page.position
        if below is None:
            break
    assert found == [job.card.job_id for job in reversed(jobs)]
    counted = listings.counts([term, "level=lead"])
    assert counted[term] | {"n": 0} == {
        "n": 0,
        f"month:{MONTH}": 40,
        "country:DE": 40,
        "employment:full_time": 40,
        "level:senior": 40,
        "medium:3d-modeling": 40,
        "medium:game-art": 40,
        "software:blender": 40,
        "software:substance-painter": 40,
        "software:unreal-engine": 40,
        "workplace:hybrid": 40,
    }
    assert counted[term]["n"] == 40
    assert "level=lead" not in counted
    for job in jobs:
        listings.swap(term, job.position, None)
    assert set(listings.counts([term])[term].values()) == {0}


def test_no_partition_takes_all_jobs(listings: JobListingRepository) -> None:
    for number in range(30):
        job = listed(number)
        listings.swap(ALL, job.position, job)
    parts = [len(items(f"list#{MONTH}#{shard}#")) for shard in (0, 1)]
    assert sum(parts) == 30
    assert min(parts) > 3
    counts = [int(items(f"counts#{shard}#")[0]["n"]["N"]) for shard in (0, 1)]
    assert counts == parts


def test_broad_terms_are_parted_and_others_are_not() -> None:
    broad = {ALL, "level=mid", "workplace=remote", LONGEST}
    assert {shards_of(term) for term in broad} == {2}
    narrow = {"country=DE", "medium=ink", "software=krita", "q=painter", "country=DE&level=mid", "level=mid&medium=ink"}
    assert {shards_of(term) for term in narrow} == {1}


def test_what_a_page_costs_at_the_most(listings: JobListingRepository) -> None:
    """Of the dearest list: the counts of all that is counted, at 100,000 jobs, and full parts of long items."""
    for number in range(60):
        job = listed(number)
        listings.swap(LONGEST, job.position, job)
    pages = [items(f"list#{MONTH}#{shard}#{LONGEST}")[:PART] for shard in (0, 1)]
    assert [len(page) for page in pages] == [PART, PART]
    [counts] = items(f"counts#0#{LONGEST}")
    most = {name: value for name, value in counts.items() if "S" in value}
    values = {"country": sorted(COUNTRIES), "medium": MEDIUMS, "software": SOFTWARE}
    values |= {"level": ["junior", "mid", "senior", "lead", "director"]}
    values |= {"employment": ["full_time", "part_time", "contract", "freelance", "internship"]}
    values |= {"workplace": ["on_site", "hybrid", "remote"]}
    short = {name for name, value in counts.items() if "N" in value}
    assert {"cDE", "lsenior", "sunreal-engine", "t2611", "n"} <= short
    most |= {f"{name[0]}{value}": {"N": "50000"} for name in FACETS for value in values[name]}
    most |= {f"t26{month:02}": {"N": "50000"} for month in range(1, 13)} | {"n": {"N": "50000"}}
    assert sum(read_units(page) for page in pages) + 2 * read_units([most]) <= 2
