"""Lists of artists who look for work, in the jobs table: an item for each artist and term, and one for each's counts.

As with jobs, an item and what it adds to the counts are one transaction: counts are exact.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.money import Salary
from chalicelib.domain.people import Person, Portrait
from chalicelib.domain.profiles import Work
from chalicelib.domain.talent import Talent, sector_of
from chalicelib.repositories import raw
from chalicelib.repositories.connection import write
from chalicelib.repositories.counted_lists import deleting, key_of, putting
from chalicelib.repositories.raw import Span, text
from chalicelib.settings import settings

_KEY = ("partition", "position")
_COUNTS = "counts"
_NOTE = "talent"
_FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TalentPage:
    """Some artists in the order of their places, and the last place that was read; None where there are no more."""

    found: tuple[Talent, ...]
    position: str | None


class TalentRepository:
    """Artists by term, how many there are, and under which terms somebody may stand."""

    def count(self, term: str) -> tuple[int, ...]:
        """Return how many artists each sector of a term has."""
        [*found] = raw.get_all(settings().jobs_table, [key_of(f"counts#talent#{term}", _COUNTS)])
        counted = found[0] if found else {}
        return tuple(int(counted[name]["N"]) if name in counted else 0 for name in ("s0", "s1"))

    def page(self, term: str, sector: int, *, above: str | None, below: str | None, limit: int) -> TalentPage:
        """Return some artists of a sector, in one request."""
        span = Span(above=above, below=below)
        # between two bounds DynamoDB reads the bounds themselves as well
        most = limit + 1 if above and below else limit
        items, more = raw.query(*(settings().jobs_table, _KEY, _list(term, sector), span), limit=most, order="oldest")
        shown = items[:limit]
        found = tuple(_talent(text(item, "content")) for item in shown)
        more = more or len(items) > limit
        return TalentPage(found, text(shown[-1], "position") if more and shown else None)

    def swap(self, term: str, place: str, wanted: Talent | None) -> None:
        """Have an artist stand under a term as they are now, or no more; counts follow. Once more changes nothing.

        Raises:
            LostRaceError: somebody else changed the same place meanwhile.
        """
        sector = sector_of(place)
        key = key_of(_list(term, sector), place)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        old = text(answer["Item"], "content") if "Item" in answer else None
        new = _content(wanted) if wanted else None
        if old == new:
            return
        change = (new is not None) - (old is not None)
        writes = [putting(key, new, old) if new else deleting(key, old)]
        if change:
            writes.append(_count(term, sector, change))
        write(lambda: raw.ask("TransactWriteItems", TransactItems=writes))

    def note(self, account_id: str) -> tuple[str, ...]:
        """Return the terms that somebody stands under or may stand under."""
        key = key_of(f"talent#{account_id}", _NOTE)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        return tuple(json.loads(text(answer["Item"], "content"))) if "Item" in answer else ()

    def save_note(self, account_id: str, terms: Iterable[str], *, ends: bool) -> None:
        """Note where somebody may stand, before they do; for a month where they are to stand nowhere."""
        item = {**key_of(f"talent#{account_id}", _NOTE), "content": {"S": json.dumps(list(terms))}}
        if ends:
            item["expires_at"] = {"N": str(int((clock.now() + _FORGOTTEN).timestamp()))}
        raw.ask("PutItem", TableName=settings().jobs_table, Item=item)


def _list(term: str, sector: int) -> str:
    return f"talents#{sector}#{term}"


def _count(term: str, sector: int, change: int) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": settings().jobs_table,
            "Key": key_of(f"counts#talent#{term}", _COUNTS),
            "UpdateExpression": "ADD #s :n",
            "ExpressionAttributeNames": {"#s": f"s{sector}"},
            "ExpressionAttributeValues": {":n": {"N": str(change)}},
        }
    }


def _content(talent: Talent) -> str:
    """Write an artist without the names of fields: 200 to 400 bytes."""
    return json.dumps(astuple(talent), ensure_ascii=False, separators=(",", ":"))


def _talent(content: str) -> Talent:
    person, availability, work, mediums, software = json.loads(content)
    account_id, handle, name, portrait, version = person
    starts_on, rate, country, audience = work
    return Talent(
        Person(account_id, handle, name, Portrait(*portrait) if portrait else None, version),
        availability,
        Work(starts_on, Salary(*rate) if rate else None, country, audience),
        tuple(mediums),
        tuple(software),
    )
