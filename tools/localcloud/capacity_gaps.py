"""Has the emulated DynamoDB tell what reads consume, by the sizes of the items that were looked at.

The emulator tells half a unit of every query, however much it read, and nothing of batches of reads: what a list costs
could not be measured here.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

import json
import math
from typing import Any

from ministack.services import dynamodb

_UNIT_BYTES = 4096

_looked_at: list[int] = [0]
"""Bytes of the items that the last page of a query or scan looked at, whatever a filter left of them."""


def units(sizes: int, *, consistent: bool) -> float:
    """Return the read units of one request, or of one item of a batch, for the bytes that it read."""
    found = max(1, math.ceil(sizes / _UNIT_BYTES))
    return float(found) if consistent else found / 2


def install() -> None:
    """Bring it into the emulator of this process."""
    add, paginate, get_batch = (
        dynamodb._add_consumed_capacity,
        dynamodb._paginate_evaluated_items,
        dynamodb._batch_get_item,
    )

    def paginated(items: Any, limit: Any, table: Any, index_name: Any = None) -> Any:
        page, more = paginate(items, limit, table, index_name)
        shown = (dynamodb._apply_index_projection(each, table, index_name) if index_name else each for each in page)
        _looked_at[0] = sum(map(dynamodb._item_size_bytes, shown))
        return page, more

    def added(result: dict[str, Any], data: dict[str, Any], table_name: str, **more: Any) -> None:
        add(result, data, table_name, **more)
        if more.get("write") or "ConsumedCapacity" not in result:
            return
        size = _looked_at[0] if "ScannedCount" in result else dynamodb._item_size_bytes(result.get("Item") or {})
        read = units(size, consistent=bool(data.get("ConsistentRead")))
        result["ConsumedCapacity"] = {"TableName": table_name, "CapacityUnits": read}

    def got_batch(data: dict[str, Any]) -> Any:
        status, headers, body = get_batch(data)
        if status != 200 or data.get("ReturnConsumedCapacity", "NONE") == "NONE":
            return status, headers, body
        answer = json.loads(body)
        answer["ConsumedCapacity"] = [
            {"TableName": table, "CapacityUnits": _of_batch(found, data["RequestItems"][table])}
            for table, found in answer["Responses"].items()
        ]
        return status, headers, json.dumps(answer, ensure_ascii=False).encode()

    dynamodb._add_consumed_capacity = added
    dynamodb._paginate_evaluated_items = paginated
    dynamodb._batch_get_item = got_batch


def _of_batch(found: list[dict[str, Any]], asked: dict[str, Any]) -> float:
    consistent = bool(asked.get("ConsistentRead"))
    missing = [0] * (len(asked["Keys"]) - len(found))  # what is not there costs as much as the smallest
    sizes = [*map(dynamodb._item_size_bytes, found), *missing]
    return sum(units(size, consistent=consistent) for size in sizes)
