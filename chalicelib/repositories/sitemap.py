"""Sitemaps, in terms of their own in the directory table: ``sitemap#{day}#{shard}``, and the parts of each year.

Which parts there are is written once by each process that writes into one.
"""

from collections.abc import Iterable
from contextlib import suppress

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.sitemap import SHARDS, SitemapEntry, SitemapPart
from chalicelib.repositories.connection import BaseModel, dynamodb_errors, write
from chalicelib.settings import settings


class _Item(BaseModel):
    class Meta:
        table_name = settings().directory_table

    term = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    born_at = UnicodeAttribute(null=True)
    changed_at = UnicodeAttribute(null=True)


class SitemapRepository:
    """Pages that everyone may see."""

    def __init__(self, name: str = "sitemap") -> None:
        """Take the sitemap's name; know of no part yet."""
        self._name = name
        self._known: set[SitemapPart] = set()

    def put(self, entries: Iterable[SitemapEntry]) -> None:
        """Store pages; the same again changes nothing."""
        for entry in entries:
            self._note(entry.part)
            item = _Item(
                self._term(entry.part),
                f"{entry.kind}#{entry.key}",
                name=entry.name,
                born_at=entry.born_at,
                changed_at=entry.changed_at,
            )
            write(item.save)

    def remove(self, entries: Iterable[SitemapEntry]) -> None:
        """Remove pages; those that are not there are gone already."""
        for entry in entries:
            write(_Item(self._term(entry.part), f"{entry.kind}#{entry.key}").delete)

    def parts(self, year: int) -> list[SitemapPart]:
        """Return the parts of a year, newest day first."""
        with dynamodb_errors():
            found = [item.position for item in _Item.query(self._year_term(str(year)), scan_index_forward=False)]
        return [SitemapPart(day, int(shard)) for day, _, shard in (each.partition("#") for each in found)]

    def entries(self, part: SitemapPart, limit: int) -> list[SitemapEntry]:
        """Return the pages of one part, at most `limit`."""
        if part.shard >= SHARDS:
            return []
        with dynamodb_errors():
            return [_to_domain(item) for item in _Item.query(self._term(part), limit=limit)]

    def _term(self, part: SitemapPart) -> str:
        return f"{self._name}#{part.day}#{part.shard}"

    def _year_term(self, year: str) -> str:
        return f"{self._name}#{year}"

    def _note(self, part: SitemapPart) -> None:
        if part in self._known:
            return
        item = _Item(self._year_term(part.day[:4]), f"{part.day}#{part.shard}")
        with suppress(LostRaceError):  # it is noted already
            write(lambda: item.save(_Item.term.does_not_exist()))
        self._known.add(part)


def _to_domain(item: _Item) -> SitemapEntry:
    kind, _, key = item.position.partition("#")
    # of an item without them nothing is left to show
    name, born_at, changed_at = item.name or "", item.born_at or "", item.changed_at or ""
    return SitemapEntry(kind, key, name, born_at, changed_at)  # type: ignore[arg-type]  # only kinds are ever written
