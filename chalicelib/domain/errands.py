"""Errands: long work behind the API, done a bounded piece at a time.

An errand may be done twice, by two workers at once, or be cut short anywhere: each piece must come to the same end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
