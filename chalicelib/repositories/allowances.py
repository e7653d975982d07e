"""Counters of what clients ask for, beside the answers that are remembered: both are forgotten by themselves."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.repositories.connection import BaseModel, dynamodb_errors
from chalicelib.settings import settings


class _CounterItem(BaseModel):
    class Meta:
        table_name = settings().idempotency_table

    id = UnicodeAttribute(hash_key=True)
    used = NumberAttribute()
    expiration = NumberAttribute()


class AllowanceRepository:
    """One counter for each client and window: no two clients share a partition, and none has the same for long."""

    def use(self, key: str, expires_at: int, number: int = 1) -> int:
        """Count some uses and return how many there were; the counter is removed after a time in Unix seconds."""
        item = _CounterItem(f"allowance#{key}")
        with dynamodb_errors():
            item.update(actions=[_CounterItem.used.add(number), _CounterItem.expiration.set(expires_at)])
        return int(item.used)
