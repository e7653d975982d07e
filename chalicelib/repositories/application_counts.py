"""Counts of applications, in the applications table: of a studio's jobs and months, changed with what they count.

``studio#SLUG`` holds ``job#ID#SHARD`` and ``month#2026-11#SHARD``, and ``job#ID#views``: four shards each, so that
applications that come at the same time seldom wait for each other.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain.answering import JOB
from chalicelib.domain.applications import Application
from chalicelib.repositories.application_items import COUNTS, ApplicationItem
from chalicelib.repositories.connection import dynamodb_errors, write

SHARDS = 4
_KEPT = timedelta(days=800)
"""Longer than a job and its applications, and than the months that studios are judged by."""


def add_counts(
    transaction: TransactWrite, application: Application, changes: Mapping[str, Mapping[str, int]], moment: datetime
) -> None:
    """Add to counts as part of a transaction: see :func:`chalicelib.domain.answering.difference`."""
    shard = zlib.crc32(application.application_id.encode()) % SHARDS
    for of, numbers in changes.items():
        place = f"job#{application.job_id}" if of == JOB else f"month#{of}"
        actions: list[Any] = [getattr(ApplicationItem, name).add(number) for name, number in sorted(numbers.items())]
        actions.append(ApplicationItem.expires_at.set(moment + _KEPT))
        transaction.update(ApplicationItem(_studio(application.slug), f"{place}#{shard}"), actions=actions)


class ApplicationCountRepository:
    """Counts of applications and of views of jobs. Reads are eventually consistent."""

    def months(self, slug: str, months: list[str]) -> dict[str, Counter[str]]:
        """Return what was counted in each of some months, given in their order."""
        return self._between(slug, f"month#{months[0]}", f"month#{months[-1]}")

    def jobs(self, slug: str, job_ids: Iterable[str]) -> dict[str, Counter[str]]:
        """Return what was counted of some jobs that stand behind each other in the studio's list."""
        ids = sorted(job_ids)
        return self._between(slug, f"job#{ids[0]}", f"job#{ids[-1]}") if ids else {}

    def add_views(self, job: str, number: int) -> None:
        """Add views of a job, named by studio and id: ``slug/id``."""
        slug, _, job_id = job.partition("/")
        item = ApplicationItem(_studio(slug), f"job#{job_id}#views")
        write(lambda: item.update(actions=[ApplicationItem.views.add(number)]))

    def _between(self, slug: str, low: str, high: str) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        with dynamodb_errors():
            for item in ApplicationItem.query(_studio(slug), ApplicationItem.position.between(low, f"{high}#~")):
                of = item.position.split("#")[1]
                found.setdefault(of, Counter()).update(dict(_numbers(item)))
        return found


def _studio(slug: str) -> str:
    return f"studio#{slug}"


def _numbers(item: ApplicationItem) -> Iterator[tuple[str, int]]:
    values = ((name, getattr(item, name)) for name in COUNTS)
    return ((name, int(value)) for name, value in values if value is not None)
