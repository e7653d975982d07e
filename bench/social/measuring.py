"""What a call costs: its milliseconds, and the units that DynamoDB would count for what it read and wrote.

Emulators count otherwise, if at all: units follow from the sizes of the items.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from pynamodb.connection import Connection

from tests.support.units import item_size


@dataclass
class Spent:
    """What was asked of DynamoDB, and the seconds until it had answered."""

    reads: float = 0
    writes: float = 0
    requests: int = 0
    seconds: float = 0

    def note(self, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Count one operation."""
        self.requests += 1
        if operation == "Query":
            self.reads += max(1, math.ceil(sum(map(item_size, answer["Items"])) / 4096)) / 2
        elif operation == "GetItem":
            units = max(1, math.ceil(item_size(answer.get("Item") or {}) / 4096))
            self.reads += units if asked.get("ConsistentRead") else units / 2
        elif operation == "BatchGetItem":
            for table, found in answer["Responses"].items():
                sure = asked["RequestItems"][table].get("ConsistentRead")
                units = sum(max(1, math.ceil(item_size(item) / 4096)) for item in found)
                units += len(asked["RequestItems"][table]["Keys"]) - len(found)  # what is not there costs one as well
                self.reads += units if sure else units / 2
        else:
            self.writes += 1


@dataclass
class Row:
    """A pattern's calls."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)

    def text(self) -> str:
        """Return the row of a table."""
        cuts = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        reads = [each.reads for each in self.spent]
        mean, most = statistics.mean(reads), max(reads)
        requests = statistics.mean(each.requests for each in self.spent)
        return (
            f"{self.name:<44} | {cuts[49]:>7.1f} | {cuts[94]:>7.1f} | {cuts[98]:>7.1f} | "
            f"{mean:>6.2f} | {most:>5.1f} | {requests:>4.1f}"
        )


@contextmanager
def spending() -> Iterator[Spent]:
    """Count what is asked of DynamoDB meanwhile."""
    spent, make = Spent(), Connection._make_api_call

    def noted(connection: Connection, operation: str, asked: dict[str, Any]) -> Any:
        started = time.perf_counter()
        answer = make(connection, operation, asked)
        spent.seconds += time.perf_counter() - started
        spent.note(operation, asked, answer)
        return answer

    with mock.patch.object(Connection, "_make_api_call", noted):
        yield spent


def measure(name: str, calls: Iterator[Callable[[], object]], rounds: int) -> Row:
    """Make some calls and return what they took."""
    row = Row(name)
    for _ in range(rounds):
        call = next(calls)
        with spending() as spent:
            started = time.perf_counter()
            call()
            row.milliseconds.append((time.perf_counter() - started) * 1000)
        row.spent.append(spent)
    return row
