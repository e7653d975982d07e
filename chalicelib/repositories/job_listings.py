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
from chalicelib.domain.job_listing import Listed, Places, counts_of
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.money import Salary
from chalicelib.domain.places import Location
from chalicelib.repositories import raw
from chalicelib.repositories.connection import write
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_KEY = ("partition", "position")
_COUNTS = "counts"
_NOTE = "listed"


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some jobs, newest first, and the position after them; None where the month has no more."""

    found: tuple[Listed, ...]
    position: str | None


class JobListingRepository:
    """Jobs by term and month, the counts of terms, and what is known of where a job stands."""

    def counts(self, terms: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return what is counted of some terms; nothing of those that no job ever had."""
        keys: list[Image] = [_key(f"counts#{term}", _COUNTS) for term in dict.fromkeys(terms)]
        found = raw.get_all(settings().jobs_table, keys)
        return {
            text(item, "partition").partition("#")[2]: {
                name: int(value["N"]) for name, value in item.items() if "N" in value
            }
            for item in found
        }

    def page(self, term: str, month: str, *, below: str | None, limit: int) -> ListedPage:
        """Return a term's jobs of one month, newest first, in one request."""
        span = Span(below=below if below and below[:7] == month else None)
        items, more = raw.query(settings().jobs_table, _KEY, _list(term, month), span, limit=limit)
        found = tuple(Listed(_card(text(item, "content"))) for item in items)
        return ListedPage(found, found[-1].position if more and found else None)

    def swap(self, term: str, position: str, wanted: Listed | None) -> None:
        """Have a job stand at a place under a term as it is now, or no more; counts follow. Once more changes nothing.

        Raises:
            LostRaceError: somebody else changed the same place meanwhile.
        """
        key = _key(_list(term, position[:7]), position)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        old = text(answer["Item"], "content") if "Item" in answer else None
        new = _content(wanted.card) if wanted else None
        if old == new:
            return
        before = counts_of(Listed(_card(old))) if old else Counter()
        after = counts_of(wanted) if wanted else Counter()
        names = {name for name in before.keys() | after.keys() if before[name] != after[name]}
        delta = {name: after[name] - before[name] for name in names}
        item = _put(key, wanted, new, old) if wanted and new else _delete(key, old)
        writes = [item, *([_count(term, delta)] if delta else [])]
        write(lambda: raw.ask("TransactWriteItems", TransactItems=writes))

    def note(self, job_id: str) -> Places:
        """Return where a job stands or may stand."""
        key = _key(f"job#{job_id}", _NOTE)
        answer = raw.ask("GetItem", TableName=settings().jobs_table, Key=key, ConsistentRead=True)
        found = json.loads(text(answer["Item"], "content")) if "Item" in answer else []
        return tuple((term, position) for term, position in found)

    def save_note(self, job_id: str, places: Places) -> None:
        """Note where a job may stand, before it does."""
        item = {**_key(f"job#{job_id}", _NOTE), "content": {"S": json.dumps(places)}}
        raw.ask("PutItem", TableName=settings().jobs_table, Item=item)


def _list(term: str, month: str) -> str:
    return f"list#{month}#{term}"


def _key(partition: str, position: str) -> dict[str, Any]:
    return {"partition": {"S": partition}, "position": {"S": position}}


def _put(key: Image, wanted: Listed, content: str, old: str | None) -> dict[str, Any]:
    expires = clock.from_text(wanted.card.closes_at or wanted.position[:24]) + timedelta(days=7)
    item = {**key, "content": {"S": content}, "expires_at": {"N": str(int(expires.timestamp()))}}
    return {"Put": {"TableName": settings().jobs_table, "Item": item, **_as_read(old)}}


def _delete(key: Image, old: str | None) -> dict[str, Any]:
    return {"Delete": {"TableName": settings().jobs_table, "Key": key, **_as_read(old)}}


def _as_read(old: str | None) -> dict[str, Any]:
    if old is None:
        return {"ConditionExpression": "attribute_not_exists(#p)", "ExpressionAttributeNames": {"#p": "partition"}}
    return {
        "ConditionExpression": "#c = :old",
        "ExpressionAttributeNames": {"#c": "content"},
        "ExpressionAttributeValues": {":old": {"S": old}},
    }


def _count(term: str, delta: Mapping[str, int]) -> dict[str, Any]:
    names = {f"#{index}": name for index, name in enumerate(sorted(delta))}
    return {
        "Update": {
            "TableName": settings().jobs_table,
            "Key": _key(f"counts#{term}", _COUNTS),
            "UpdateExpression": "ADD " + ", ".join(f"{each} :{each[1:]}" for each in names),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{each[1:]}": {"N": str(delta[name])} for each, name in names.items()},
        }
    }


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
