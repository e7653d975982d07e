"""The applications table.

``application#ID`` holds an application (``application``) and what was changed of it (``change#VERSION``);
``account#ACCOUNT`` an artist's own: a line for each, by time, and behind these what was sent with it (``sent#ID``);
``studio#SLUG`` holds counts. All of them change in one write.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.answering import Tallies, difference, tallies
from chalicelib.domain.applications import (
    Application,
    ApplicationCard,
    ApplicationChange,
    OwnLine,
    Resume,
)
from chalicelib.repositories.application_counts import add_counts
from chalicelib.repositories.application_items import ApplicationItem as Item
from chalicelib.repositories.application_items import Card
from chalicelib.repositories.connection import (
    due_bucket,
    due_buckets,
    dynamodb_errors,
    transact,
    write,
)
from chalicelib.repositories.people_cards import named_person, to_named_card
from chalicelib.repositories.resumes import use_resume

_APPLICATION = "application"
_CHANGE = "change#"
_SENT = "sent#"
_LINES_END = ":"
"""Behind all lines, which begin with a year."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Some cards, newest first, and the position after them; None at the end."""

    cards: tuple[ApplicationCard, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines, newest first, and the position after them; None at the end."""

    lines: tuple[OwnLine, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes, newest first, and the position after them; None at the end."""

    changes: tuple[ApplicationChange, ...]
    position: str | None


def from_image(image: Mapping[str, Any]) -> Application | None:
    """Return the application of an item's image, as the stream has it; None of one that is something else."""
    if image["position"]["S"] != _APPLICATION:
        return None
    item = Item()
    item.deserialize({name: image[name] for name in ("partition", "position", "application", "version")})
    return item.application


class ApplicationRepository:
    """Applications, their letters and changes, and lists of them. All writes are conditional."""

    def get(self, application_id: str) -> Application | None:
        """Return an application, read consistently, or None."""
        item = _get(_application(application_id), _APPLICATION)
        return item.application if item else None

    def letter(self, application: Application) -> str:
        """Return the letter of an application; empty where there is none any more."""
        item = _get(_account(application.account_id), _SENT + application.application_id)
        return item.letter or "" if item else ""

    def save(
        self,
        old: Application | None,
        new: Application,
        *,
        by: str,
        due_at: str,
        letter: str | None = None,
        uses: str | None = None,
    ) -> Application:
        """Store a new or changed application with all that follows from it; return it with its version.

        Args:
            old: as it was read; None where there was none.
            new: as it shall be.
            by: who changed it: see :class:`ApplicationChange`.
            due_at: when it is to be looked at again.
            letter: its letter, where that is another one now.
            uses: the announced résumé that it takes, if it takes one.

        Raises:
            LostRaceError: it was changed since ``old`` was read, or the résumé is not to be had any more.
        """
        saved = replace(new, version=old.version + 1 if old else 1)
        unchanged: Any = Item.version == old.version if old else Item.partition.does_not_exist()
        partition = _application(new.application_id)
        noted = ApplicationChange(saved.version, by, saved.updated_at, old.state if old else None, saved.state)

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_to_item(saved, due_at), condition=unchanged)
            transaction.save(Item(partition, f"{_CHANGE}{saved.version:08}", change=noted))
            if letter is not None:
                sent = _SENT + saved.application_id
                transaction.save(Item(_account(saved.account_id), sent, letter=letter, posts=saved.posts))
            transaction.save(Item(_account(saved.account_id), saved.rank, line=_line(saved)))
            if old is not None and old.rank != saved.rank:
                transaction.delete(Item(_account(old.account_id), old.rank))
            if uses is not None:
                use_resume(transaction, saved.account_id, uses)
            changes = difference(tallies(old), tallies(saved))
            add_counts(transaction, saved, changes, clock.from_text(saved.updated_at))

        transact(writes)
        return saved

    def for_job(self, job_id: str, *, state: str | None, limit: int, position: str | None, most: int) -> Cards:
        """List the applications for a job, those of one state or all, newest first; looks at ``most`` of them."""
        before = Item.rank < position if position else None
        with dynamodb_errors():
            query = Item.by_list.query(
                f"job#{job_id}", before, scan_index_forward=False, limit=most + 1, page_size=most + 1
            )
            items = list(query)
        found: list[ApplicationCard] = []
        for number, item in enumerate(items[:most], 1):
            card = _card(item)
            if state in {None, card.state}:
                found.append(card)
            if len(found) == limit:
                return Cards(tuple(found), item.rank if number < len(items) else None)
        return Cards(tuple(found), items[most - 1].rank if len(items) > most else None)

    def of_account(self, account_id: str, *, limit: int, position: str | None) -> Lines:
        """List an artist's applications, newest first."""
        before = Item.position < (position or _LINES_END)
        with dynamodb_errors():
            items = list(
                Item.query(_account(account_id), before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1)
            )
        more = len(items) > limit
        return Lines(tuple(item.line for item in items[:limit]), items[limit - 1].position if more else None)

    def changes(self, application_id: str, *, limit: int, position: str | None) -> Changes:
        """List what was changed of an application, newest first."""
        inside = Item.position.between(_CHANGE, position) if position else Item.position.startswith(_CHANGE)
        with dynamodb_errors():
            query = Item.query(
                _application(application_id), inside, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
            )
            items = list(query)
        last = items[limit].position if len(items) > limit else None
        return Changes(tuple(item.change for item in items[:limit]), last)

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the keys of applications, and of announced résumés, to be looked at between two moments."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = Item.due.query(bucket, Item.due_at <= clock.to_text(until))
                found.extend(f"{each.partition}/{each.position}" for each in query)
        return found

    def postpone(self, application: Application, due_at: str, resume: Resume | None) -> None:
        """Note when an application is to be looked at again, and which résumé is left.

        Raises:
            LostRaceError: it was changed since it was read.
        """
        item = _to_item(replace(application, resume=resume, version=application.version + 1), due_at)
        write(lambda: item.save(condition=Item.version == application.version))

    def delete(self, application: Application, kept: Tallies) -> None:
        """Remove an application with all that belongs to it; its counts become ``kept``.

        What was changed of it goes first, so that whoever is cut short finds the rest again.

        Raises:
            LostRaceError: it was changed since it was read.
        """
        partition = _application(application.application_id)
        with dynamodb_errors(), Item.batch_write() as batch:
            for item in Item.query(partition, Item.position.startswith(_CHANGE), attributes_to_get=list(_KEYS)):
                batch.delete(Item(item.partition, item.position))

        def writes(transaction: TransactWrite) -> None:
            transaction.delete(Item(partition, _APPLICATION), condition=Item.version == application.version)
            for position in (application.rank, _SENT + application.application_id):
                transaction.delete(Item(_account(application.account_id), position))
            add_counts(transaction, application, difference(tallies(application), kept), clock.now())

        transact(writes)


_KEYS = ("partition", "position")


def _application(application_id: str) -> str:
    return f"application#{application_id}"


def _account(account_id: str) -> str:
    return f"account#{account_id}"


def _get(partition: str, position: str) -> Item | None:
    with dynamodb_errors(), suppress(Item.DoesNotExist):
        return Item.get(partition, position, consistent_read=True)
    return None


def _to_item(application: Application, due_at: str) -> Item:
    return Item(
        _application(application.application_id),
        _APPLICATION,
        application=application,
        version=application.version,
        card=_to_card(application),
        list=f"job#{application.job_id}",
        rank=application.rank,
        due_at=due_at,
        due_bucket=due_bucket(due_at, application.application_id),
    )


def _to_card(application: Application) -> Card:
    given = application
    return (
        to_named_card(given.person),
        given.state,
        given.submitted_at,
        given.updated_at,
        given.answered_at,
        len(given.posts),
        given.resume is not None,
    )


def _card(item: Item) -> ApplicationCard:
    person, state, submitted_at, updated_at, answered_at, pieces, resume = item.card
    name = item.partition.partition("#")[2]
    return ApplicationCard(name, named_person(person), state, submitted_at, updated_at, answered_at, pieces, resume)


def _line(application: Application) -> OwnLine:
    return OwnLine(
        application_id=application.application_id,
        job_id=application.job_id,
        job_title=application.job_title,
        slug=application.slug,
        studio_name=application.studio_name,
        state=application.state,
        submitted_at=application.submitted_at,
        updated_at=application.updated_at,
    )
