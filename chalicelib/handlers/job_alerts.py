"""What artists want to be told of once it is open."""

from chalicelib.composition import allow, job_alert_service, job_letters, run_once
from chalicelib.domain.allowances import ALERTS
from chalicelib.http.caching import PRIVATE
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.job_alerts import (
    AlertMailAnswer,
    AlertMailRequest,
    JobAlertAnswer,
    JobAlertList,
    JobAlertRequest,
    alert_answer,
    alert_list,
    mail_answer,
)
from chalicelib.services.job_search import query_of
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)


@routes.operation(
    "POST",
    "/v1/me/job_alerts",
    summary="Be told of jobs once they are open",
    auth="required",
    body=JobAlertRequest,
    answer=JobAlertAnswer,
    status=(201,),
    errors=(409,),
    idempotent=True,
    limit=ALERTS,
)
def create_alert(request: ApiRequest[JobAlertRequest, Empty]) -> Answer:
    """Make an alert: of each job that fits it tells once, however often that is changed."""
    body = request.body
    query = query_of(body.facets(), body.q, body.min_salary)
    alert = job_alert_service().create(request.account, body.name, query, body.cadence, email=body.email)
    return Answer(alert_answer(alert), status=201, headers=PRIVATE)


@routes.operation(
    "GET",
    "/v1/me/job_alerts",
    summary="My job alerts, and whether mail is sent for them",
    auth="required",
    answer=JobAlertList,
)
def list_alerts(request: ApiRequest[None, Empty]) -> Answer:
    """Return all of them, oldest first."""
    body = alert_list(job_alert_service().of_account(request.account), mailing=bool(settings().mail_from))
    return Answer(body, headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/me/job_alerts/mail",
    summary="Have mail sent for my job alerts, or no more",
    auth="required",
    body=AlertMailRequest,
    answer=AlertMailAnswer,
    errors=(404,),
)
def change_mail(request: ApiRequest[AlertMailRequest, Empty]) -> Answer:
    """Take mail up again after it was ended, or end it."""
    seeker = job_letters().want(request.account, wanted=request.body.on)
    return Answer(mail_answer(seeker, mailing=bool(settings().mail_from)), headers=PRIVATE)


@routes.operation("DELETE", "/v1/me/job_alerts", summary="Remove all my job alerts", auth="required", status=(204,))
def remove_alerts(request: ApiRequest[None, Empty]) -> Answer:
    """Remove all of them; nothing that waits is told any more."""
    job_alert_service().remove_all(request.account)
    return Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/me/job_alerts/{alert_id}",
    summary="Remove a job alert",
    auth="required",
    status=(204,),
    errors=(404,),
)
def remove_alert(request: ApiRequest[None, Empty], alert_id: str) -> Answer:
    """Remove one; what waits to be told by it is told no more."""
    job_alert_service().remove(request.account, alert_id)
    return Answer(None, status=204, headers=PRIVATE)
