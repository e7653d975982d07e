"""What DynamoDB counts for reading items: emulators count otherwise, if at all.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item as DynamoDB writes it (``{"name": {"S": "…"}}``)."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "N":
        return len(content) // 2 + 2
    if kind in {"SS", "NS"}:
        return 3 + sum(len(each.encode()) for each in content)
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in content)
    return len(content.encode() if isinstance(content, str) else content)


def read_units(items: Iterable[Mapping[str, Any]]) -> float:
    """Return the read units of one query that reads these, eventually consistent."""
    return math.ceil(sum(map(item_size, items)) / 4096) / 2
