"""What finding open jobs costs at 100,000 of them: read units and milliseconds of each kind of query.

    .venv/bin/python -m bench.jobs [--jobs N] [--rounds N] [--seed N]

Runs an emulated DynamoDB of its own. Units are what DynamoDB would count, by the sizes of the items that were read.
Milliseconds are of this machine: in all, most of them the emulator's, which looks at each item of a partition where
DynamoDB goes to the first; and of them our own, from what was read to the page.
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.domain.jobs import Job
    from chalicelib.services.job_search import JobQuery

type Kinds = dict[str, list["JobQuery"]]


def main() -> None:
    """Fill, measure and print."""
    options = _options()
    from bench.jobs.filling import emulated

    with emulated():
        _measure(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.jobs")
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200, help="of each kind of query")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> None:
    from bench.jobs.filling import fill
    from bench.jobs.market import Market
    from chalicelib.domain import clock

    started = time.perf_counter()
    jobs = list(Market(random.Random(options.seed), clock.now()).jobs(options.jobs))
    kinds = _kinds(jobs, random.Random(options.seed + 1))
    filled = fill(jobs, {term for queries in kinds.values() for query in queries for term in _terms(query)})
    print(
        f"{filled.jobs:,} open jobs, which stand under {filled.terms / filled.jobs:.0f} terms each; of these places "
        f"{filled.items:,} are read here and were written, in {time.perf_counter() - started:.0f} s\n"
    )
    print(f"{'query':<46} | RRU    | most | asks | found | ms p50  | p95     | p99     | own p50")
    for name, queries in kinds.items():
        for page in ("first", "second"):
            print(_row(f"{name}, {page} page", queries, page, options.rounds).text(), flush=True)


def _kinds(jobs: Sequence["Job"], chance: random.Random) -> Kinds:
    """Return queries of each kind; those of facets ask for what some job has, drawn at random."""
    from chalicelib.domain.job_listing import FACETS, facets_of
    from chalicelib.domain.jobs import make_card
    from chalicelib.services.job_search import query_of

    def some(names: Sequence[str]) -> dict[str, str | None]:
        while True:
            values = facets_of(make_card(chance.choice(jobs)))
            if all(values[name] for name in names):
                return {name: chance.choice(values[name]) for name in names}

    def drawn(*names: str, count: int = 20) -> list["JobQuery"]:
        return [query_of(some(names), "", None) for _ in range(count)]

    return {
        "all": [query_of({}, "", None)],
        "workplace": drawn("workplace", count=3),
        "level, employment, workplace": drawn("level", "employment", "workplace"),
        "medium": drawn("medium"),
        "country": drawn("country"),
        "medium, software": drawn("medium", "software"),
        "medium, country, workplace": drawn("medium", "country", "workplace"),
        "all six facets": drawn(*FACETS),
        "any facets": [query_of(some(chance.sample(FACETS, chance.randint(1, 6))), "", None) for _ in range(60)],
        "a word": [query_of({}, word, None) for word in ("environment", "lantern", "pixel", "7", "senior")],
        "two words": [query_of({}, words, None) for words in ("pixel artist", "senior lighting", "paper comic")],
        "a word and facets": [query_of(some(("workplace", "medium")), "illustrator", None) for _ in range(10)],
        "a salary floor": [query_of({}, "", least) for least in (30_000, 60_000, 90_000, 120_000)],
        "a rare combination": [query_of({"country": "AQ", "level": "director", "software": "gaea"}, "", None)],
    }


def _terms(query: "JobQuery") -> Iterator[str]:
    from chalicelib.domain.job_listing import term_of
    from chalicelib.services.job_search import MOST_WORDS

    yield from [f"q={word}" for word in query.words[:MOST_WORDS]] or [term_of(query.facets)]


@dataclass
class _Row:
    name: str
    units: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def text(self) -> str:
        """Return the row of the table."""
        cuts = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        return (
            f"{self.name:<46} | {statistics.mean(self.units):>6.2f} | {max(self.units):>4.1f} | "
            f"{statistics.mean(self.requests):>4.1f} | {statistics.mean(self.found):>5.1f} | "
            f"{cuts[49]:>7.1f} | {cuts[94]:>7.1f} | {cuts[98]:>7.1f} | {statistics.median(self.own):>7.2f}"
        )


def _row(name: str, queries: Sequence["JobQuery"], page: str, rounds: int) -> _Row:
    from bench.social.measuring import spending
    from chalicelib import composition

    search, row = composition.job_search(), _Row(name)
    starts = [search.find(each, limit=20, position=None).position if page == "second" else None for each in queries]
    asked = cycle(list(zip(queries, starts, strict=True)))
    for _ in range(rounds):
        query, position = next(asked)
        with spending() as spent:
            started = time.perf_counter()
            found = search.find(query, limit=20, position=position)
            took = time.perf_counter() - started
        row.units.append(spent.reads)
        row.requests.append(spent.requests)
        row.found.append(len(found.cards))
        row.milliseconds.append(took * 1000)
        row.own.append((took - spent.seconds) * 1000)
    return row


if __name__ == "__main__":
    main()
