"""Stand-ins for streams, errands and counters: what they were asked, and nothing done."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import NotFoundError, TemporaryError
from chalicelib.domain.tasks import Task


@dataclass
class Errands:
    """A queue of errands.

    Attributes:
        put_in: errands with their delays.
        errands: the same without.
        brought: receipts that are to come again, with the seconds.
        away: whether it takes nothing.
    """

    put_in: list[tuple[Errand, int]] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    brought: list[tuple[str, int]] = field(default_factory=list)
    away: bool = False

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        """Take an errand."""
        self._check()
        self.put_in.append((errand, delay_seconds))
        self.errands.append(errand)

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        """Take several errands."""
        for errand in errands:
            self.put(errand, delay_seconds)

    def again(self, receipt: str, seconds: int) -> None:
        """Note that a message is to come again."""
        self._check()
        self.brought.append((receipt, seconds))

    def _check(self) -> None:
        if self.away:
            raise TemporaryError("the queue is away")


@contextmanager
def errands_kept() -> Iterator[list[Errand]]:
    """Have errands collected that are put meanwhile, in place of the queue's."""
    queue = Errands()
    with mock.patch.multiple("chalicelib.queues.ErrandQueue", put=queue.put, put_all=queue.put_all):
        yield queue.errands


@dataclass
class Tasks:
    """Tasks by id."""

    held: dict[str, Task] = field(default_factory=dict)

    def put(self, task: Task) -> None:
        """Store one."""
        self.held[task.task_id] = task

    def get(self, task_id: str) -> Task | None:
        """Return one."""
        return self.held.get(task_id)

    def last(self, account_id: str, limit: int) -> list[Task]:
        """Return those of an account, newest first."""
        return [task for task in reversed(self.held.values()) if task.account_id == account_id][:limit]

    def remove(self, task_id: str) -> None:
        """Forget one."""
        self.held.pop(task_id, None)


@dataclass
class Archive:
    """Archives and what is kept beside them.

    Attributes:
        whole: what was put together or saved, by key.
        uploads: parts by number, by upload.
        fails_after: how many calls succeed before one fails; None for all.
    """

    whole: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    fails_after: int | None = None

    def _check(self) -> None:
        if self.fails_after is not None:
            if self.fails_after == 0:
                raise TemporaryError("S3 is away")
            self.fails_after -= 1

    def begin(self, key: str) -> str:
        """Begin an upload."""
        self._check()
        upload_id = f"{key}-{len(self.uploads)}"
        self.uploads[upload_id] = {}
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part."""
        self._check()
        if upload_id not in self.uploads:
            raise NotFoundError
        self.uploads[upload_id][number] = data
        return hashlib.sha256(data).hexdigest()

    def complete(self, key: str, upload_id: str, tags: Iterable[str]) -> None:
        """Put an archive together, of the parts that have these tags."""
        self._check()
        parts = self.uploads.get(upload_id)
        if parts is None:
            raise NotFoundError
        wanted = list(tags)
        chosen = [parts[number] for number in range(1, len(wanted) + 1)]
        if [hashlib.sha256(each).hexdigest() for each in chosen] != wanted:
            raise NotFoundError
        self.whole[key] = b"".join(chosen)
        del self.uploads[upload_id]

    def save(self, key: str, data: bytes) -> None:
        """Keep something."""
        self._check()
        self.whole[key] = data

    def load(self, key: str) -> bytes:
        """Return what was kept."""
        self._check()
        if key not in self.whole:
            raise NotFoundError
        return self.whole[key]

    def size(self, key: str) -> int | None:
        """Return the bytes of an archive."""
        return len(self.whole[key]) if key in self.whole else None

    def link(self, key: str, seconds: int) -> str:
        """Return an address."""
        return f"https://s3.test/{key}?{seconds}"
