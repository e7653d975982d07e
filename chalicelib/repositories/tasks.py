"""The errands table: exports and deletions with their progress."""

from datetime import UTC, datetime

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.domain.tasks import Task
from chalicelib.repositories.connection import BaseModel, dynamodb_errors, write
from chalicelib.settings import settings


class _ByAccount(GlobalSecondaryIndex["_TaskItem"]):
    class Meta:
        index_name = "by_account"
        projection = AllProjection()

    account_id = UnicodeAttribute(hash_key=True)
    errand_id = UnicodeAttribute(range_key=True)


class _TaskItem(BaseModel):
    class Meta:
        table_name = settings().errands_table

    by_account = _ByAccount()

    errand_id = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute(null=True)
    kind = UnicodeAttribute()
    state = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    done = NumberAttribute()
    of = NumberAttribute()
    step = UnicodeAttribute()
    size = NumberAttribute()
    expires_at = TTLAttribute()


class TaskRepository:
    """Tasks by id, and the last ones of an account."""

    def put(self, task: Task) -> None:
        """Store a task as it is now."""
        expires_at = datetime.fromtimestamp(task.expires_at, tz=UTC)
        item = _TaskItem(
            task.task_id,
            account_id=task.account_id,
            kind=task.kind,
            state=task.state,
            created_at=task.created_at,
            updated_at=task.updated_at,
            done=task.done,
            of=task.of,
            step=task.step,
            size=task.size,
            expires_at=expires_at,
        )
        write(item.save)

    def get(self, task_id: str) -> Task | None:
        """Return a task, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(_TaskItem.get(task_id, consistent_read=True))
            except _TaskItem.DoesNotExist:
                return None

    def last(self, account_id: str, limit: int) -> list[Task]:
        """Return an account's last tasks, newest first."""
        with dynamodb_errors():
            found = _TaskItem.by_account.query(account_id, scan_index_forward=False, limit=limit, page_size=limit)
            return [_to_domain(item) for item in found]

    def remove(self, task_id: str) -> None:
        """Forget a task."""
        write(lambda: _TaskItem(task_id).delete())


def _to_domain(item: _TaskItem) -> Task:
    return Task(
        task_id=item.errand_id,
        account_id=item.account_id,
        kind=item.kind,  # type: ignore[arg-type]  # only kinds are ever written
        state=item.state,  # type: ignore[arg-type]  # only states are ever written
        created_at=item.created_at,
        updated_at=item.updated_at,
        expires_at=int(item.expires_at.timestamp()),
        done=int(item.done),
        of=int(item.of),
        step=item.step,
        size=int(item.size),
    )
