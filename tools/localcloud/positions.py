"""How far each stream was followed, in a file: a restart goes on there, with the very batch that was begun."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream was followed, by sequence numbers.

    Attributes:
        after: the last record that was taken; None at the beginning.
        until: the last record of the batch that was begun after it; None if none was.
    """

    after: str | None = None
    until: str | None = None


class Positions:
    """The positions of some streams."""

    def __init__(self, path: Path) -> None:
        """Take the file, which need not be there."""
        self._path = path
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            self._known = {stream: Position(**position) for stream, position in found.items()}
        except (OSError, ValueError, TypeError):
            self._known = {}

    def get(self, stream: str) -> Position:
        """Return where a stream stands."""
        return self._known.get(stream, Position())

    def put(self, stream: str, position: Position) -> None:
        """Keep where a stream stands. Written aside and moved, so that nobody finds half of it."""
        self._known[stream] = position
        aside = self._path.with_suffix(".new")
        aside.write_text(json.dumps({name: asdict(each) for name, each in self._known.items()}), encoding="utf-8")
        aside.replace(self._path)
