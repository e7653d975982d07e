"""What jobs are found by: a term for each combination of facets, and one for each word of what they are called.

A job that is an oil painter's in Germany stands under ``country=DE&medium=oil`` and under each part of it, so that
whatever is asked for is one list. A term names at most one value of a facet; a job has 768 terms of facets at most, and
some hundred as a rule.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from chalicelib.domain.exchange_rates import PER_EURO
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.money import Salary, amount
from chalicelib.domain.places import COUNTRIES
from chalicelib.domain.taxonomy import MEDIUMS, SOFTWARE

FACETS = ("country", "employment", "level", "medium", "software", "workplace")
"""In the order in which terms name them."""

ALL = ""
"""The term that every open job stands under."""

MOST_WORDS = 16
"""How many words of its title and studio a job is found by."""

SHARDS = 2
"""Parts of a term that names nothing by which jobs are spread, by a digest of the job: each page reads them all."""

_SPREADING = ("country=", "medium=", "q=", "software=")

_COUNTED = {"medium": frozenset(MEDIUMS), "software": frozenset(SOFTWARE), "country": COUNTRIES}
"""Words that facets count: others are found, and not counted, or the counts of one term would grow without an end."""

_WORD = re.compile(r"\w+")
_PERIODS = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1, "project": 1}
"""How often a full-time year pays a salary: 40 hours in each of 52 weeks, 5 days in a week."""


type Places = tuple[tuple[str, str], ...]
"""Where a job stands, or may stand: pairs of a term and a position."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as it stands in lists: its card, and since when it is public."""

    card: JobCard

    @property
    def position(self) -> str:
        """What lists are ordered by, newest first; the id makes it unique."""
        return f"{self.card.published_at}#{self.card.job_id}"

    @property
    def month(self) -> str:
        """The part of each list that it stands in."""
        return str(self.card.published_at)[:7]


def facets_of(card: JobCard) -> dict[str, tuple[str, ...]]:
    """Return the values that a job has of each facet."""
    return {
        "country": tuple(dict.fromkeys(each.country for each in card.locations)),
        "employment": (card.employment,) if card.employment else (),
        "level": (card.level,) if card.level else (),
        "medium": card.mediums,
        "software": card.software,
        "workplace": (card.workplace,) if card.workplace else (),
    }


def term_of(wanted: Mapping[str, str]) -> str:
    """Return the term that stands for some facets' values together."""
    return "&".join(f"{name}={wanted[name]}" for name in FACETS if wanted.get(name))


def shards_of(term: str) -> int:
    """Return in how many parts a term's jobs stand: all open jobs, all that are remote, and their like, in several."""
    return 1 if any(part.startswith(_SPREADING) for part in term.split("&")) else SHARDS


def shard_of(term: str, job_id: str) -> int:
    """Return the part of a term that a job stands in."""
    return zlib.crc32(job_id.encode()) % shards_of(term)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are compared, each once."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(text.casefold()) if len(word) > 1 or not word.isascii()))


def words_in(card: JobCard) -> tuple[str, ...]:
    """Return the words that a job is found by: those of its title, its studio, its mediums and its software."""
    return words_of(" ".join((card.title, card.studio_name, *card.mediums, *card.software)))[:MOST_WORDS]


def terms_of(card: JobCard) -> tuple[str, ...]:
    """Return every term that a job stands under, in order."""
    values = facets_of(card)
    combined = product(*(("", *values[name]) for name in FACETS))
    facets = {term_of(dict(zip(FACETS, each, strict=True))) for each in combined}
    return tuple(sorted(facets | {f"q={word}" for word in words_in(card)}))


def counts_of(listed: Listed) -> Counter[str]:
    """Return what a job adds to the counts of each of its terms: itself, in its month, and its facets' values."""
    counts = Counter({"n": 1, f"month:{listed.month}": 1})
    for name, values in facets_of(listed.card).items():
        counts.update(f"{name}:{value}" for value in values if value in _COUNTED.get(name, (value,)))
    return counts


def fits(card: JobCard, wanted: Mapping[str, str], words: Iterable[str], least: int | None) -> bool:
    """Tell whether a job has all of some facets' values and words, and pays at least so much (euros a year)."""
    values = facets_of(card)
    known = set(words_in(card))
    if any(value not in values[name] for name, value in wanted.items()) or not known.issuperset(words):
        return False
    return least is None or (
        card.salary is not None and (paid := yearly_euros(card.salary)) is not None and paid >= least
    )


def yearly_euros(salary: Salary) -> Decimal | None:
    """Return the most that a salary is in euros in a full-time year, roughly; None where no rate is known.

    By the reference rates of one day (:mod:`chalicelib.domain.exchange_rates`); what is paid for a project counts as
    it is.
    """
    rate = PER_EURO.get(salary.currency)
    if rate is None:
        return None
    return amount(salary.max, salary.currency) / Decimal(rate) * _PERIODS[salary.period]
