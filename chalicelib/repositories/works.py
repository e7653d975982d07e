"""The works table: buckets of registered works, by their bytes and by their look."""

from collections.abc import Iterable
from contextlib import suppress

from pynamodb.attributes import BinarySetAttribute, UnicodeAttribute
from pynamodb.expressions.condition import size

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.ids import id_bytes, id_of
from chalicelib.domain.works import Entry
from chalicelib.repositories.connection import BaseModel, at_once, dynamodb_errors, write
from chalicelib.settings import settings

MOST_IN_BUCKET = 200
"""Works in a bucket at most: 11 KB. At ten million works 40 are expected (docs/data-model.md); a bucket that is full
belongs to a look that tells nothing apart, and a work is found by its others."""

_ID, _HASH = 16, 8  # bytes


class _BucketItem(BaseModel):
    class Meta:
        table_name = settings().works_table

    key = UnicodeAttribute(hash_key=True)
    works = BinarySetAttribute(legacy_encoding=False, null=True)


class WorkRepository:
    """Buckets of works. Putting in and taking out may be repeated, in any order, by several at the same time."""

    def add(self, entries: list[tuple[str, Entry]]) -> None:
        """Put works into buckets; a bucket that is full stays as it is."""
        at_once(lambda entry: _put_in(entry[0], _pack(entry[1])), entries)

    def remove(self, entries: list[tuple[str, Entry]]) -> None:
        """Take works out of buckets, and remove the buckets that are empty then."""
        at_once(lambda entry: _take_out(entry[0], _pack(entry[1])), entries)

    def find(self, keys: Iterable[str], *, consistent: bool = False) -> dict[str, tuple[Entry, ...]]:
        """Return what is in each of some buckets; those with nothing in them are left out.

        One request for each hundred keys. A bucket costs half a read unit for each 4 KB begun, twice that if
        ``consistent``.
        """
        found: dict[str, tuple[Entry, ...]] = {}
        with dynamodb_errors():
            for item in _BucketItem.batch_get(list(dict.fromkeys(keys)), consistent_read=consistent):
                if item.works:
                    found[item.key] = tuple(sorted((_unpack(each) for each in item.works), key=lambda e: e.media_id))
        return found


def _put_in(key: str, packed: bytes) -> None:
    room = _BucketItem.works.does_not_exist() | (size(_BucketItem.works) < MOST_IN_BUCKET)
    with suppress(LostRaceError):
        write(lambda: _BucketItem(key).update(actions=[_BucketItem.works.add({packed})], condition=room))


def _take_out(key: str, packed: bytes) -> None:
    """Remove the bucket if nothing else is in it, as of nearly every file, and else what is to be taken out."""
    try:
        write(lambda: _BucketItem(key).delete(_BucketItem.works == {packed}))
    except LostRaceError:
        with suppress(LostRaceError):
            item = _BucketItem(key)
            there = _BucketItem.key.exists()
            write(lambda: item.update(actions=[_BucketItem.works.delete({packed})], condition=there))
            if not item.works:
                write(lambda: item.delete(_BucketItem.works.does_not_exist()))


def _pack(entry: Entry) -> bytes:
    return id_bytes(entry.media_id) + bytes.fromhex(entry.hash + entry.detail)


def _unpack(packed: bytes) -> Entry:
    return Entry(id_of(packed[:_ID]), packed[_ID : _ID + _HASH].hex(), packed[_ID + _HASH :].hex())
