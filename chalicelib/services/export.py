"""Own data: all that is held of an account, as one archive, put together a bounded piece at a time.

Where a piece left off is kept beside the archive, under its number, and never changed: a piece that is done twice
begins where it began before, and writes the same parts again. Should two do it at the same time and find other things,
a part no longer has the tag that the archive is put together by: then the task fails, and nobody gets half an archive.
"""

import base64
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.tasks import EXPORT_HOURS, LINK_SECONDS, Task
from chalicelib.services.export_sources import Source
from chalicelib.services.ports import ArchiveStore, Clock, ErrandQueue, TaskStore
from chalicelib.services.zipping import Entry, ZipPiece

KIND = "export"
"""The errand that puts an archive together; its subject is the task."""

PART_BYTES = 8 * 2**20
PIECE_BYTES = 64 * 2**20
"""How much one piece writes before it leaves the rest to the next: what is held in memory is a part and a picture."""

PIECE_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Progress:
    """Where a piece begins.

    Attributes:
        upload_id: of the archive.
        tags: of the parts that are stored.
        entries: files that are in the archive.
        begins: bytes that were written before.
        source: which source is next, by number; ``page`` of it, from ``position`` on.
        rest: bytes that were written and are too few for a part.
    """

    upload_id: str
    tags: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    begins: int = 0
    source: int = 0
    page: int = 1
    position: str | None = None
    rest: bytes = b""

    def to_bytes(self) -> bytes:
        """Write it."""
        return json.dumps({**asdict(self), "rest": base64.b64encode(self.rest).decode()}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "_Progress":
        """Read what :meth:`to_bytes` wrote."""
        found = json.loads(data)
        entries = [tuple(entry) for entry in found["entries"]]
        return cls(**{**found, "entries": entries, "rest": base64.b64decode(found["rest"])})


@dataclass(frozen=True, slots=True)
class ExportService:
    """Begins exports, tells how far they are, and does their pieces."""

    tasks: TaskStore
    archives: ArchiveStore
    errands: ErrandQueue
    sources: Sequence[Source]
    now: Clock = clock.now
    seconds: Callable[[], float] = time.monotonic

    def begin(self, account_id: str) -> Task:
        """Have everything put together that is held of an account; one that is under way is not begun twice.

        One that still waits is ordered once more: whoever noted it may not have come to put it into the queue.
        """
        for task in self.tasks.last(account_id, 5):
            if task.kind == "export" and not task.over and task.expires_at > self.now().timestamp():
                if task.state == "queued":
                    self.errands.put(Errand(KIND, task.task_id))
                return task
        moment = self.now()
        text = clock.to_text(moment)
        expires_at = int((moment + timedelta(hours=2 * EXPORT_HOURS)).timestamp())
        task = Task(new_id(), account_id, "export", "queued", text, text, expires_at, of=len(self.sources))
        self.tasks.put(task)
        self.errands.put(Errand(KIND, task.task_id))
        return task

    def get(self, account_id: str, task_id: str) -> tuple[Task, str | None]:
        """Return an own export, and an address of its archive once there is one.

        Raises:
            NotFoundError: it is not the account's, or none any more.
        """
        task = self.tasks.get(task_id)
        if task is None or task.account_id != account_id or task.kind != "export":
            raise NotFoundError(f"There is no export {task_id}.")
        if task.expires_at <= self.now().timestamp():
            raise NotFoundError(f"Export {task_id} is not kept any more: ask for a new one.")
        return task, self.archives.link(task.archive, LINK_SECONDS) if task.state == "done" else None

    def work(self, errand: Errand) -> Errand | None:
        """Do a piece of an archive.

        Raises:
            TemporaryError: it could not be done this time.
        """
        task = self.tasks.get(errand.subject)
        if task is None or task.over or task.account_id is None:
            return None
        number = int(errand.cursor or 0)
        try:
            progress = self._progress(task, number)
            ended = self._write(task, progress)
            if ended:
                self._end(task, progress)
                return None
        except NotFoundError:
            self._give_up(task)
            return None
        self.archives.save(_beside(task, number + 1), progress.to_bytes())
        step = self.sources[progress.source].name
        self.tasks.put(task.at(progress.source, step, clock.to_text(self.now())))
        return replace(errand, cursor=str(number + 1))

    def _progress(self, task: Task, number: int) -> _Progress:
        if number:
            return _Progress.from_bytes(self.archives.load(_beside(task, number)))
        return _Progress(self.archives.begin(task.archive))

    def _write(self, task: Task, progress: _Progress) -> bool:
        """Write what a piece may, and tell whether that was all."""
        piece, since, stored = ZipPiece(progress.begins, progress.entries), self.seconds(), len(progress.tags)
        account_id = str(task.account_id)
        while progress.source < len(self.sources):
            source = self.sources[progress.source]
            found = source.page(account_id, progress.page, progress.position)
            for file in found.files:
                piece.add(file.name, file.data, packed=file.packed)
            progress.position, progress.page = found.position, progress.page + 1
            if found.position is None:
                progress.source, progress.page = progress.source + 1, 1
            self._store(task, progress, piece, last=False)
            full = (len(progress.tags) - stored) * PART_BYTES >= PIECE_BYTES
            if progress.source < len(self.sources) and (full or self.seconds() - since > PIECE_SECONDS):
                return False
        piece.close()
        self._store(task, progress, piece, last=True)
        return True

    def _store(self, task: Task, progress: _Progress, piece: ZipPiece, *, last: bool) -> None:
        """Store what is enough for a part, and in the end whatever is left."""
        held = progress.rest + piece.take()
        while len(held) >= PART_BYTES or (last and held):
            part, held = held[:PART_BYTES], held[PART_BYTES:]
            number = len(progress.tags) + 1
            progress.tags.append(self.archives.put_part(task.archive, progress.upload_id, number, part))
        progress.rest = held
        progress.begins = piece.ends

    def _end(self, task: Task, progress: _Progress) -> None:
        try:
            self.archives.complete(task.archive, progress.upload_id, progress.tags)
        except NotFoundError:
            if self.archives.size(task.archive) is None:  # else it was put together before
                raise
        moment = self.now()
        done = task.at(task.of, "", clock.to_text(moment))
        expires_at = int((moment + timedelta(hours=EXPORT_HOURS)).timestamp())
        self.tasks.put(replace(done, state="done", size=progress.begins, expires_at=expires_at))
        log.info("export put together", extra={"task_id": task.task_id, "bytes": progress.begins})

    def _give_up(self, task: Task) -> None:
        log.warning("export given up", extra={"task_id": task.task_id})
        self.tasks.put(replace(task, state="failed", updated_at=clock.to_text(self.now())))


def _beside(task: Task, number: int) -> str:
    return f"{task.archive}.{number}"
