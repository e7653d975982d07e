"""All that is held of the own account: exported, and deleted."""

from chalicelib.composition import allow, deletion_service, export_service, run_once
from chalicelib.domain.allowances import EXPORTS
from chalicelib.http.caching import PRIVATE
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.own_data import (
    DeletionAnswer,
    DeletionRequest,
    ExportAnswer,
    deletion_answer,
    export_answer,
)

routes = Routes(__name__, run_once, allow=allow)


@routes.operation(
    "POST",
    "/v1/me/exports",
    summary="Have everything put together that is held of the account",
    auth="required",
    answer=ExportAnswer,
    status=(202,),
    idempotent=True,
    limit=EXPORTS,
)
def post_export(request: ApiRequest[None, Empty]) -> Answer:
    """Begin an export; one that is under way is not begun twice."""
    task = export_service().begin(request.account)
    return Answer(export_answer(task, None), 202, {**PRIVATE, "Location": f"/v1/me/exports/{task.task_id}"})


@routes.operation(
    "GET",
    "/v1/me/exports/{export_id}",
    summary="How far an export is, and where its archive is",
    auth="required",
    answer=ExportAnswer,
    errors=(404,),
)
def get_export(request: ApiRequest[None, Empty], export_id: str) -> Answer:
    """Return an own export; its address is good for an hour, and a new one is there for asking."""
    task, url = export_service().get(request.account, export_id)
    return Answer(export_answer(task, url), headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/me",
    summary="Delete the account, and all that is held of it",
    auth="required",
    body=DeletionRequest,
    answer=DeletionAnswer,
    status=(202,),
    errors=(409,),
)
def delete_me(request: ApiRequest[DeletionRequest, Empty]) -> Answer:
    """Begin the deletion: it cannot be taken back, and the account may do nothing from now on."""
    task = deletion_service().begin(request.account, request.body.confirm, moderates=request.moderates)
    return Answer(deletion_answer(task), 202, {**PRIVATE, "Location": f"/v1/deletions/{task.task_id}"})


@routes.operation(
    "GET",
    "/v1/deletions/{deletion_id}",
    summary="How far a deletion is",
    auth="none",
    answer=DeletionAnswer,
    errors=(404,),
)
def get_deletion(request: ApiRequest[None, Empty], deletion_id: str) -> Answer:
    """Return how far a deletion is to whoever has its id: who asked for it has no account any more."""
    del request
    return Answer(deletion_answer(deletion_service().get(deletion_id)), headers=PRIVATE)
