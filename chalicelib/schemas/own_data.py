"""Exports and deletions as the API speaks of them."""

from typing import Literal

from pydantic import Field

from chalicelib.domain import clock
from chalicelib.domain.deletion import HOURS
from chalicelib.domain.tasks import Task
from chalicelib.schemas.base import Schema


class ProgressAnswer(Schema):
    """How far a task is."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    step: str = Field(description="What it is at; empty before and after")
    steps_done: int
    steps: int
    created_at: str
    updated_at: str


class ExportAnswer(ProgressAnswer):
    """How far an export is, and where the archive is."""

    bytes: int | None = Field(description="Of the archive, once it is `done`")
    url: str | None = Field(description="An address of the archive, good for an hour; ask again for another one")
    available_until: str = Field(description="When the export, and with it the archive, is kept no longer")


class DeletionRequest(Schema):
    """What an account is deleted by."""

    confirm: str = Field(max_length=100, description="The own handle; `delete` where there is no profile")


class DeletionAnswer(ProgressAnswer):
    """How far a deletion is; whose, nobody is told."""

    done_by: str = Field(description="When it is done at the latest")


def deletion_answer(task: Task) -> DeletionAnswer:
    """Return a deletion as the API tells of it."""
    done_by = clock.later(clock.from_text(task.created_at), HOURS * 3600)
    return DeletionAnswer.model_validate({**progress(task), "done_by": done_by})


def progress(task: Task) -> dict[str, str | int]:
    """Return how far a task is, by the names of :class:`ProgressAnswer`."""
    return {
        "id": task.task_id,
        "state": task.state,
        "step": task.step,
        "steps_done": task.done,
        "steps": task.of,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


def export_answer(task: Task, url: str | None) -> ExportAnswer:
    """Return an export as the API tells of it."""
    until = clock.to_text(clock.from_unix(task.expires_at))
    size = task.size if task.state == "done" else None
    return ExportAnswer.model_validate({**progress(task), "bytes": size, "url": url, "available_until": until})
