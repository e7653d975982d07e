"""An archive that is put together by many processes: in pieces, again, and by two at once."""

import io
import zipfile
from dataclasses import dataclass, field

import pytest

from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import NotFoundError, TemporaryError
from chalicelib.domain.tasks import Task
from chalicelib.services import export
from chalicelib.services.export import KIND, ExportService
from chalicelib.services.export_sources import File, Found
from tests.support.fake_plumbing import Archive, Errands, Tasks


@dataclass
class Numbers:
    """A source of so many pages, each a file."""

    name: str
    pages: int
    size: int = 700
    asked: list[int] = field(default_factory=list)

    def page(self, account_id: str, page: int, position: str | None) -> Found:
        assert position == (None if page == 1 else str(page - 1))
        self.asked.append(page)
        data = f"{account_id} {self.name} {page} ".encode().ljust(self.size, b".")
        return Found([File(f"{self.name}/{page}", data, packed=False)], str(page) if page < self.pages else None)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> ExportService:
    monkeypatch.setattr(export, "PART_BYTES", 1000)
    monkeypatch.setattr(export, "PIECE_BYTES", 2000)
    return ExportService(Tasks(), Archive(), Errands(), (Numbers("a", 7), Numbers("b", 1), Numbers("c", 5)))


def archive(service: ExportService, task: Task) -> zipfile.ZipFile:
    assert isinstance(service.archives, Archive)
    return zipfile.ZipFile(io.BytesIO(service.archives.whole[task.archive]))


def begun(service: ExportService) -> Task:
    return service.begin("ada")


def test_pieces_are_bounded_and_make_one_archive(service: ExportService) -> None:
    task = begun(service)
    errand: Errand | None = Errand(KIND, task.task_id)
    pieces = 0
    while errand:
        errand, pieces = service.work(errand), pieces + 1
    assert pieces > 3
    found = archive(service, task)
    assert found.testzip() is None
    assert found.namelist() == [*(f"a/{n}" for n in range(1, 8)), "b/1", *(f"c/{n}" for n in range(1, 6))]
    assert found.read("c/4").startswith(b"ada c 4 ")
    done = service.tasks.get(task.task_id)
    assert done is not None
    assert (done.state, done.done, done.size) == ("done", 3, len(service.archives.whole[task.archive]))  # type: ignore[attr-defined]  # the fake


def test_an_export_that_never_came_into_the_queue_is_ordered_again(service: ExportService) -> None:
    assert isinstance(service.errands, Errands)
    service.errands.away = True
    with pytest.raises(TemporaryError):
        begun(service)
    service.errands.away = False
    task = begun(service)
    assert service.errands.errands == [Errand(KIND, task.task_id)]


def test_every_piece_may_be_done_again_after_any_failure(service: ExportService) -> None:
    task = begun(service)
    store = service.archives
    assert isinstance(store, Archive)
    errand: Errand | None = Errand(KIND, task.task_id)
    failures = 0
    while errand:
        store.fails_after = failures % 12
        try:
            following = service.work(errand)
        except TemporaryError:
            failures += 1
            continue
        store.fails_after = None
        errand = following and service.work(errand)  # once more though it was done
        failures += 1
    assert archive(service, task).testzip() is None
    assert len(archive(service, task).namelist()) == 13


def test_a_part_of_another_try_is_never_taken_for_ours(service: ExportService) -> None:
    task = begun(service)
    first = Errand(KIND, task.task_id)
    following = service.work(first)
    assert following is not None
    store = service.archives
    assert isinstance(store, Archive)
    [upload_id] = store.uploads
    store.put_part(task.archive, upload_id, 1, b"x" * 1000)  # another worker found something else
    errand: Errand | None = following
    while errand:
        errand = service.work(errand)
    given_up = service.tasks.get(task.task_id)
    assert given_up is not None
    assert given_up.state == "failed"
    assert task.archive not in store.whole
    with pytest.raises(NotFoundError):
        service.get("bob", task.task_id)
    assert service.get("ada", task.task_id) == (given_up, None)
    assert begun(service).task_id != task.task_id
