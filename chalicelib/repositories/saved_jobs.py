"""Saved jobs, in the jobs table: one item each, found by job and account, and listed by account."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.jobs import KEPT_DAYS
from chalicelib.domain.saved_jobs import SavedJob
from chalicelib.repositories.connection import dynamodb_errors, write
from chalicelib.repositories.jobs import JobItem

_OVER = frozenset({"closed", "expired"})


@dataclass(frozen=True, slots=True)
class SavedJobs:
    """Some saved jobs, and the position after them; None at the end."""

    jobs: tuple[SavedJob, ...]
    position: str | None


class SavedJobRepository:
    """What accounts keep."""

    def get(self, job_id: str, account_id: str) -> SavedJob | None:
        """Return what an account keeps of a job, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(JobItem.get(_savers(job_id), account_id, consistent_read=True))
            except JobItem.DoesNotExist:
                return None

    def put(self, saved: SavedJob) -> None:
        """Keep a job, unless it is kept already."""
        with suppress(LostRaceError):
            write(lambda: _to_item(saved).save(JobItem.partition.does_not_exist()))

    def refresh(self, old: SavedJob, new: SavedJob) -> None:
        """Have a kept job look like a later version of it, unless it is given up or later than that by now."""
        with suppress(LostRaceError):
            write(lambda: _to_item(new).save(JobItem.version == old.version))

    def remove(self, job_id: str, account_id: str) -> None:
        """Give a job up; what is not kept is left alone."""
        with dynamodb_errors():
            JobItem(_savers(job_id), account_id).delete()

    def of_account(self, account_id: str, *, limit: int, position: str | None) -> SavedJobs:
        """List what an account keeps, newest first."""
        before = JobItem.rank < position if position else None
        with dynamodb_errors():
            items = list(
                JobItem.by_list.query(
                    f"saved#{account_id}", before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
                )
            )
        shown = items[:limit]
        return SavedJobs(
            tuple(SavedJob(account_id, each.card, each.rank.partition("#")[0], 0) for each in shown),
            shown[-1].rank if len(items) > limit else None,
        )

    def of_job(self, job_id: str, *, limit: int, position: str | None) -> SavedJobs:
        """List who keeps a job, in the order of their ids."""
        after = JobItem.position > position if position else None
        with dynamodb_errors():
            items = list(JobItem.query(_savers(job_id), after, limit=limit, page_size=limit))
        return SavedJobs(tuple(map(_to_domain, items)), items[-1].position if len(items) == limit else None)


def _savers(job_id: str) -> str:
    return f"saved#{job_id}"


def _to_domain(item: Any) -> SavedJob:
    return SavedJob(item.position, item.card, item.rank.partition("#")[0], int(item.version))


def _to_item(saved: SavedJob) -> JobItem:
    card = saved.card
    over = clock.from_text(card.closes_at) if card.state in _OVER and card.closes_at else None
    return JobItem(
        _savers(card.job_id),
        saved.account_id,
        version=saved.version,
        card=card,
        list=f"saved#{saved.account_id}",
        rank=saved.rank,
        expires_at=over + timedelta(days=KEPT_DAYS) if over else None,
    )
