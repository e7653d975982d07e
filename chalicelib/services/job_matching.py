"""Finding who waits for a job once it is open.

Nobody's alerts are looked through: an alert waits under one term of jobs, and a job has some hundred terms. One errand
asks which of these anybody waits under, and puts another for each shard of such a term, whose pieces look at 25 alerts
each. Whatever is done twice finds that the same was found before.
"""

from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.job_alerts import JobAlert, Match, next_round
from chalicelib.domain.job_listing import terms_of
from chalicelib.domain.jobs import JobCard, make_card
from chalicelib.services.alert_ports import JobAlertStore
from chalicelib.services.hiring_ports import JobStore
from chalicelib.services.job_delivery import DELIVER
from chalicelib.services.ports import Clock, ErrandQueue

MATCH = "match-job"
"""The errand that finds under which terms of its subject, a job, anybody waits."""

LOOK = "look-at-alerts"
"""The errand that looks at the alerts of one ``shard`` of a ``term`` for its subject, a job."""

_TERMS_AT_ONCE = 100
_ALERTS_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class JobMatcher:
    """Does both errands."""

    jobs: JobStore
    alerts: JobAlertStore
    errands: ErrandQueue
    now: Clock = clock.now

    def match(self, errand: Errand) -> Errand | None:
        """Do a piece of :data:`MATCH`."""
        card = self._open(errand.subject)
        terms = terms_of(card) if card else ()
        begin = int(errand.cursor or 0)
        watched = self.alerts.watched(terms[begin : begin + _TERMS_AT_ONCE]) if terms else []
        self.errands.put_all(
            Errand(LOOK, errand.subject, None, {"term": term, "shard": str(shard)}) for term, shard in watched
        )
        following = begin + _TERMS_AT_ONCE
        return Errand(MATCH, errand.subject, str(following)) if following < len(terms) else None

    def look(self, errand: Errand) -> Errand | None:
        """Do a piece of :data:`LOOK`."""
        card = self._open(errand.subject)
        if card is None:
            return None
        term, shard = errand.arguments["term"], int(errand.arguments["shard"])
        page = self.alerts.watchers(term, shard, limit=_ALERTS_AT_ONCE, position=errand.cursor)
        for alert in page.alerts:
            if alert.wants(card):
                self._found(alert, card)
        return Errand(LOOK, errand.subject, page.position, errand.arguments) if page.position else None

    def _found(self, alert: JobAlert, card: JobCard) -> None:
        moment = self.now()
        match = Match(alert.account_id, alert.alert_id, card.job_id, alert.cadence, clock.to_text(moment))
        waits = self.alerts.found(match, next_round(alert.account_id, moment))
        if waits and alert.cadence == "at_once":
            self.errands.put(Errand(DELIVER, alert.account_id, None, {"cadence": "at_once"}))

    def _open(self, job_id: str) -> JobCard | None:
        job = self.jobs.get(job_id, consistent=True)
        return make_card(job) if job is not None and job.state_at(self.now()) == "open" else None
