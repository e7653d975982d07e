"""Lists of public posts over inverted items: complete, in order, each post once, at a bounded price."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.listings import Listing
from chalicelib.repositories import raw
from chalicelib.repositories.directory import DirectoryRepository, SharedCardPage
from chalicelib.repositories.search_index import SearchIndexRepository
from tests.support.listed import DAWN, author, like, listing
from tests.support.units import read_units
from tests.unit.support import emulated_aws

TODAY = "2026-11-26"
YEAR = 2026


def anything(card: SharedCard) -> bool:
    return True


@pytest.fixture
def directory() -> Iterator[DirectoryRepository]:
    with emulated_aws():
        yield DirectoryRepository()


def put(directory: DirectoryRepository, *listings: Listing) -> list[str]:
    """List some posts, and return their ids as lists show them."""
    for each in listings:
        directory.put(each.shared.card.post_id, each)
    return [each.shared.card.post_id for each in sorted(listings, key=lambda each: each.position, reverse=True)]


@dataclass
class Reads:
    """What was read: the units of each request."""

    requests: list[float] = field(default_factory=list)

    @property
    def units(self) -> float:
        """Units of all of them."""
        return sum(self.requests)


@contextmanager
def reads() -> Iterator[Reads]:
    """Measure what is read meanwhile."""
    found, ask = Reads(), raw.ask

    def measured(operation: str, **asked: Any) -> dict[str, Any]:
        answer = ask(operation, **asked)
        if operation == "Query":
            found.requests.append(max(0.5, read_units(answer["Items"])))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "ask", measured)
        yield found


def pages(read: Callable[[str | None], SharedCardPage], most: float = 2) -> list[list[str]]:
    """Read a list page by page to its end, none of them dearer than some units."""
    found, position = [], None
    while True:
        with reads() as cost:
            page = read(position)
        assert cost.units <= most
        found.append([each.card.post_id for each in page.cards])
        position = page.position
        if position is None:
            return found
        assert len(found) < 200


def flat(found: list[list[str]]) -> list[str]:
    return [each for page in found for each in page]


def latest(directory: DirectoryRepository, limit: int = 20, **asked: Any) -> list[list[str]]:
    keep = asked.get("keep", anything)
    return pages(lambda at: directory.latest(keep, limit=limit, position=at, today=TODAY))


def search(*terms: str, limit: int = 20, keep: Callable[[SharedCard], bool] = anything) -> list[list[str]]:
    index = SearchIndexRepository()
    return pages(lambda at: index.posts(terms, keep, limit=limit, position=at, year=YEAR))


def test_latest_posts_of_several_days_each_once_and_in_order(directory: DirectoryRepository) -> None:
    days = (0, 1, 2, 9, 40)
    made = [
        listing(number * 7, since=DAWN - timedelta(days=day))
        for day, count in zip(days, (25, 1, 0, 3, 12), strict=True)
        for number in range(count)
    ]
    random.Random(7).shuffle(made)
    expected = put(directory, *made)
    found = latest(directory)
    assert flat(found) == expected
    assert len(found[0]) == 20
    assert flat(latest(directory, limit=3)) == expected


def test_a_full_page_is_full(directory: DirectoryRepository) -> None:
    tags = tuple(f"a-longer-tag-{number}" for number in range(8))
    expected = put(directory, *(listing(number, tags=tags) for number in range(41)))
    found = latest(directory)
    assert flat(found) == expected
    assert [len(page) for page in found] == [20, 20, 1]


def test_no_posts_at_all(directory: DirectoryRepository) -> None:
    assert latest(directory) == [[]]
    assert search("tag:none") == [[]]
    assert search("tag:none", "word:none") == [[]]


def test_posts_made_while_reading_move_nothing(directory: DirectoryRepository) -> None:
    rest = put(directory, *(listing(number, tags=("dragon",)) for number in range(30)))
    first = directory.latest(anything, limit=20, position=None, today=TODAY)
    tagged = SearchIndexRepository().posts(("tag:dragon",), anything, limit=20, position=None, year=YEAR)
    put(directory, *(listing(100 + number, tags=("dragon",)) for number in range(9)))
    following = pages(lambda at: directory.latest(anything, limit=20, position=at or first.position, today=TODAY))
    assert [each.card.post_id for each in first.cards] + flat(following) == rest
    following = pages(
        lambda at: SearchIndexRepository().posts(
            ("tag:dragon",), anything, limit=20, position=at or tagged.position, year=YEAR
        )
    )
    assert [each.card.post_id for each in tagged.cards] + flat(following) == rest


def test_terms_combined_whichever_is_the_rarest(directory: DirectoryRepository) -> None:
    chance = random.Random(3)
    made = [
        listing(
            number,
            tags=("common",) if chance.random() < 0.8 else ("rare", "common"),
            mediums=("ink",) if chance.random() < 0.5 else ("oil",),
        )
        for number in range(60)
    ]
    put(directory, *made)
    for terms in (("tag:common", "medium:ink"), ("medium:oil", "tag:rare"), ("tag:rare", "tag:common", "medium:ink")):
        expected = [each for each in made[::-1] if set(terms) <= set(each.terms)]
        assert expected
        assert flat(search(*terms)) == [each.shared.card.post_id for each in expected]
        assert flat(search(*terms, limit=2)) == [each.shared.card.post_id for each in expected]


def test_a_term_that_no_post_shares_with_another(directory: DirectoryRepository) -> None:
    put(directory, *(listing(number, tags=("this" if number % 2 else "that",)) for number in range(44)))
    assert flat(search("tag:this", "tag:that")) == []


@pytest.mark.parametrize("count", [1, 20, 61])
def test_pages_leave_what_was_spent_before(directory: DirectoryRepository, count: int) -> None:
    """A reader's bounds are half a unit of a page's two: nothing is missing for that."""
    terms, index = ("tag:a", "tag:b", "tag:c", "tag:d"), SearchIndexRepository()
    expected = put(directory, *(listing(number, tags=("a", "b", "c", "d")) for number in range(count)))
    assert expected == flat(pages(lambda at: directory.latest(anything, **_spent(at), today=TODAY), 1.5))
    for asked in (terms[:1], terms[:2], terms):
        found = pages(lambda at, asked=asked: index.posts(asked, anything, **_spent(at), year=YEAR), 1.5)  # type: ignore[misc]
        assert flat(found) == expected


def _spent(position: str | None) -> dict[str, Any]:
    return {"limit": 20, "position": position, "spent": 1}


def test_what_is_left_out_costs_no_more_and_hides_nothing_else(directory: DirectoryRepository) -> None:
    hidden, shown = author("hidden"), author("shown")
    made = [listing(number, by=shown if number % 12 == 0 else hidden, tags=("t",)) for number in range(50)]
    put(directory, *made)
    expected = [each.shared.card.post_id for each in made[::-1] if each.shared.author == shown]
    assert flat(latest(directory, keep=lambda card: card.author == shown)) == expected
    assert flat(search("tag:t", keep=lambda card: card.author == shown)) == expected


def test_a_changed_post_is_found_by_what_it_is_now(directory: DirectoryRepository) -> None:
    by = author()
    before = listing(tags=("old", "kept"), by=by, title="Dragons")
    put(directory, before)
    after = like(before, title="Horses", content_warnings=("gore",))
    after = Listing(before.position, after.shared, ("tag:kept", "tag:new", "word:horse"))
    put(directory, after)
    put(directory, after)
    assert [search(term) for term in ("tag:old", "word:dragon")] == [[[]], [[]]]
    assert [flat(search(term)) for term in ("tag:kept", "tag:new", "word:horse")] == [[after.shared.card.post_id]] * 3
    [found] = directory.latest(anything, limit=5, position=None, today=TODAY).cards
    assert (found.card.title, found.card.content_warnings, found.author) == ("Horses", ("gore",), by)


def test_a_post_that_is_taken_away_and_comes_back(directory: DirectoryRepository) -> None:
    made = listing(tags=("dragon",))
    directory.remove(made.shared.card.post_id)
    put(directory, made)
    for _ in range(2):
        directory.remove(made.shared.card.post_id)
        assert (latest(directory), search("tag:dragon")) == ([[]], [[]])
        items = raw.ask("Scan", TableName="cara-local-directory")["Items"]
        left = [each for each in items if not each["term"]["S"].startswith("days#")]
        assert [set(each) for each in left] == [{"term", "position", "terms", "found_at", "expires_at"}]
    put(directory, made)
    assert flat(search("tag:dragon")) == flat(latest(directory)) == [made.shared.card.post_id]
    items = raw.ask("Scan", TableName="cara-local-directory")["Items"]
    assert not any("expires_at" in each for each in items)
