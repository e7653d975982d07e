"""One file of the corpus."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HostileCase:
    """A file and how its upload must end.

    Attributes:
        name: unique, in kebab case.
        make: builds the bytes, the same ones each time, below 5 MB.
        content_type: what a client would declare, true or not.
        state: the end of its upload.
        code: the reason's code; None where it is ready.
    """

    name: str
    make: Callable[[], bytes]
    content_type: str
    state: Literal["ready", "refused", "failed"] = "ready"
    code: str | None = None

    def __str__(self) -> str:
        return self.name


def refused(name: str, make: Callable[[], bytes], content_type: str, code: str) -> HostileCase:
    """Return a case against a rule."""
    return HostileCase(name, make, content_type, "refused", code)


def damaged(name: str, make: Callable[[], bytes], content_type: str, code: str = "damaged-file") -> HostileCase:
    """Return a case that cannot be read."""
    return HostileCase(name, make, content_type, "failed", code)


def cut(data: bytes, share: float) -> bytes:
    """Return the first part of a file."""
    return data[: int(len(data) * share)]
