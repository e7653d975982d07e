"""The cases table and the moderators' queue."""

import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.media import Media
from chalicelib.domain.moderation import Case, CaseKind, Decision, LogEntry, Standing
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.repositories.accounts import change_standing
from chalicelib.repositories.audit import add_entry
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, transact, write
from chalicelib.repositories.media import change_media
from chalicelib.repositories.posts import change_post
from chalicelib.repositories.profiles import change_profile
from chalicelib.settings import settings

SHARDS = 2
"""Partitions of the queue, over which cases are spread by their ids: each takes a thousand new cases a second. A page
reads all of them, so that more would make it dearer."""

MOST_OF_SHARD = 13
"""How many cases a page reads of a shard at most: of 600 bytes, as long as they get, they fit one read unit."""

MOST_CLOSED = 90
"""How many cases a decision closes at most: a transaction has a hundred items."""

_PROJECTED = ["kind", "target", "opened_by", "opened_at", "excerpt"]


class _Queue(GlobalSecondaryIndex["_CaseItem"]):
    class Meta:
        index_name = "queue"
        projection = IncludeProjection(_PROJECTED)

    queue_shard = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _QueueOfKind(GlobalSecondaryIndex["_CaseItem"]):
    class Meta:
        index_name = "queue_of_kind"
        projection = IncludeProjection(_PROJECTED)

    kind_shard = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ByTarget(GlobalSecondaryIndex["_CaseItem"]):
    class Meta:
        index_name = "by_target"
        projection = KeysOnlyProjection()

    open_target = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ByOpener(GlobalSecondaryIndex["_CaseItem"]):
    class Meta:
        index_name = "by_opener"
        projection = KeysOnlyProjection()

    opened_by = UnicodeAttribute(hash_key=True)


class _CaseItem(BaseModel):
    class Meta:
        table_name = settings().cases_table

    queue = _Queue()
    queue_of_kind = _QueueOfKind()
    by_target = _ByTarget()
    by_opener = _ByOpener()

    case_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute()
    target = UnicodeAttribute()
    opened_by = UnicodeAttribute(null=True)
    opened_at = UnicodeAttribute()
    position = UnicodeAttribute()
    excerpt = UnicodeAttribute()
    text = UnicodeAttribute()
    evidence: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...])
    pictures: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...])
    state = UnicodeAttribute()
    decision: JsonAttribute[Decision] = JsonAttribute(Decision, null=True)
    decision_id = UnicodeAttribute(null=True)
    version = UnicodeAttribute(null=True)
    queue_shard = UnicodeAttribute(null=True)
    kind_shard = UnicodeAttribute(null=True)
    open_target = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case as the queue shows it."""

    case_id: str
    kind: CaseKind
    target: str
    opened_by: str | None
    opened_at: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some open cases, oldest first, and the position after them; None at the end."""

    cases: tuple[QueuedCase, ...]
    position: str | None


class CaseRepository:
    """Cases by id, by target, and those that nobody has decided yet."""

    def open(self, case: Case) -> None:
        """Open a case; one of the same kind and target by the same opener that is there, open or decided, stays."""
        with suppress(LostRaceError):
            write(lambda: _to_item(case).save(_CaseItem.case_id.does_not_exist()))

    def get(self, case_id: str) -> Case | None:
        """Return a case, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(_CaseItem.get(case_id, consistent_read=True))
            except _CaseItem.DoesNotExist:
                return None

    def open_appeal(self, case: Case, old: Media, new: Media, moment: datetime) -> None:
        """Open an appeal and note it with its media, both or none.

        Raises:
            LostRaceError: the media was changed since ``old`` was read, or there is such an appeal.
        """

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_to_item(case), condition=_CaseItem.case_id.does_not_exist())
            change_media(transaction, old, new, moment)

        transact(writes)

    def decide(
        self,
        entry: LogEntry,
        cases: Iterable[Case],
        moment: datetime,
        *,
        media: tuple[Media, Media] | None = None,
        standing: tuple[Standing | None, Standing] | None = None,
        post: tuple[Post, Post, Card] | None = None,
        profile: tuple[Profile, Profile] | None = None,
    ) -> None:
        """Close cases by a decision, write it into the log and change something by it, all or nothing.

        Args:
            entry: the decision, for the log.
            cases: the cases as they were read: open, or decided otherwise.
            moment: now.
            media: a media as it was read, and as it shall be.
            standing: an account's standing as it was read, and as it shall be.
            post: a post as it was read, as it shall be, and its card then.
            profile: a profile as it was read, and as it shall be.

        Raises:
            LostRaceError: somebody else decided one of the cases, or changed the rest.
        """

        def writes(transaction: TransactWrite) -> None:
            close_cases(transaction, entry, cases)
            if media is not None:
                change_media(transaction, *media, moment)
            if standing is not None:
                change_standing(transaction, *standing)
            if post is not None:
                change_post(transaction, *post, moment)
            if profile is not None:
                change_profile(transaction, *profile)

        transact(writes)

    def about(self, target: str) -> list[Case]:
        """Return what is open about a target, oldest first; not all where that is more than one write can close."""
        with dynamodb_errors():
            keys = [item.case_id for item in _CaseItem.by_target.query(target, limit=MOST_CLOSED)]
            found = [_to_domain(item) for item in _CaseItem.batch_get(keys, consistent_read=True)] if keys else []
        return sorted((case for case in found if case.state == "open"), key=lambda case: case.position)

    def of_opener(self, account_id: str, limit: int) -> list[Case]:
        """Return some cases that an account opened."""
        with dynamodb_errors():
            keys = [item.case_id for item in _CaseItem.by_opener.query(account_id, limit=limit, page_size=limit)]
            return [_to_domain(item) for item in _CaseItem.batch_get(keys, consistent_read=True)] if keys else []

    def forget(self, case_id: str) -> None:
        """Remove a case; one that is gone is left alone."""
        write(lambda: _CaseItem(case_id).delete())

    def reopen(self, case: Case, opened_by: str) -> None:
        """Have an open case be opened by somebody else; one that was decided or changed meanwhile is left alone."""
        new = replace(case, opened_by=opened_by)

        def writes(transaction: TransactWrite) -> None:
            transaction.delete(_CaseItem(case.case_id), condition=_as_read(case))
            add_case(transaction, new)

        with suppress(LostRaceError):
            transact(writes)

    def queue(self, kind: CaseKind | None, *, limit: int, position: str | None) -> QueuePage:
        """List open cases, oldest first, of one kind or of all.

        Every shard is read from the same position. What one of them may still hold before another's last case is not
        known, so that a page ends there; it may be short.
        """
        index, prefix = (_CaseItem.queue_of_kind, f"{kind}#") if kind else (_CaseItem.queue, "open#")
        after = _CaseItem.position > position if position else None
        most = min(limit + 1, MOST_OF_SHARD)
        found: list[_CaseItem] = []
        known_to: list[str] = []
        with dynamodb_errors():
            for shard in range(SHARDS):
                items = list(index.query(f"{prefix}{shard}", after, limit=most, page_size=most))
                found += items
                if len(items) == most:
                    known_to.append(items[-1].position)
        until = min(known_to, default=None)
        known = sorted((each for each in found if until is None or each.position <= until), key=lambda e: e.position)
        shown = known[:limit]
        more = len(known) > limit or until is not None
        return QueuePage(tuple(_to_queued(each) for each in shown), shown[-1].position if more else None)


def add_case(transaction: TransactWrite, case: Case) -> None:
    """Open a case as part of the transaction that has something wait for it, which fails where there is such a case."""
    transaction.save(_to_item(case), condition=_CaseItem.case_id.does_not_exist())


def close_cases(transaction: TransactWrite, entry: LogEntry, cases: Iterable[Case]) -> None:
    """Close cases and write the decision into the log as part of the transaction that carries it out."""
    add_entry(transaction, entry)
    for case in cases:
        decided = _to_item(replace(case, state="decided", decision=entry.decision))
        transaction.save(decided, condition=_as_read(case))


def _as_read(case: Case) -> Any:
    if case.decision is not None:
        return _CaseItem.decision_id == case.decision.decision_id
    return _CaseItem.state == case.state


def _shard(case_id: str) -> int:
    return zlib.crc32(case_id.encode()) % SHARDS


def _to_item(case: Case) -> _CaseItem:
    shard = _shard(case.case_id)
    waits = case.state == "open"
    return _CaseItem(
        case.case_id,
        kind=case.kind,
        target=case.target,
        opened_by=case.opened_by,
        opened_at=case.opened_at,
        position=case.position,
        excerpt=case.excerpt,
        text=case.text,
        evidence=case.evidence,
        pictures=case.pictures,
        state=case.state,
        decision=case.decision,
        decision_id=case.decision.decision_id if case.decision else None,
        version=case.version,
        queue_shard=f"open#{shard}" if waits else None,
        kind_shard=f"{case.kind}#{shard}" if waits else None,
        open_target=case.target if waits else None,
    )


def _to_domain(item: _CaseItem) -> Case:
    return Case(
        kind=item.kind,  # type: ignore[arg-type]  # only kinds are ever written
        target=item.target,
        opened_by=item.opened_by,
        text=item.text,
        evidence=item.evidence,
        opened_at=item.opened_at,
        pictures=item.pictures,
        state=item.state,  # type: ignore[arg-type]  # only states are ever written
        decision=item.decision,
        version=item.version,
    )


def _to_queued(item: Any) -> QueuedCase:
    return QueuedCase(item.case_id, item.kind, item.target, item.opened_by, item.opened_at, item.excerpt)
