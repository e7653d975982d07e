"""The jobs table: jobs with the changes made to them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.deletion import GONE
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.jobs import A_MODERATOR, KEPT_DAYS, Job, JobCard, JobChange, make_card
from chalicelib.domain.moderation import Case
from chalicelib.repositories.cases import add_case
from chalicelib.repositories.connection import (
    BaseModel,
    JsonAttribute,
    at_once,
    due_bucket,
    due_buckets,
    dynamodb_errors,
    transact,
    write,
)
from chalicelib.settings import settings

_JOB = "job"
_CHANGE = "change#"
_OVER = frozenset({"closed", "expired"})


class _ByList(GlobalSecondaryIndex["JobItem"]):
    class Meta:
        index_name = "by_list"
        projection = IncludeProjection(["card"])

    list = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class _Due(GlobalSecondaryIndex["JobItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class _ByActor(GlobalSecondaryIndex["JobItem"]):
    class Meta:
        index_name = "by_actor"
        projection = KeysOnlyProjection()

    actor = UnicodeAttribute(hash_key=True)


class JobItem(BaseModel):
    """A job, or one change of it; ``actor`` is the account that made it."""

    class Meta:
        """Where it is."""

        table_name = settings().jobs_table

    by_list = _ByList()
    due = _Due()
    by_actor = _ByActor()

    partition = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    job: JsonAttribute[Job] = JsonAttribute(Job, null=True)
    change: JsonAttribute[JobChange] = JsonAttribute(JobChange, null=True)
    version = NumberAttribute(null=True)
    card: JsonAttribute[JobCard] = JsonAttribute(JobCard, null=True)
    list = UnicodeAttribute(null=True)
    rank = UnicodeAttribute(null=True)
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    actor = UnicodeAttribute(null=True)
    expires_at = TTLAttribute(null=True)


@dataclass(frozen=True, slots=True)
class JobCards:
    """Some cards, newest first, and the position after them; None at the end."""

    cards: tuple[JobCard, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class JobChanges:
    """Some changes, newest first, and the position after them; None at the end."""

    changes: tuple[JobChange, ...]
    position: str | None


def change_job(transaction: TransactWrite, old: Job | None, new: Job, change: JobChange) -> Job:
    """Store a job and what was changed as part of a transaction, which fails where it is not as ``old`` any more."""
    new = replace(new, version=old.version + 1 if old else 1, settled=False)
    unchanged: Any = JobItem.version == old.version if old else JobItem.partition.does_not_exist()
    transaction.save(_to_item(new), condition=unchanged)
    noted = replace(change, version=new.version)
    actor = noted.by if noted.by != A_MODERATOR else None
    transaction.save(JobItem(_job(new.job_id), f"{_CHANGE}{noted.version:08}", change=noted, actor=actor))
    return new


class JobRepository:
    """Jobs by id and by studio. All writes are conditional, and tell who changed what."""

    def get(self, job_id: str, *, consistent: bool = False) -> Job | None:
        """Return a job, or None."""
        with dynamodb_errors():
            try:
                return JobItem.get(_job(job_id), _JOB, consistent_read=consistent).job
            except JobItem.DoesNotExist:
                return None

    def get_many(self, job_ids: Iterable[str]) -> dict[str, Job]:
        """Return those of some jobs that exist, by id."""
        keys = [(_job(job_id), _JOB) for job_id in job_ids]
        with dynamodb_errors():
            found = [item.job for item in JobItem.batch_get(keys)] if keys else []
        return {job.job_id: job for job in found}

    def save(self, old: Job | None, new: Job, change: JobChange, case: Case | None = None) -> Job:
        """Store a new or changed job, with the case that it now waits for; return it with its version.

        Raises:
            LostRaceError: it was changed since ``old`` was read.
        """
        saved: list[Job] = []

        def writes(transaction: TransactWrite) -> None:
            saved.append(change_job(transaction, old, new, change))
            if case is not None:
                add_case(transaction, case)

        transact(writes)
        return saved[-1]

    def delete(self, job: Job) -> None:
        """Remove a job, if nobody changed it since, and then what was changed of it.

        Raises:
            LostRaceError: somebody did.
        """
        write(lambda: JobItem(_job(job.job_id), _JOB).delete(_unchanged(job)))
        with dynamodb_errors():
            changes = list(JobItem.query(_job(job.job_id), JobItem.position.startswith(_CHANGE)))
        at_once(lambda item: write(item.delete), changes)

    def of_studio(self, slug: str, *, limit: int, position: str | None) -> JobCards:
        """List a studio's jobs in every state, newest first."""
        before = JobItem.rank < position if position else None
        with dynamodb_errors():
            items = list(
                JobItem.by_list.query(
                    f"studio#{slug}", before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
                )
            )
        shown = items[:limit]
        more = len(items) > limit
        return JobCards(tuple(each.card for each in shown), shown[-1].rank if more else None)

    def changes(self, job_id: str, *, limit: int, position: str | None) -> JobChanges:
        """List what was changed of a job, newest first."""
        after = JobItem.position.between(_CHANGE, position) if position else JobItem.position.startswith(_CHANGE)
        with dynamodb_errors():
            items = list(JobItem.query(_job(job_id), after, scan_index_forward=False, limit=limit + 1))
        shown = items[:limit]
        last = items[limit].position if len(items) > limit else None
        return JobChanges(tuple(each.change for each in shown), last)

    def forget_actor(self, account_id: str, limit: int) -> bool:
        """Have some jobs and changes forget the account that made them, and tell whether there may be more.

        Raises:
            LostRaceError: somebody changed a job meanwhile; once more.
        """
        with dynamodb_errors():
            keys = [
                (item.partition, item.position)
                for item in JobItem.by_actor.query(account_id, limit=limit, page_size=limit)
            ]
            items = list(JobItem.batch_get(keys)) if keys else []
        for item in items:
            actions: list[Any] = [JobItem.actor.remove()]
            if item.job is not None:
                actions.append(JobItem.job.set(replace(item.job, created_by=GONE)))
            if item.change is not None:
                actions.append(JobItem.change.set(replace(item.change, by=GONE)))
            _update(item, actions)
        return len(keys) == limit

    def settled(self, job: Job) -> None:
        """Note that lists show a job as it is; where it was changed meanwhile, whoever did that sees to it."""
        item = _to_item(replace(job, settled=True))
        actions: list[Any] = [JobItem.job.set(item.job)]
        if item.due_at and item.due_bucket:
            actions += [JobItem.due_at.set(item.due_at), JobItem.due_bucket.set(item.due_bucket)]
        else:
            actions += [JobItem.due_at.remove(), JobItem.due_bucket.remove()]
        with suppress(LostRaceError):
            write(lambda: JobItem(_job(job.job_id), _JOB).update(actions, _unchanged(job)))

    def postpone(self, job: Job, due_at: str) -> None:
        """Note when somebody must look after a job again, unless it was changed meanwhile."""
        actions: list[Any] = [JobItem.due_at.set(due_at), JobItem.due_bucket.set(due_bucket(due_at, job.job_id))]
        with suppress(LostRaceError):
            write(lambda: JobItem(_job(job.job_id), _JOB).update(actions, _unchanged(job)))

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of jobs whose closing moment came between two moments."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = JobItem.due.query(bucket, JobItem.due_at <= clock.to_text(until))
                found.extend(each.partition.partition("#")[2] for each in query)
        return found


def _update(item: JobItem, actions: list[Any]) -> None:
    unchanged = JobItem.version == item.version if item.version is not None else JobItem.partition.exists()
    write(lambda: JobItem(item.partition, item.position).update(actions, unchanged))


def _job(job_id: str) -> str:
    return f"job#{job_id}"


def _unchanged(job: Job) -> Any:
    return JobItem.version == job.version


def _to_item(job: Job) -> JobItem:
    over = job.state in _OVER
    return JobItem(
        _job(job.job_id),
        _JOB,
        job=job,
        version=job.version,
        card=make_card(job),
        actor=job.created_by if job.created_by != GONE else None,
        list=f"studio#{job.slug}",
        rank=job.job_id,
        due_at=job.due_at,
        due_bucket=due_bucket(job.due_at, job.job_id) if job.due_at else None,
        expires_at=clock.from_text(job.updated_at) + timedelta(days=KEPT_DAYS) if over else None,
    )
