"""The key that closes cursors: made by the first process that needs one, and the same for all.

It lies beside what cursors hide, in the same database, so that it costs a new process one more request to a server
that it speaks to anyway, and no other service can keep lists from being read.
"""

import secrets

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.errors import LostRaceError
from chalicelib.repositories.connection import BaseModel, dynamodb_errors, write
from chalicelib.settings import settings

KEY_BYTES = 64
"""Two keys of 256 bits, as AES-SIV takes them (RFC 5297)."""

_ID = "cursor-key"


class _KeyItem(BaseModel):
    class Meta:
        table_name = settings().idempotency_table

    id = UnicodeAttribute(hash_key=True)
    key = BinaryAttribute(legacy_encoding=False)


class CursorKeyRepository:
    """The key, in the table of answers that are remembered; it is not forgotten by itself."""

    def get(self) -> bytes:
        """Return the key, read consistently; one is made where there is none.

        Raises:
            TemporaryError: it could not be read this time.
        """
        found = self._find()
        if found is None:
            try:
                item = _KeyItem(_ID, key=secrets.token_bytes(KEY_BYTES))
                write(lambda: item.save(condition=_KeyItem.id.does_not_exist()))
            except LostRaceError:
                return self.get()
            return bytes(item.key)
        return found

    def _find(self) -> bytes | None:
        with dynamodb_errors():
            try:
                return bytes(_KeyItem.get(_ID, consistent_read=True).key)
            except _KeyItem.DoesNotExist:
                return None
