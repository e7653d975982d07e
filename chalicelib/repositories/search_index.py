"""Posts by terms, over the inverted items of the directory. See docs/adr/0034-search.md."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chalicelib.domain.listings import FIRST_YEAR, term_partition
from chalicelib.domain.search import mark
from chalicelib.repositories.directory import CHUNK, HALF_UNITS, TOP, Keep, SharedCardPage, allowance_for, cards_of
from chalicelib.repositories.lanes import Allowance, Lane, Merge
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.domain.cards import SharedCard


class SearchIndexRepository:
    """What OpenSearch would take over."""

    def posts(
        self, terms: Sequence[str], keep: Keep, *, limit: int, position: str | None, year: int, spent: int = 0
    ) -> SharedCardPage:
        """List the public posts that all of some terms find, newest first; a page may be short.

        ``spent`` are the half units that were read for the page already.

        Of several terms, the one is read that the fewest recent posts have, and of its items those are taken that bear
        the marks of the others. Which it is shows by reading some of each: whose reach furthest back. So nothing is
        counted that everybody would have to count at once.
        """
        allowance = allowance_for(limit, spent)
        term, below, probed = _leading(terms, position, year, allowance)
        wanted = [mark(each) for each in terms if each != term]
        cards: list[SharedCard] = []
        for lane in _years(term, below, year, probed):
            below = lane.below
            merge = Merge([lane], allowance, limit if len(terms) == 1 else CHUNK)
            for card, at in cards_of(merge, keep, wanted):
                below = at
                cards += [card] if card else []
                if len(cards) == limit:
                    return SharedCardPage(tuple(cards), f"{terms.index(term)}|{below}")
            if not merge.complete:
                return SharedCardPage(tuple(cards), f"{terms.index(term)}|{below}")
        return SharedCardPage(tuple(cards), None)


def _leading(
    terms: Sequence[str], position: str | None, year: int, allowance: Allowance
) -> tuple[str, str, Lane | None]:
    """Return the term to read, where to go on, and what was read of it already."""
    if position is not None:
        number, _, below = position.partition("|")
        return terms[int(number) % len(terms)], below, None
    if len(terms) == 1:
        return terms[0], "", None
    probed = {term: _lane(term, year, "") for term in terms[: min(HALF_UNITS, allowance.left)]}
    for lane in probed.values():
        allowance.use(CHUNK)
        lane.fill(CHUNK)
    term = min(probed, key=lambda each: _reach(probed[each]))
    return term, "", probed[term]


def _lane(term: str, year: int, below: str) -> Lane:
    return Lane(settings().directory_table, term_partition(term, year), below or f"{year}{TOP}")


def _reach(lane: Lane) -> str:
    """Return how far back some items reach; '' where there are no more of them."""
    return "" if lane.ended else lane.below or ""


def _years(term: str, below: str, latest_year: int, probed: Lane | None) -> Iterator[Lane]:
    """Give a term's partitions, the newest first."""
    year = min(int(below[:4]), latest_year) if below else latest_year
    yield probed or _lane(term, year, below)
    yield from (_lane(term, earlier, "") for earlier in range(year - 1, FIRST_YEAR - 1, -1))
