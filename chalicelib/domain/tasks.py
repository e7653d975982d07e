"""Long work for one account, with its progress: an export of all that is held of it, or its deletion."""

from dataclasses import dataclass, replace
from typing import Literal

TaskKind = Literal["export", "deletion"]
TaskState = Literal["queued", "running", "done", "failed"]

EXPORT_HOURS = 24
"""How long an archive can be fetched."""

LINK_SECONDS = 3600
"""How long one address of an archive holds, as the credentials end that it is signed by; who asks gets a new one."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        task_id: unguessable: whoever has it may see how far a deletion is.
        account_id: whose; None once the account is deleted, which leaves nothing of it here either.
        kind: what is done.
        state: ``failed`` ends it; it may be asked for anew.
        created_at, updated_at: RFC 3339 texts.
        done, of: how many steps of how many.
        step: the step that it is at.
        size: bytes of the archive.
        expires_at: when it is forgotten, as a Unix time.
    """

    task_id: str
    account_id: str | None
    kind: TaskKind
    state: TaskState
    created_at: str
    updated_at: str
    expires_at: int
    done: int = 0
    of: int = 0
    step: str = ""
    size: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will be done."""
        return self.state in {"done", "failed"}

    def at(self, done: int, step: str, updated_at: str) -> "Task":
        """Return it as it is at a step."""
        return replace(self, state="running", done=done, step=step, updated_at=updated_at)

    @property
    def archive(self) -> str:
        """The key of an export's archive."""
        return f"exports/{self.account_id}/{self.task_id}.zip"
