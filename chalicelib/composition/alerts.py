"""Job alerts."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.people import telling_service
from chalicelib.composition.stores import errand_queue
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.services.job_alerts import JobAlertService
    from chalicelib.services.job_delivery import JobDelivery
    from chalicelib.services.job_letters import JobLetters
    from chalicelib.services.job_matching import JobMatcher


@cache
def job_alert_service() -> "JobAlertService":
    """Return what the routes of alerts call."""
    from chalicelib.repositories.job_alerts import JobAlertRepository
    from chalicelib.services.job_alerts import JobAlertService

    return JobAlertService(JobAlertRepository())


@cache
def job_matcher() -> "JobMatcher":
    """Return what finds who waits for a job."""
    from chalicelib.repositories.job_alerts import JobAlertRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.job_matching import JobMatcher

    return JobMatcher(JobRepository(), JobAlertRepository(), errand_queue())


@cache
def job_delivery() -> "JobDelivery":
    """Return what tells artists of the jobs that were found for them."""
    from chalicelib.repositories.job_alerts import JobAlertRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.job_delivery import JobDelivery

    return JobDelivery(JobAlertRepository(), JobRepository(), telling_service(), job_letters(), errand_queue())


@cache
def job_letters() -> "JobLetters":
    """Return what sends mail of alerts, and ends it."""
    from chalicelib.mail import Mail
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.job_alerts import JobAlertRepository
    from chalicelib.services.job_letters import JobLetters

    here = settings()
    mailer = Mail(here.mail_from, here.user_pool_id) if here.mail_from else None
    return JobLetters(JobAlertRepository(), AccountRepository(), mailer, here.public_base_url)
