"""Errands: long work behind the API, done a bounded piece at a time.

An errand may be done twice, by two workers at once, or be cut short anywhere: each piece must come to the same end.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Errand:
    """One piece of work, small enough for a message.

    Attributes:
        kind: what is to be done, such as ``push-post``: it has one worker, named in the composition.
        subject: id of what it is about.
        cursor: where the piece before left off; None for the first.
        arguments: what else the worker must know.
    """

    kind: str
    subject: str
    cursor: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)

    def to_text(self) -> str:
        """Write it as a queue carries it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Errand":
        """Read what :meth:`to_text` wrote.

        Raises:
            ValueError: the text is no errand.
        """
        found = json.loads(text)
        if not isinstance(found, dict) or set(found) != {"kind", "subject", "cursor", "arguments"}:
            raise ValueError("no errand")
        kind, subject, cursor, arguments = (found[name] for name in ("kind", "subject", "cursor", "arguments"))
        texts = [kind, subject, *([] if cursor is None else [cursor])]
        if not isinstance(arguments, dict) or not all(isinstance(each, str) for each in [*texts, *arguments.values()]):
            raise ValueError("no errand")
        return cls(kind, subject, cursor, arguments)
