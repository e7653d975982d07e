"""What functions write: their log lines, and the line of each invocation."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from chalicelib.observability import logger


@dataclass
class Lines:
    """Lines in the order they were written."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """All of it as it was written."""
        return self.stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        """Every line."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, function: str) -> list[dict[str, Any]]:
        """The lines of a function's invocations."""
        return [line for line in self.all if line["message"] == "invocation" and line["function"] == function]

    def of_one(self, function: str) -> dict[str, Any]:
        """The line of a function's only invocation."""
        (line,) = self.of(function)
        return line

    def said(self, message: str) -> list[dict[str, Any]]:
        """The lines with a message."""
        return [line for line in self.all if line["message"] == message]


@contextmanager
def written() -> Iterator[Lines]:
    """Take what is written."""
    lines = Lines()
    with (
        mock.patch.object(logger.registered_handler, "stream", lines.stream),
        mock.patch("sys.stdout", lines.stream),
    ):
        yield lines
