"""Telling artists of the jobs that their alerts have found: at once, or together once a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.job_alerts import MOST_AT_ONCE, JobAlert, Match, Seeker, next_round
from chalicelib.domain.jobs import JobCard, make_card
from chalicelib.domain.notifications import Note
from chalicelib.services.alert_ports import JobAlertStore
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.job_letters import JobLetters
from chalicelib.services.ports import Clock, ErrandQueue
from chalicelib.services.telling import Telling

DELIVER = "tell-of-jobs"
"""The errand that tells its subject, an account, of what waits for a ``cadence``; daily for one ``round`` alone."""

_AGAIN_SECONDS = 900
"""How soon the sweep puts the errand of a round once more that is not over by then."""

_MOST_TEXT = 120


@dataclass(frozen=True, slots=True)
class Find:
    """A job that an alert has found, while it is open."""

    alert: JobAlert
    card: JobCard
    match: Match


@dataclass(frozen=True, slots=True)
class JobDelivery:
    """Does the errands, and puts those of a day when their moment came.

    A notification told twice counts once. A mail is not like that: what it tells is taken out of what waits before it
    is sent, so that it is sent once at most, and given back where it certainly was not.
    """

    alerts: JobAlertStore
    jobs: JobStore
    telling: Telling
    letters: JobLetters
    errands: ErrandQueue
    now: Clock = clock.now

    def deliver(self, errand: Errand) -> Errand | None:
        """Tell an account of what waits.

        Raises:
            LostRaceError, TemporaryError: it could not be done this time.
        """
        account_id, cadence = errand.subject, errand.arguments["cadence"]
        alerts, seeker = self.alerts.of_account(account_id)
        if seeker is None or (cadence == "daily" and seeker.round != errand.arguments["round"]):
            return None
        if cadence != "daily":
            seeker = replace(seeker, round=None)
        page = self.alerts.waiting(account_id, cadence, limit=MOST_AT_ONCE)
        finds = self._finds(alerts, page.matches)
        self.telling.tell([_note(each, seeker) for each in finds])
        mailed = [each for each in finds if each.alert.email]
        address = self.letters.address(seeker) if mailed else None
        if page.matches or seeker.round is not None:
            self.alerts.take(page.matches, seeker, next_round(account_id, self.now()) if page.more else None)
        if address is not None:
            self._send(seeker, address, mailed)
        return Errand(DELIVER, account_id, None, errand.arguments) if page.more and cadence != "daily" else None

    def _send(self, seeker: Seeker, address: str, finds: Sequence[Find]) -> None:
        try:
            self.letters.send(seeker, address, [(each.alert, each.card) for each in finds])
        except TemporaryError:
            self.alerts.give_back([each.match for each in finds], seeker)
            raise

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the accounts whose daily mail is to be made."""
        return self.alerts.due(since, until)

    def look_after(self, account_id: str) -> bool:
        """Have the daily mail of an account made; tell whether it had been left behind."""
        seeker = self.alerts.seeker(account_id)
        if seeker is None or seeker.round is None:
            return False
        moment = self.now()
        self.errands.put(Errand(DELIVER, account_id, None, {"cadence": "daily", "round": seeker.round}))
        self.alerts.postpone(seeker, clock.later(moment, _AGAIN_SECONDS))
        return clock.milliseconds(seeker.round, moment) > _AGAIN_SECONDS * 1000

    def _finds(self, alerts: Sequence[JobAlert], matches: Sequence[Match]) -> list[Find]:
        """Return what is still to be told: by alerts that are there, of jobs that are open."""
        known = {each.alert_id: each for each in alerts}
        jobs = self.jobs.get_many(dict.fromkeys(each.job_id for each in matches))
        moment = self.now()
        return [
            Find(known[each.alert_id], make_card(jobs[each.job_id]), each)
            for each in matches
            if each.alert_id in known and each.job_id in jobs and jobs[each.job_id].state_at(moment) == "open"
        ]


def _note(find: Find, seeker: Seeker) -> Note:
    text = f"{find.alert.name}: {find.card.title}"
    return Note(
        find.alert.account_id,
        "job_alert",
        find.alert.alert_id,
        find.card.job_id,
        None,
        seeker.round or find.match.at,
        target=f"jobs/{find.card.job_id}",
        text=text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…",
    )
