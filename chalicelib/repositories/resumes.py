"""Announced résumés in the applications table: an account's ``resume#ID``, from its form until an application takes it.

One that none takes in a day is given up: it is marked first, so that no application can take what is being deleted.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.repositories.application_items import ApplicationItem
from chalicelib.repositories.connection import due_bucket, dynamodb_errors, write

_RESUME = "resume#"


@dataclass(frozen=True, slots=True)
class Announced:
    """A résumé that no application has yet."""

    job_id: str
    size: int
    given_up: bool


def use_resume(transaction: TransactWrite, account_id: str, resume_id: str) -> None:
    """Take an announced résumé as part of a transaction, which fails where it is taken or given up already."""
    there = ApplicationItem.job_id.exists() & ApplicationItem.given_up.does_not_exist()
    transaction.delete(_item(account_id, resume_id), condition=there)


class ResumeRepository:
    """Announced résumés by id."""

    def announce(self, resume_id: str, account_id: str, job_id: str, size: int, due_at: str) -> None:
        """Note that a form was given out for a PDF of so many bytes, and when it is to be looked after."""
        bucket = due_bucket(due_at, resume_id)
        item = _item(account_id, resume_id, job_id=job_id, size=size, due_at=due_at, due_bucket=bucket)
        write(item.save)

    def announced(self, account_id: str, resume_id: str) -> Announced | None:
        """Return an announced résumé, read consistently; None once it is taken or gone."""
        with dynamodb_errors(), suppress(ApplicationItem.DoesNotExist):
            return _announced(ApplicationItem.get(*_key(account_id, resume_id), consistent_read=True))
        return None

    def give_up(self, account_id: str, resume_id: str) -> Announced | None:
        """Have no application take a résumé any more, and return it; None where one has taken it."""
        item = _item(account_id, resume_id)
        with suppress(LostRaceError):
            write(lambda: item.update([ApplicationItem.given_up.set(True)], ApplicationItem.job_id.exists()))
            return _announced(item)
        return None

    def forget(self, account_id: str, resume_id: str) -> None:
        """Remove the note of a résumé whose file is gone."""
        write(_item(account_id, resume_id).delete)


def _key(account_id: str, resume_id: str) -> tuple[str, str]:
    return f"account#{account_id}", f"{_RESUME}{resume_id}"


def _item(account_id: str, resume_id: str, **values: Any) -> ApplicationItem:
    return ApplicationItem(*_key(account_id, resume_id), **values)


def _announced(item: ApplicationItem) -> Announced:
    return Announced(str(item.job_id), int(item.size or 0), bool(item.given_up))
