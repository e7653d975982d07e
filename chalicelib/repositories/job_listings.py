"""Lists of open jobs, in the jobs table: an item for each job and term, and one that counts each term's.

An item and what it adds to the counts are one transaction on the condition that the item is as it was read: counts are
exact, whatever is done twice.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.job_listing import FACETS, Listed, Places, counts_of, shard_of, shards_of
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.money import Salary
from chalicelib.domain.places import Location
from chalicelib.repositories import raw
from chalicelib.repositories.connection import write
from chalicelib.repositories.counted_lists import deleting, key_of, putting
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_KEY = ("partition", "position")
_COUNTS = "counts"
_NOTE = "listed"
_KINDS = {name[0]: name for name in FACETS}

PART = 8
"""Items of one part of a term that a page reads: half a unit, while they have 512 bytes."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some jobs, newest first, and the position after them; None where the month has no more."""

    found: tuple[Listed, ...]
    position: str | None


class JobListingRepository:
    """Jobs by term and month, the counts of terms, and what is known of where a job stands."""

    def counts(self, terms: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return what is counted of some terms; nothing of those that no job ever had."""
        parts = {_counts(term, shard): term for term in terms for shard in range(shards_of(term))}
        found: dict[str, Counter[str]] = {}
        for item in raw.get_all(settings().jobs_table, [key_of(part, _COUNTS) for part in parts]):
            numbers = {_full(name): int(value["N"]) for name, value in item.items() if "N" in value}
            found.setdefault(parts[text(item, "partition")], Counter()).update(numbers)
        return {term: dict(counted) for term, counted in found.items()}

    def page(self, term: str, month: str, *, below: str | None, limit: int) -> ListedPage:
        """Return a term's jobs of one month, newest first, in one request for each part of the term."""
        span = Span(below=below if below and below[:7] == month else None)
        shards = shards_of(term)
        each = limit if shards == 1 else min(limit, PART)
        items: list[Image] = []
        floor = ""
        for shard in range(shards):
            part, more = raw.query(settings().jobs_table, _KEY, _list(term, month, shard), span, limit=each)
            items += part
            if more and part:  # what one part has below its last item may stand before what others have
                floor = max(floor, text(part[-1], "position"))
        known = sorted((text(item, "position") for item in items), reverse=True)
        shown = [position for position in known if position >= floor][:limit]
        contents = {text(item, "position"): text(item, "content") for item in items}
        found = tuple(Listed(_card(contents[position])) for position in shown)
        return ListedPage(found, shown[-1] if shown and (floor or len(shown) < len(known)) else None)

    def swap(self, term: str, position: str, wanted: Listed | None) -> None:
        """Have a job stand at a place under a term as it is now, or no more; counts follow. Once more changes nothing.

        Raises:
            LostRaceError: somebody else changed the same place meanwhile.
        """
        shard = shard_of(term, position.rpartition("#")[2])
        key = key_of(_list(term, position[:7], shard), position)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        old = text(answer["Item"], "content") if "Item" in answer else None
        new = _content(wanted.card) if wanted else None
        if old == new:
            return
        before = counts_of(Listed(_card(old))) if old else Counter()
        after = counts_of(wanted) if wanted else Counter()
        names = {name for name in before.keys() | after.keys() if before[name] != after[name]}
        delta = {name: after[name] - before[name] for name in names}
        item = _put(key, wanted, new, old) if wanted and new else deleting(key, old)
        writes = [item, *([_count(_counts(term, shard), delta)] if delta else [])]
        write(lambda: raw.ask("TransactWriteItems", TransactItems=writes))

    def note(self, job_id: str) -> Places:
        """Return where a job stands or may stand."""
        key = key_of(f"job#{job_id}", _NOTE)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        found = json.loads(text(answer["Item"], "content")) if "Item" in answer else []
        return tuple((term, position) for term, position in found)

    def save_note(self, job_id: str, places: Places) -> None:
        """Note where a job may stand, before it does."""
        item = {**key_of(f"job#{job_id}", _NOTE), "content": {"S": json.dumps(places)}}
        raw.ask("PutItem", TableName=settings().jobs_table, Item=item)


def _list(term: str, month: str, shard: int) -> str:
    return f"list#{month}#{_part(term, shard)}"


def _counts(term: str, shard: int) -> str:
    return f"counts#{_part(term, shard)}"


def _part(term: str, shard: int) -> str:
    return term if shards_of(term) == 1 else f"{shard}#{term}"


def _put(key: Image, wanted: Listed, content: str, old: str | None) -> dict[str, Any]:
    expires = clock.from_text(wanted.card.closes_at or wanted.position[:24]) + timedelta(days=7)
    return putting(key, content, old, expires_at={"N": str(int(expires.timestamp()))})


def _count(part: str, delta: Mapping[str, int]) -> dict[str, Any]:
    names = {f"#{index}": _short(name) for index, name in enumerate(sorted(delta))}
    values = {f":{index}": {"N": str(delta[name])} for index, name in enumerate(sorted(delta))}
    return {
        "Update": {
            "TableName": settings().jobs_table,
            "Key": key_of(part, _COUNTS),
            "UpdateExpression": "ADD " + ", ".join(f"{each} :{each[1:]}" for each in names),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
    }


def _short(name: str) -> str:
    """Write the name of a count in as few bytes as it takes, so that all of a term's counts are below 4 KB."""
    kind, _, value = name.partition(":")
    if kind == "month":
        return f"t{value[2:4]}{value[5:]}"
    return f"{kind[0]}{value}" if value else name


def _full(short: str) -> str:
    if short[0] == "t":
        return f"month:20{short[1:3]}-{short[3:]}"
    return f"{_KINDS[short[0]]}:{short[1:]}" if short[0] in _KINDS else short


def _content(card: JobCard) -> str:
    """Write a card without the names of its fields: 250 to 350 bytes."""
    return json.dumps(astuple(card), ensure_ascii=False, separators=(",", ":"))


def _card(content: str) -> JobCard:
    values = json.loads(content)
    job_id, title, slug, studio, mediums, software, level, employment, workplace, places, salary, *times = values
    return JobCard(
        *(job_id, title, slug, studio, tuple(mediums), tuple(software), level, employment, workplace),
        tuple(Location(*each) for each in places),
        Salary(*salary) if salary else None,
        *times,
    )
