"""Deletion of an account: asked for by its owner, done by errands, passed over once more when nothing can come back."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import clock
from chalicelib.domain.deletion import CONFIRMATION, KEPT_DAYS, LAST_PASS_SECONDS
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import ConflictError, InvalidError, NotFoundError
from chalicelib.domain.handles import canonical
from chalicelib.domain.ids import new_id
from chalicelib.domain.tasks import Task
from chalicelib.services.deletion_places import Place
from chalicelib.services.deletion_ports import StandingStore
from chalicelib.services.ports import Clock, ErrandQueue, ProfileStore, TaskStore

KIND = "delete-account"
"""The errand that does it. Its subject is the task, its arguments the account and when it was asked for."""

PIECE_SECONDS = 20.0
"""After so long a piece leaves the rest to the next: a function has two minutes, and a place may take a while."""

_LONGEST_DELAY = 900
_ACCOUNT, _BEGUN = "account", "begun_at"
_WAITING = "waiting"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeletionService:
    """Begins deletions, tells how far they are, and does their pieces.

    Attributes:
        places: all that is passed over, in this order: first what everyone can see.
    """

    tasks: TaskStore
    accounts: StandingStore
    profiles: ProfileStore
    errands: ErrandQueue
    places: Sequence[Place]
    now: Clock = clock.now
    seconds: Callable[[], float] = time.monotonic

    def begin(self, account_id: str, confirm: str, *, moderates: bool) -> Task:
        """Have an account deleted; from now on it may do nothing any more. Asked for once more it is the same deletion.

        Raises:
            InvalidError: ``confirm`` is not the account's handle, or ``delete`` where it has none.
            ConflictError: it is a moderator's (``moderator``).
        """
        standing = self.accounts.standing(account_id)
        known = self.tasks.get(standing.decision.decision_id) if standing and standing.deleted else None
        if known is not None:
            return known
        if moderates:
            raise ConflictError("Moderators hand over first: have the group taken from you.", code="moderator")
        self._check(account_id, confirm)
        moment = self.now()
        at = clock.to_text(moment)
        expires_at = int((moment + timedelta(days=KEPT_DAYS)).timestamp())
        task = Task(new_id(), None, "deletion", "queued", at, at, expires_at, of=2 * len(self.places))
        self.tasks.put(task)
        # whatever is cut short here, the errand closes the account itself
        self.errands.put(Errand(KIND, task.task_id, arguments={_ACCOUNT: account_id, _BEGUN: at}))
        self.accounts.close(account_id, task.task_id, at)
        log.info("deletion begun", extra={"task_id": task.task_id})
        return task

    def get(self, task_id: str) -> Task:
        """Return how far a deletion is, to whoever knows its id.

        Raises:
            NotFoundError: there is none, or none any more.
        """
        task = self.tasks.get(task_id)
        if task is None or task.kind != "deletion" or task.expires_at <= self.now().timestamp():
            raise NotFoundError(f"There is no deletion {task_id}.")
        return task

    def work(self, errand: Errand) -> Errand | None:
        """Do a piece: pass over some places, the first time, and the last time once that has come.

        Raises:
            TemporaryError, LostRaceError: it could not be done this time.
        """
        task = self.tasks.get(errand.subject)
        if task is None or task.over:
            return None
        account_id, begun_at = errand.arguments[_ACCOUNT], errand.arguments[_BEGUN]
        if errand.cursor is None:
            self.accounts.close(account_id, task.task_id, begun_at)
        if errand.cursor == _WAITING:
            return self._wait(errand, clock.from_text(begun_at))
        reached = self._pass(task, account_id, int(errand.cursor or 0))
        if reached == len(self.places):
            self.tasks.put(task.at(reached, _WAITING, clock.to_text(self.now())))
            return replace(errand, cursor=_WAITING)
        if reached < task.of:
            return replace(errand, cursor=str(reached))
        self.accounts.forget(account_id)
        self.tasks.put(replace(task.at(task.of, "", clock.to_text(self.now())), state="done"))
        log.info("deletion done", extra={"task_id": task.task_id})
        return None

    def _check(self, account_id: str, confirm: str) -> None:
        profile = self.profiles.get(account_id)
        wanted = profile.fields.handle if profile else CONFIRMATION
        if canonical(confirm) != wanted:
            raise InvalidError.of("confirm", "must be the handle of the account that is to be deleted")

    def _wait(self, errand: Errand, begun: datetime) -> Errand | None:
        """Have the errand come again until nothing can be written by the account any more."""
        left = int((begun + timedelta(seconds=LAST_PASS_SECONDS) - self.now()).total_seconds())
        if left <= 0:
            return replace(errand, cursor=str(len(self.places)))
        self.errands.put(errand, min(left + 1, _LONGEST_DELAY))
        return None

    def _pass(self, task: Task, account_id: str, reached: int) -> int:
        """Pass over places from one on, for a while; return the next. The second half is the same ones once more."""
        since, ends = self.seconds(), len(self.places) if reached < len(self.places) else 2 * len(self.places)
        while reached < ends:
            place = self.places[reached % len(self.places)]
            self.tasks.put(task.at(reached, place.name, clock.to_text(self.now())))
            while place.remove(account_id):
                if self.seconds() - since > PIECE_SECONDS:
                    return reached
            reached += 1
            if self.seconds() - since > PIECE_SECONDS:
                return reached
        return reached
