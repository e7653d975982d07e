"""What follows the changes of applications, and tells people: studios of new ones, artists of what became of theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.changes import Change
from chalicelib.domain.notifications import Note
from chalicelib.services.hiring_ports import StudioStore
from chalicelib.services.ports import Notifier

_TITLE = 80


@dataclass(frozen=True, slots=True)
class ApplicationNotes:
    """Tells a studio's members who applied, takes that back where it is withdrawn, and tells artists of statuses."""

    notifier: Notifier
    studios: StudioStore

    def take(self, changes: Sequence[Change[Application]]) -> None:
        """Follow changes of applications; one that is but looked at again is none."""
        for change in changes:
            old, new = change.old, change.new
            if old is not None and new is not None and (old.state, old.rounds) == (new.state, new.rounds):
                continue
            if new is not None and new.state == "submitted":
                self.notifier.tell(self._arrival(new))
            elif new is not None and new.state != "withdrawn":
                self.notifier.tell([_status(new)])
            elif old is not None and (new is None or new.state == "withdrawn"):
                self.notifier.withdraw(self._arrival(old))

    def _arrival(self, application: Application) -> Iterator[Note]:
        for member in self.studios.members(application.slug):
            if member.state == "member":
                yield Note(
                    account_id=member.account_id,
                    kind="application",
                    subject=application.job_id,
                    cause=f"{application.application_id}.{application.rounds}",
                    actor_id=application.account_id,
                    at=application.submitted_at,
                    target=f"jobs/{application.job_id}/applications",
                    text=application.job_title[:_TITLE],
                )


def _status(application: Application) -> Note:
    return Note(
        account_id=application.account_id,
        kind="application_status",
        subject=application.application_id,
        cause=str(application.version),
        actor_id=None,
        at=application.updated_at,
        target=f"applications/{application.application_id}",
        text=f"{application.state}: {application.job_title[:_TITLE]}",
    )
