"""People by the beginnings of their names, in the directory's table. See docs/adr/0034-search.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from chalicelib.domain.people import FoundPerson
from chalicelib.repositories import raw
from chalicelib.repositories.lanes import NAMES, key_of
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_NOTE = "people"
_FIRST_LETTERS = 2
_CHUNKS = (20, 20)
"""Items of the requests for a page, a unit each while somebody's item has some 400 bytes."""

_CHUNKS_AFTER_BOUNDS = (20, 10)
"""The same where half a unit was spent before."""

_END = "\uffff"
"""Sorts after every letter that follows a beginning."""


@cache
def _adapter() -> TypeAdapter[FoundPerson]:
    return TypeAdapter(FoundPerson)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some people, by the name that was found, and the position after them; None at the end."""

    people: tuple[FoundPerson, ...]
    position: str | None


class PeopleIndexRepository:
    """People as everyone finds them, an item for each of their names."""

    def put(self, found: FoundPerson) -> None:
        """Have somebody found by their names, and by none that they had before; these are noted first."""
        account, before = found.person.account_id, self._noted(found.person.account_id)
        if not before.issuperset(found.names):
            self._note(account, sorted(found.names))
        kept: Image = {"person": {"S": _adapter().dump_json(found).decode()}}
        raw.put_all(settings().directory_table, [{**_place(name, account), **kept} for name in found.names])
        self._remove(account, before.difference(found.names))

    def remove(self, account_id: str) -> None:
        """Have somebody found no more, and know of them no more."""
        self._remove(account_id, self._noted(account_id))
        raw.delete_all(settings().directory_table, [key_of(f"profile#{account_id}", _NOTE)])

    def find(
        self,
        words: Sequence[str],
        keep: Callable[[FoundPerson], bool],
        *,
        limit: int,
        position: str | None,
        spent: int = 0,
    ) -> FoundPage:
        """List people by the names that begin with the first word, each of the others beginning another of their names.

        A page may be short; ``spent`` are the half units that were read for it already.
        """
        first, others = words[0], words[1:]
        found: list[FoundPerson] = []
        above = position or first
        for chunk in _CHUNKS_AFTER_BOUNDS if spent else _CHUNKS:
            span = Span(above=above, below=f"{first}{_END}")
            items, more = raw.query(
                *(settings().directory_table, NAMES, _partition(first), span), limit=chunk, order="oldest"
            )
            for item in items:
                above = text(item, "position")
                each = _adapter().validate_json(text(item, "person"))
                # somebody with two such names stands there twice: the first of them counts
                if above.partition("#")[0] == each.first_name(first) and each.bears(others) and keep(each):
                    found.append(each)
                    if len(found) == limit:
                        return FoundPage(tuple(found), above)
            if not more:
                return FoundPage(tuple(found), None)
        return FoundPage(tuple(found), above)

    def _remove(self, account_id: str, stale: set[str] | frozenset[str]) -> None:
        raw.delete_all(settings().directory_table, [_place(name, account_id) for name in stale])

    def _noted(self, account_id: str) -> frozenset[str]:
        key = key_of(f"profile#{account_id}", _NOTE)
        item = raw.ask("GetItem", TableName=settings().directory_table, Key=key, ConsistentRead=True).get("Item")
        return frozenset(item["names"]["SS"]) if item else frozenset()

    def _note(self, account_id: str, names: list[str]) -> None:
        raw.ask(
            "UpdateItem",
            TableName=settings().directory_table,
            Key=key_of(f"profile#{account_id}", _NOTE),
            UpdateExpression="ADD #n :n",
            ExpressionAttributeNames={"#n": "names"},
            ExpressionAttributeValues={":n": {"SS": names}},
        )


def _partition(name: str) -> str:
    return f"person#{name[:_FIRST_LETTERS]}"


def _place(name: str, account_id: str) -> Image:
    return key_of(_partition(name), f"{name}#{account_id}")
