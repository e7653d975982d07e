"""A zip archive that is written in pieces, by one process after another."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

type Entry = tuple[str, int, int, int, int, int, int]
"""Name, CRC, bytes packed, bytes, offset, flags, method: what the archive's directory says of a file."""

_WHEN = (1980, 1, 1, 0, 0, 0)  # the same archive twice is the same bytes


class _Pipe(io.RawIOBase):
    """Keeps what is written, at a place where the process before left off."""

    def __init__(self, begins: int) -> None:
        super().__init__()
        self._held = bytearray()
        self._begins = begins

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._begins += len(taken)
        self._held.clear()
        return taken

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002  the library asks whether it can
        raise io.UnsupportedOperation

    def tell(self) -> int:
        return self._begins + len(self._held)

    def write(self, data: object) -> int:
        added = bytes(data)  # type: ignore[call-overload]  # whatever holds bytes
        self._held += added
        return len(added)


@dataclass(slots=True)
class ZipPiece:
    """One process's piece of an archive.

    Args:
        begins: bytes that were written before.
        entries: files that were written before.
    """

    begins: int = 0
    entries: list[Entry] = field(default_factory=list)
    _pipe: _Pipe = field(init=False)
    _zip: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        """Open it where the piece before ended."""
        self._pipe = _Pipe(self.begins)
        self._zip = zipfile.ZipFile(self._pipe, "w", allowZip64=True)
        self._zip.filelist = [_info(entry) for entry in self.entries]

    def take(self) -> bytes:
        """Return what was written since it was last taken."""
        return self._pipe.take()

    @property
    def ends(self) -> int:
        """Bytes that were written, with those before."""
        return self._pipe.tell()

    def add(self, name: str, data: bytes, *, packed: bool) -> None:
        """Add a file; pictures are packed by themselves."""
        info = zipfile.ZipInfo(name, _WHEN)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        self._zip.writestr(info, data)
        self.entries.append(_entry(info))

    def close(self) -> None:
        """Write the directory, which ends the archive."""
        self._zip.close()


def _entry(info: zipfile.ZipInfo) -> Entry:
    sizes = (info.CRC, info.compress_size, info.file_size)
    return (info.filename, *sizes, info.header_offset, info.flag_bits, info.compress_type)


def _info(entry: Sequence[object]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(str(entry[0]), _WHEN)
    info.CRC, info.compress_size, info.file_size, info.header_offset, info.flag_bits, info.compress_type = (
        int(str(each)) for each in entry[1:]
    )
    return info
