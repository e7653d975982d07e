"""Telling accounts what concerns them, and taking it back: called by whatever follows the streams."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.notifications import NAMED, Group, Note
from chalicelib.domain.people import Person
from chalicelib.services.people import People
from chalicelib.services.ports import BoundsStore, Clock, NotificationStore

FORGET = "forget-notifications"
"""The errand that takes notifications of its subject, an account, back: all ``about`` a thing, or a ``person``'s."""

_ATTEMPTS = 8
_PIECE = 25


@dataclass(frozen=True, slots=True)
class Telling:
    """Groups notes into notifications. Whatever is told twice counts once; nobody is told of what they did themselves.

    Who calls this has made sure that the reader may see what a note is about.
    """

    notifications: NotificationStore
    relations: BoundsStore
    people: People
    now: Clock = clock.now

    def tell(self, notes: Iterable[Note]) -> None:
        """Tell accounts of something, but for what they switched off and for people whom their bounds hide.

        Raises:
            TemporaryError: others keep changing the same notification; once more later.
        """
        for (account_id, group_id), grouped in _grouped(notes).items():
            wanted = self._wanted(account_id, grouped)
            if wanted:
                self._change(account_id, group_id, lambda old, told=wanted: old.told(told, clock.to_text(self.now())))  # type: ignore[misc]

    def withdraw(self, notes: Iterable[Note]) -> None:
        """Take notes back whose cause is no more; what was never told is left alone."""
        for (account_id, group_id), grouped in _grouped(notes).items():
            causes = frozenset(note.cause for note in grouped)
            self._change(account_id, group_id, lambda old, gone=causes: old.without(causes=gone))  # type: ignore[misc]

    def forget(self, errand: Errand) -> Errand | None:
        """Do a piece of :data:`FORGET`."""
        about, person = errand.arguments.get("about"), errand.arguments.get("person")
        page = self.notifications.groups(errand.subject, subject=about, position=errand.cursor, limit=_PIECE)
        for group in page.groups:
            if person is None or person in group.actors:
                self._change(errand.subject, group.group_id, lambda old: _forgotten(old, person))
        return Errand(FORGET, errand.subject, page.position, errand.arguments) if page.position else None

    def _wanted(self, account_id: str, notes: list[Note]) -> list[Note]:
        if notes[0].kind in self.notifications.state(account_id).switched_off:
            return []
        others = [note for note in notes if note.actor_id != account_id]
        if not any(note.actor_id for note in others):
            return others
        bounds = self.relations.bounds(account_id)
        return [note for note in others if note.actor_id is None or not bounds.hides(note.actor_id)]

    def _change(self, account_id: str, group_id: str, change: Callable[[Group], Group]) -> None:
        for _ in range(_ATTEMPTS):
            old = self.notifications.group(account_id, group_id) or Group(account_id, group_id)
            new = change(old)
            if new is old:
                return
            with suppress(LostRaceError):
                self.notifications.save(old, new, self._named(new), self.now())
                return
        raise TemporaryError(f"a notification of {account_id} is being changed by others")

    def _named(self, group: Group) -> tuple[Person, ...]:
        newest = group.actors[:NAMED]
        found = self.people.find_many(newest) if newest else {}
        return tuple(found[each] for each in newest if each in found)


def _forgotten(group: Group, person: str | None) -> Group:
    if person is None:
        return group.without(causes=frozenset(each.cause for each in group.entries))
    return group.without(actor_id=person)


def _grouped(notes: Iterable[Note]) -> dict[tuple[str, str], list[Note]]:
    found: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        found.setdefault((note.account_id, note.group_id), []).append(note)
    return found
