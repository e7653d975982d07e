"""Finding open jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.job_listing import FACETS, fits, term_of, words_of
from chalicelib.domain.jobs import JobCard
from chalicelib.services.hiring_ports import JobListingStore
from chalicelib.services.ports import Clock

MOST_READ = 16
"""How many jobs one page looks at, whatever is asked for: what it costs is bounded, and it may be short."""

MOST_WORDS = 2
"""How many words of a query are looked up; the others are compared with what is read."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """What is looked for: one value of some facets, words, and what is paid at least, in euros a year."""

    facets: Mapping[str, str]
    words: tuple[str, ...] = ()
    least: int | None = None


@dataclass(frozen=True, slots=True)
class FoundJobs:
    """Some jobs, newest first, the position after them (None at the end), and counts of the list that was read."""

    cards: tuple[JobCard, ...]
    position: str | None
    counts: Mapping[str, Mapping[str, int]]
    total: int


@dataclass(frozen=True, slots=True)
class JobSearch:
    """Reads one list for each query: that of its facets together, or that of its rarest word, filtered by the rest."""

    listings: JobListingStore
    now: Clock = clock.now

    def find(self, query: JobQuery, *, limit: int, position: str | None) -> FoundJobs:
        """Return a page; it costs two read units at most, and may be short, or empty, and still have a next one.

        A position is the last job that was looked at, or ``2026-11~``, before which all of a month lies.
        """
        term, counted = self._term(query)
        months = sorted((name[6:] for name, n in counted.items() if name.startswith("month:") and n > 0), reverse=True)
        left = [month for month in months if position is None or month <= position[:7]]
        cards: list[JobCard] = []
        following: str | None = None
        if left:
            page = self.listings.page(term, left[0], below=position, limit=min(limit, MOST_READ))
            cards = [each.card for each in page.found if self._fits(each.card, query)]
            following = page.position or (f"{left[1]}~" if len(left) > 1 else None)
        return FoundJobs(tuple(cards), following, _facets(counted), counted.get("n", 0))

    def _fits(self, card: JobCard, query: JobQuery) -> bool:
        still = card.closes_at is not None and card.closes_at > clock.to_text(self.now())
        return still and fits(card, query.facets, query.words, query.least)

    def _term(self, query: JobQuery) -> tuple[str, dict[str, int]]:
        """Return the term whose list is read, and its counts: of several words the rarest, or that of the facets."""
        terms = [f"q={word}" for word in query.words[:MOST_WORDS]] or [term_of(query.facets)]
        counts = self.listings.counts(terms)
        found = {term: counts.get(term, {}) for term in terms}
        rarest = min(terms, key=lambda term: found[term].get("n", 0))
        return rarest, found[rarest]


def query_of(facets: Mapping[str, str | None], text: str, least: int | None) -> JobQuery:
    """Return what is looked for."""
    return JobQuery({name: value for name, value in facets.items() if value}, words_of(text), least)


def _facets(counted: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return how many jobs have which value of each facet."""
    found: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, n in counted.items():
        facet, _, value = name.partition(":")
        if facet in found and n > 0:
            found[facet][value] = n
    return found
