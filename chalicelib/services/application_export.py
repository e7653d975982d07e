"""Applications as a table, for a studio's own tools."""

from dataclasses import dataclass

from chalicelib.domain.applications import ApplicationCard
from chalicelib.domain.spreadsheets import to_csv
from chalicelib.services.applications import ApplicationService

MOST_ROWS = 1000
_HEADER = ("id", "state", "name", "handle", "profile", "submitted_at", "answered_at", "updated_at", "pieces", "resume")


@dataclass(frozen=True, slots=True)
class ApplicationExport:
    """Writes tables of what lists show; letters and résumés stay where they are deleted in time."""

    service: ApplicationService
    public_base_url: str

    def table(self, account_id: str, job_id: str, position: str | None) -> tuple[str, str | None]:
        """Return applications for a job, newest first, and the position after them; None at the end.

        Raises:
            NotFoundError: there is no such job of a studio of the account.
        """
        self.service.own_job(account_id, job_id)
        page = self.service.applications.for_job(job_id, state=None, limit=MOST_ROWS, position=position, most=MOST_ROWS)
        return to_csv([_HEADER, *map(self._row, page.cards)]), page.position

    def _row(self, card: ApplicationCard) -> tuple[str, ...]:
        return (
            card.application_id,
            card.state,
            card.person.display_name,
            card.person.handle,
            f"{self.public_base_url}/@{card.person.handle}",
            card.submitted_at,
            card.answered_at or "",
            card.updated_at,
            str(card.pieces),
            "yes" if card.resume else "no",
        )
