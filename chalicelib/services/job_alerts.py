"""Job alerts, as artists make them."""

import secrets
from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.job_alerts import MOST_ALERTS, Cadence, JobAlert, Seeker
from chalicelib.services.alert_ports import JobAlertStore
from chalicelib.services.job_search import JobQuery
from chalicelib.services.ports import Clock

_SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class OwnAlerts:
    """An account's alerts, oldest first, and what is known of it."""

    alerts: tuple[JobAlert, ...]
    seeker: Seeker


@dataclass(frozen=True, slots=True)
class JobAlertService:
    """Makes, lists and removes alerts."""

    alerts: JobAlertStore
    now: Clock = clock.now

    def create(self, account_id: str, name: str, query: JobQuery, cadence: Cadence, *, email: bool) -> JobAlert:
        """Make an alert for jobs that are opened from now on.

        Raises:
            ConflictError: the account has as many as it may (``too-many-alerts``).
        """
        at = clock.to_text(self.now())
        alert = JobAlert(new_id(), account_id, name, query.facets, query.words, query.least, cadence, email, at)
        try:
            self.alerts.add(alert, secrets.token_urlsafe(_SECRET_BYTES))
        except LostRaceError as error:
            raise ConflictError(f"An account has {MOST_ALERTS} alerts at most.", code="too-many-alerts") from error
        return alert

    def of_account(self, account_id: str) -> OwnAlerts:
        """List an account's alerts."""
        alerts, seeker = self.alerts.of_account(account_id)
        return OwnAlerts(alerts, seeker or Seeker(account_id))

    def remove(self, account_id: str, alert_id: str) -> None:
        """Remove an alert; what waits to be told by it is not.

        Raises:
            NotFoundError: the account has none of that id.
        """
        found = [each for each in self.alerts.of_account(account_id)[0] if each.alert_id == alert_id]
        if not found:
            raise NotFoundError(f"You have no alert {alert_id}.")
        self.alerts.remove(found[0])

    def remove_all(self, account_id: str) -> None:
        """Remove all alerts of an account."""
        for alert in self.alerts.of_account(account_id)[0]:
            self.alerts.remove(alert)
