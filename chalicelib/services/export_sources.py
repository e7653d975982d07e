"""What goes into an export: items of tables as JSON, and files."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple, Protocol

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.holdings import HoldingName
from chalicelib.services.ports import AccountFileStore, HoldingStore, MediaStore

_ALL = ""
"""Stands for the position after the last."""

_UPLOADS = 1
"""Uploads of one page: an original of 50 MB is held several times while it is written."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the archive; ``packed`` where that makes it smaller."""

    name: str
    data: bytes
    packed: bool = True


class Found(NamedTuple):
    """Some files, and the position after them; None at the end."""

    files: Sequence[File]
    position: str | None


class Source(Protocol):
    """A part of what is held of an account."""

    @property
    def name(self) -> str:
        """What it is called, in the archive too."""

    def page(self, account_id: str, page: int, position: str | None) -> Found:
        """Return some of it: page by page, from 1 on."""


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a table, a hundred to a file."""

    holdings: HoldingStore
    name: HoldingName

    def page(self, account_id: str, page: int, position: str | None) -> Found:
        """Return a file of items; none where there are none."""
        found = self.holdings.page(self.name, account_id, position)
        files = [File(f"{self.name}/{page:05}.json", _json(found.items))] if found.items else []
        return Found(files, found.position)


@dataclass(frozen=True, slots=True)
class Talks:
    """Who may write to the account, each conversation that it was ever in, and the messages of each, by both."""

    holdings: HoldingStore
    name: HoldingName = "messaging"

    @property
    def places(self) -> frozenset[HoldingName]:
        """What it goes through."""
        return frozenset({self.name, "messages"})

    def page(self, account_id: str, page: int, position: str | None) -> Found:
        """Return a file of what there is, or of messages of one conversation."""
        lines, waiting, at = json.loads(position) if position else (None, [], None)
        if waiting:
            name, found = f"messages/{waiting[0]}", self.holdings.page("messages", waiting[0], at)
            waiting, at = waiting if found.position else waiting[1:], found.position
        else:
            name, found = self.name, self.holdings.page(self.name, account_id, lines)
            lines = found.position or _ALL
            talks = (str(item["position"]).partition("#") for item in found.items)
            waiting = [talk for kind, _, talk in talks if kind == "with"]
        files = [File(f"{name}/{page:05}.json", _json(found.items))] if found.items else []
        return Found(files, json.dumps([lines, waiting, at]) if waiting or lines != _ALL else None)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Uploads: what was asked for, the original as it came, renditions and signed records."""

    files: AccountFileStore
    media: MediaStore
    name: str = "media"

    def page(self, account_id: str, page: int, position: str | None) -> Found:  # noqa: ARG002  names say it all
        """Return the files of some uploads."""
        keys = self.files.uploads(account_id, position, _UPLOADS)
        found = [file for key in keys for file in self._upload(account_id, key)]
        return Found(found, keys[-1] if len(keys) == _UPLOADS else None)

    def _upload(self, account_id: str, key: str) -> list[File]:
        media_id = key.rpartition("/")[2]
        media = self.media.get(media_id, consistent=True)
        folder = f"{self.name}/{media_id}"
        found = _read(f"{folder}/original", partial(self.files.original, key))
        if media is None or media.owner_id != account_id:
            return found
        found.append(File(f"{folder}/media.json", _json(asdict(media))))
        for each in self.files.derived(media_id):
            found += _read(f"{folder}/{each.rpartition('/')[2]}", partial(self.files.derivative, each))
        return found


@dataclass(frozen=True, slots=True)
class Resumes:
    """Résumés that came with applications, as long as they are kept."""

    files: AccountFileStore
    name: str = "resumes"

    def page(self, account_id: str, page: int, position: str | None) -> Found:  # noqa: ARG002  names say it all
        """Return a file."""
        keys = self.files.resumes(account_id, position, _UPLOADS)
        found = [
            file
            for key in keys
            for file in _read(f"{self.name}/{key.rpartition('/')[2]}", partial(self.files.derivative, key))
        ]
        return Found(found, keys[-1] if len(keys) == _UPLOADS else None)


def _read(name: str, read: Callable[[], bytes]) -> list[File]:
    """Return a file as it is; none if it is gone by now."""
    try:
        return [File(name, read(), packed=False)]
    except NotFoundError:
        return []


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_known).encode()


def _known(value: object) -> object:
    """Return what JSON can hold of a value that it cannot."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
