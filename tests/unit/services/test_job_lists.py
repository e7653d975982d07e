"""Lists of open jobs: facets with counts, words, salaries, pages; and that they follow jobs whatever is cut short."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.job_listing import terms_of, yearly_euros
from chalicelib.domain.jobs import Job, JobChange, JobFields, make_card
from chalicelib.domain.money import Salary
from chalicelib.domain.places import Location
from chalicelib.services.job_lister import AT_ONCE, KIND, JobLister
from chalicelib.services.job_search import FoundJobs, JobSearch, query_of
from tests.support.fake_jobs import FakeJobs, FakeListings, FakePages

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIELDS = JobFields(
    title="Painter",
    mediums=("oil-painting",),
    software=("krita",),
    level="mid",
    employment="full_time",
    workplace="hybrid",
    locations=(Location("DE", "Köln"),),
    salary=Salary(3_000_000, 5_000_000, "EUR", "year"),
)


class Board:
    """Lists with what fills and reads them."""

    def __init__(self) -> None:
        self.jobs, self.listings, self.pages = FakeJobs(), FakeListings(), FakePages()
        self.moment = NOW
        self.lister = JobLister(self.jobs, self.listings, self.pages, lambda: self.moment)
        self.search = JobSearch(self.listings, lambda: self.moment)

    def open(self, job_id: str, published_at: datetime = NOW - timedelta(days=1), **fields: Any) -> Job:
        at = clock.to_text(published_at)
        job = Job(job_id, "blue", "Blue", replace(FIELDS, **fields), "ada", at, at)
        closes = clock.later(NOW, 86400 * 30)
        change = JobChange(1, "ada", at)
        return self.jobs.save(None, replace(job, state="open", published_at=at, closes_at=closes), change)

    def change(self, job_id: str, **changes: Any) -> None:
        old = self.jobs.rows[job_id]
        self.jobs.save(old, replace(old, **changes), JobChange(1, "ada", ""))

    def run(self, job_id: str) -> int:
        """Do a job's errands to their end; return in how many pieces."""
        errand: Errand | None = Errand(KIND, job_id)
        for pieces in range(200):
            if errand is None:
                return pieces
            errand = self.lister.work(errand)
        raise AssertionError("the errand has no end")

    def listed(self, job_id: str, **fields: Any) -> None:
        self.open(job_id, **fields)
        self.run(job_id)

    def page(self, text: str = "", least: int | None = None, limit: int = 20, **facets: str) -> FoundJobs:
        return self.search.find(query_of(facets, text, least), limit=limit, position=None)

    def found(self, text: str = "", least: int | None = None, limit: int = 20, **facets: str) -> list[str]:
        """Follow a list to its end."""
        found: list[str] = []
        position: str | None = None
        for _ in range(100):
            page = self.search.find(query_of(facets, text, least), limit=limit, position=position)
            found += [card.job_id for card in page.cards]
            position = page.position
            if position is None:
                return found
        raise AssertionError("the list has no end")


@pytest.fixture
def board() -> Board:
    return Board()


def test_every_combination_of_facets_is_a_list(board: Board) -> None:
    values = {"level": "lead", "employment": "contract", "workplace": "remote", "country": "JP"}
    values |= {"medium": "ink", "software": "blender"}
    board.listed(
        "one",
        **{k: v for k, v in values.items() if k in {"level", "employment", "workplace"}},
        mediums=("ink", "gouache"),
        software=("blender", "krita"),
        locations=(Location("JP"), Location("DE")),
    )
    board.listed("two")
    for size in range(len(values) + 1):
        for names in combinations(values, size):
            asked: dict[str, Any] = {name: values[name] for name in names}
            assert set(board.found(**asked)) == ({"one"} if names else {"one", "two"})
    assert set(board.found(country="DE")) == {"one", "two"}
    assert board.found(country="FR") == board.found(level="mid", country="JP") == []
    facets = [term for term in terms_of(make_card(board.jobs.rows["one"])) if not term.startswith("q=")]
    assert len(facets) == 3 * 3 * 3 * 2 * 2 * 2


def test_no_job_has_more_terms_than_said() -> None:
    words = " ".join(f"word{each}" for each in range(30))
    most = replace(FIELDS, title=words, mediums=("a1", "b1", "c1"), software=("d1", "e1", "f1", "g1", "h1"))
    most = replace(most, locations=tuple(Location(each) for each in ("DE", "FR", "JP")))
    job = Job("x", "blue", "Blue", most, "ada", "", "")
    assert len(terms_of(make_card(job))) == 768 + 16


def test_counts_are_exact_whatever_is_done_twice(board: Board) -> None:
    for job_id, level in (("a", "lead"), ("b", "lead"), ("c", "mid")):
        board.listed(job_id, level=level, mediums=("oil-painting", "their-own-word"))
    for _ in range(3):
        board.run("c")
    page = board.page()
    assert (page.total, page.counts["level"], page.counts["medium"]) == (3, {"lead": 2, "mid": 1}, {"oil-painting": 3})
    assert board.page(level="lead").counts["country"] == {"DE": 2}
    board.change("c", fields=replace(board.jobs.rows["c"].fields, level="junior", software=()))
    board.run("c")
    assert board.page().counts["level"] == {"lead": 2, "junior": 1}
    assert (board.found(level="mid"), board.found(level="junior")) == ([], ["c"])
    board.change("b", state="closed")
    board.run("b")
    page = board.page()
    assert (page.total, page.counts["level"]) == (2, {"lead": 1, "junior": 1})


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_miss_nothing_and_repeat_nothing(board: Board, limit: int) -> None:
    expected = []
    for month in (9, 10, 11):
        for number in range(9):
            job_id = f"{month:02}-{number}"
            board.open(job_id, datetime(2026, month, 1 + number, tzinfo=UTC))
            board.run(job_id)
            expected.append(job_id)
    board.open("same moment", datetime(2026, 11, 9, tzinfo=UTC))
    board.run("same moment")
    assert board.found(limit=limit) == ["same moment", *expected[::-1]]


def test_words(board: Board) -> None:
    board.listed("a", title="Painter of Ünderwater skies", level="lead")
    board.listed("b", title="Sculptor of skies")
    assert set(board.found("SKIES")) == {"a", "b"}
    assert board.found("skies, ünderwater!") == ["a"]
    assert board.found("of skies painter krita blue") == ["a"]
    assert board.found("skies", level="lead") == ["a"]
    assert board.found("skies nothing") == board.found("ski") == []


def test_a_salary_floor_in_one_currency(board: Board) -> None:
    salaries = {
        "euros": Salary(3_000_000, 5_000_000, "EUR", "year"),
        "yen": Salary(600_000, 800_000, "JPY", "month"),
        "hour": Salary(2000, 2000, "EUR", "hour"),
        "no rate": Salary(9_000_000, 9_900_000, "KWD", "year"),
    }
    for job_id, salary in salaries.items():
        board.listed(job_id, salary=salary)
    assert round(yearly_euros(salaries["yen"]) or 0) == 54_645
    assert yearly_euros(salaries["hour"]) == 41_600
    assert set(board.found(least=50_000)) == {"euros", "yen"}
    assert set(board.found(least=41_600)) == {"euros", "yen", "hour"}
    assert board.found(least=60_000) == []


@pytest.mark.parametrize("state", ["draft", "in_review", "refused", "closed", "expired"])
def test_what_is_not_open_is_in_no_list(board: Board, state: str) -> None:
    board.listed("a")
    board.change("a", state=state)
    board.run("a")
    assert board.listings.items == {}
    assert board.page().total == 0


def test_at_its_closing_moment_a_job_leaves_lists_before_anybody_noted_it(board: Board) -> None:
    board.listed("a")
    board.moment = NOW + timedelta(days=30) - timedelta(milliseconds=1)
    assert board.found() == ["a"]
    board.moment = NOW + timedelta(days=30)
    assert board.found() == []


def test_a_job_that_was_removed_leaves_nothing(board: Board) -> None:
    board.listed("a")
    board.jobs.delete(board.jobs.rows["a"])
    board.run("a")
    assert board.listings.items == {}
    assert board.page().total == 0


def test_a_renewed_job_stands_where_it_is_now(board: Board) -> None:
    board.open("a", NOW - timedelta(days=60))
    board.run("a")
    board.listed("b")
    board.change("a", published_at=clock.to_text(NOW))
    board.run("a")
    assert board.found() == ["a", "b"]
    assert board.page().total == 2


def test_the_sitemap_has_the_pages_of_open_jobs(board: Board) -> None:
    board.open("a", NOW - timedelta(days=60))
    board.run("a")
    board.listed("b")

    def days() -> dict[str, str]:
        return {key: part.day for part, key in board.pages.found}

    assert days() == {"a": "2026-09-23", "b": "2026-11-21"}
    board.change("a", published_at=clock.to_text(NOW))
    board.run("a")
    assert days() == {"a": "2026-11-22", "b": "2026-11-21"}, "a renewed job stands once"
    board.change("a", state="closed")
    board.run("a")
    assert days() == {"b": "2026-11-21"}


# ---------------------------------------------------------------- whatever happens


@pytest.mark.parametrize("cut", [1, 2, AT_ONCE, AT_ONCE + 1, 60])
def test_a_piece_that_is_cut_short_is_taken_up(board: Board, cut: int) -> None:
    board.open("a")
    left = [cut]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    board.listings.before = die
    with pytest.raises(KeyboardInterrupt):
        board.run("a")
    board.listings.before = None
    board.change("a", fields=replace(FIELDS, mediums=("ink",)))  # and before it is taken up, the job is another
    board.run("a")
    assert {term for term, _ in board.listings.items} == set(terms_of(make_card(board.jobs.rows["a"])))
    assert (board.page().total, board.found(medium="oil-painting")) == (1, [])
    assert board.jobs.rows["a"].settled


@pytest.mark.parametrize("when", [1, AT_ONCE, AT_ONCE + 3])
def test_who_lists_a_job_that_is_closed_meanwhile_mends_it(board: Board, when: int) -> None:
    board.open("a")
    left = [when]

    def close() -> None:
        left[0] -= 1
        if not left[0]:
            board.change("a", state="closed")
            board.run("a")  # another worker, to the end

    board.listings.before = close
    board.run("a")
    assert board.listings.items == {}
    assert board.pages.found == {}
    assert board.page().total == 0


def test_who_dies_after_listing_a_job_that_was_closed_meanwhile_is_mended_by_whoever_takes_it_up(board: Board) -> None:
    board.open("a")
    second = board.lister.work(Errand(KIND, "a"))
    assert second is not None
    seen: list[int] = []

    def close_then_die() -> None:
        seen.append(1)
        if len(seen) == 1:
            board.listings.before = None
            board.change("a", state="closed")
            board.run("a")
            board.listings.before = close_then_die
        if len(seen) == 3:
            raise KeyboardInterrupt  # two places were written for a job that is closed

    board.listings.before = close_then_die
    with pytest.raises(KeyboardInterrupt):
        board.lister.work(second)
    board.listings.before = None
    assert board.listings.items
    following: Errand | None = second  # as the queue brings it again
    while following is not None:
        following = board.lister.work(following)
    assert board.listings.items == {}
    assert board.page().total == 0


def test_a_piece_is_bounded(board: Board) -> None:
    board.open("a")
    places = len(terms_of(make_card(board.jobs.rows["a"])))
    assert board.run("a") == -(-places // AT_ONCE)
