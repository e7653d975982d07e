"""Job alerts."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.domain.job_alerts import Cadence, JobAlert, MailState, Seeker
from chalicelib.schemas.base import Clean, OneLine, Schema
from chalicelib.schemas.jobs import JobWishes
from chalicelib.services.job_alerts import OwnAlerts


class JobAlertRequest(JobWishes):
    """A new alert: for jobs that have all of this, once they are open. The fields are those of a search."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Clean, OneLine]
    cadence: Cadence = Field("daily", description="`at_once`, or together once a day")
    email: bool = Field(default=True, description="By mail as well; notifications have preferences of their own")


class JobAlertAnswer(Schema):
    """An alert."""

    id: str
    name: str
    q: str
    medium: str | None
    software: str | None
    level: str | None
    employment: str | None
    workplace: str | None
    country: str | None
    min_salary: int | None
    cadence: Cadence
    email: bool
    created_at: str


class AlertMailAnswer(Schema):
    """Whether mail is sent for alerts."""

    state: MailState = Field(
        description="`on`; `off`: the platform sends none; `unsubscribed`; `bounced`: the address did not take it; "
        "`complained`: somebody there called it spam"
    )
    since: str | None


class AlertMailRequest(Schema):
    """Whether I want mail for alerts."""

    on: bool = Field(description="true also tries an address once more that bounced")


class JobAlertList(Schema):
    """All alerts, oldest first; there is no further page."""

    items: list[JobAlertAnswer]
    next_cursor: None = None
    mail: AlertMailAnswer


def alert_answer(alert: JobAlert) -> JobAlertAnswer:
    """Return an alert as its owner sees it."""
    names = ("medium", "software", "level", "employment", "workplace", "country")
    return JobAlertAnswer(
        id=alert.alert_id,
        name=alert.name,
        q=" ".join(alert.words),
        **{name: alert.facets.get(name) for name in names},
        min_salary=alert.least,
        cadence=alert.cadence,
        email=alert.email,
        created_at=alert.created_at,
    )


def alert_list(own: OwnAlerts, *, mailing: bool) -> JobAlertList:
    """Return all of an account's alerts; ``mailing``: whether the platform sends mail."""
    return JobAlertList(
        items=[alert_answer(each) for each in own.alerts], mail=mail_answer(own.seeker, mailing=mailing)
    )


def mail_answer(seeker: Seeker, *, mailing: bool) -> AlertMailAnswer:
    """Return whether mail is sent to an account."""
    return (
        AlertMailAnswer(state=seeker.mail, since=seeker.since) if mailing else AlertMailAnswer(state="off", since=None)
    )
