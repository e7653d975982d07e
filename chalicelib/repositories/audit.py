"""The audit log of moderators' decisions: entries are added, and changed by nothing but an account's deletion."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.moderation import LogEntry
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, write
from chalicelib.settings import settings


class _ByTarget(GlobalSecondaryIndex["_EntryItem"]):
    class Meta:
        index_name = "by_target"
        projection = AllProjection()

    target = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)


class _EntryItem(BaseModel):
    class Meta:
        table_name = settings().moderation_log_table

    by_target = _ByTarget()

    entry_id = UnicodeAttribute(hash_key=True)
    target = UnicodeAttribute()
    entry: JsonAttribute[LogEntry] = JsonAttribute(LogEntry)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries, newest first, and the position after them; None at the end."""

    entries: tuple[LogEntry, ...]
    position: str | None


def add_entry(transaction: TransactWrite, entry: LogEntry) -> None:
    """Add an entry as part of the transaction that carries its decision out."""
    item = _EntryItem(entry.decision.decision_id, target=entry.decision.target, entry=entry)
    transaction.save(item, condition=_EntryItem.entry_id.does_not_exist())


class AuditRepository:
    """Entries by target."""

    def page(self, target: str, *, limit: int, position: str | None) -> LogPage:
        """List what was decided about a target, newest first."""
        before = _EntryItem.entry_id < position if position else None
        with dynamodb_errors():
            items = list(
                _EntryItem.by_target.query(
                    target, before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
                )
            )
        shown = items[:limit]
        return LogPage(tuple(item.entry for item in shown), shown[-1].entry_id if len(items) > limit else None)

    def rename(self, entry: LogEntry, target: str) -> None:
        """Have an entry name its target otherwise, as the account that it is about is gone; all else stays."""
        old, told = entry.decision, replace(entry, decision=replace(entry.decision, target=target))
        actions: list[Any] = [_EntryItem.target.set(target), _EntryItem.entry.set(told)]
        unchanged = _EntryItem.target == old.target
        with suppress(LostRaceError):
            write(lambda: _EntryItem(old.decision_id).update(actions, unchanged))
