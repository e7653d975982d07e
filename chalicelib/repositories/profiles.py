"""The profiles table, and the handles table that keeps handles unique."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.handles import RESERVED_DAYS
from chalicelib.domain.profiles import Profile, ProfileFields, Withheld
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, transact, write
from chalicelib.settings import settings


class _ProfileItem(BaseModel):
    class Meta:
        table_name = settings().profiles_table

    account_id = UnicodeAttribute(hash_key=True)
    fields: JsonAttribute[ProfileFields] = JsonAttribute(ProfileFields)
    version = NumberAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    handle_changed_at = UnicodeAttribute(null=True)
    posts_count = NumberAttribute(default=0)
    renewed = NumberAttribute(default=0)
    pinned: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    withheld: JsonAttribute[Withheld] = JsonAttribute(Withheld, null=True)
    labels: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)


class _ByAccount(GlobalSecondaryIndex["_HandleItem"]):
    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)


class _HandleItem(BaseModel):
    class Meta:
        table_name = settings().handles_table

    by_account = _ByAccount()

    handle = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute(null=True)  # none once whose it was is gone
    expires_at = TTLAttribute(null=True)  # set once the handle is but reserved for its former owner


def _to_domain(item: _ProfileItem) -> Profile:
    return Profile(
        account_id=item.account_id,
        fields=item.fields,
        version=int(item.version),
        created_at=item.created_at,
        updated_at=item.updated_at,
        handle_changed_at=item.handle_changed_at,
        posts_count=int(item.posts_count),
        renewed=int(item.renewed),
        pinned=item.pinned or (),
        withheld=item.withheld,
        labels=item.labels or (),
    )


def from_image(image: Mapping[str, Any]) -> Profile:
    """Return the profile that an image of the table's stream shows."""
    return _to_domain(_ProfileItem.from_raw_data(dict(image)))


def count_post(transaction: TransactWrite, account_id: str, change: int) -> None:
    """Add to an author's count of posts as part of a transaction, which fails where there is no profile.

    One author's posts are few, so that the count is exact at once and nothing contends for it.
    """
    transaction.update(
        _ProfileItem(account_id),
        actions=[_ProfileItem.posts_count.add(change)],
        condition=_ProfileItem.account_id.exists(),
    )


def change_profile(transaction: TransactWrite, old: Profile, new: Profile) -> None:
    """Store what a profile says now as part of a transaction, which fails where it was changed since ``old`` was read.

    The handle stays; ``new.version`` must be ``old.version + 1``.
    """
    unchanged = _ProfileItem.version == old.version
    transaction.update(_ProfileItem(new.account_id), actions=_changes(new), condition=unchanged)


class ProfileRepository:
    """Profiles by account and by handle."""

    def get(self, account_id: str) -> Profile | None:
        """Return an account's profile, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(_ProfileItem.get(account_id, consistent_read=True))
            except _ProfileItem.DoesNotExist:
                return None

    def get_many(self, account_ids: Iterable[str]) -> dict[str, Profile]:
        """Return those of some accounts' profiles that exist, by account."""
        with dynamodb_errors():
            return {item.account_id: _to_domain(item) for item in _ProfileItem.batch_get(list(account_ids))}

    def get_by_handle(self, handle: str) -> Profile | None:
        """Return the profile that a canonical handle names now, or None."""
        with dynamodb_errors():
            try:
                owner = _HandleItem.get(handle).account_id
                profile = _to_domain(_ProfileItem.get(owner)) if owner else None
            except (_HandleItem.DoesNotExist, _ProfileItem.DoesNotExist):
                return None
        return profile if profile is not None and profile.fields.handle == handle else None

    def holders(self, handles: Iterable[str]) -> dict[str, str]:
        """Return which accounts some canonical handles name now: half a unit each."""
        with dynamodb_errors():
            found = _HandleItem.batch_get(list(handles))
            return {item.handle: item.account_id for item in found if item.account_id and item.expires_at is None}

    def bearers(self, handles: Iterable[str]) -> dict[str, str]:
        """Return which accounts some canonical handles name, or named before they took another: half a unit each."""
        with dynamodb_errors():
            found = _HandleItem.batch_get(list(handles))
            return {item.handle: item.account_id for item in found if item.account_id}

    def handle_holder(self, handle: str, moment: datetime) -> str | None:
        """Return the account that holds a handle or has it reserved, '' for one that is gone; or None."""
        with dynamodb_errors():
            try:
                item = _HandleItem.get(handle, consistent_read=True)
            except _HandleItem.DoesNotExist:
                return None
        reserved_until: datetime | None = item.expires_at
        return None if reserved_until and reserved_until <= moment else item.account_id or ""

    def create(self, profile: Profile, moment: datetime) -> None:
        """Store a first profile and take its handle, both or none.

        Raises:
            LostRaceError: the handle was taken, or the account has a profile already.
        """

        def writes(transaction: TransactWrite) -> None:
            _take_handle(transaction, profile, moment)
            transaction.save(
                _ProfileItem(**(asdict(profile) | {"fields": profile.fields})),
                condition=_ProfileItem.account_id.does_not_exist(),
            )

        transact(writes)

    def replace(self, old: Profile, new: Profile, moment: datetime) -> Profile:
        """Store a changed profile; with another handle, take that and reserve the old one, all or nothing.

        Raises:
            LostRaceError: the handle was taken, or the profile was changed since ``old`` was read.
        """
        new = replace(new, version=old.version + 1)
        unchanged = _ProfileItem.version == old.version
        if new.fields.handle == old.fields.handle:
            item = _ProfileItem(new.account_id)
            write(lambda: item.update(actions=_changes(new), condition=unchanged))
            return _to_domain(item)

        def writes(transaction: TransactWrite) -> None:
            _take_handle(transaction, new, moment)
            transaction.update(
                _HandleItem(old.fields.handle),
                actions=[_HandleItem.expires_at.set(moment + timedelta(days=RESERVED_DAYS))],
                condition=_HandleItem.account_id == old.account_id,
            )
            transaction.update(_ProfileItem(new.account_id), actions=_changes(new), condition=unchanged)

        transact(writes)
        return new

    def forget(self, account_id: str, moment: datetime) -> None:
        """Remove the profile of a deleted account; its handles stay reserved, and do not say whose they were."""
        profile = self.get(account_id)
        with dynamodb_errors():
            held = {item.handle for item in _HandleItem.by_account.query(account_id)}
        for handle in sorted(held | ({profile.fields.handle} if profile else set())):
            _reserve(handle, account_id, moment)
        write(lambda: _ProfileItem(account_id).delete())


def _reserve(handle: str, account_id: str, moment: datetime) -> None:
    """Keep a handle for nobody; one that is somebody else's by now is left alone."""
    until: Any = _HandleItem.expires_at.set(moment + timedelta(days=RESERVED_DAYS))
    theirs = _HandleItem.account_id == account_id
    with suppress(LostRaceError):
        write(lambda: _HandleItem(handle).update([until, _HandleItem.account_id.remove()], theirs))


def _changes(profile: Profile) -> list[Any]:
    changes = [
        _ProfileItem.fields.set(profile.fields),
        _ProfileItem.version.set(profile.version),
        _ProfileItem.updated_at.set(profile.updated_at),
        _ProfileItem.renewed.set(profile.renewed),
        _ProfileItem.pinned.set(profile.pinned),
        _ProfileItem.labels.set(profile.labels),
        _ProfileItem.withheld.set(profile.withheld) if profile.withheld else _ProfileItem.withheld.remove(),
    ]
    if profile.handle_changed_at is not None:
        changes.append(_ProfileItem.handle_changed_at.set(profile.handle_changed_at))
    return changes


def _take_handle(transaction: TransactWrite, profile: Profile, moment: datetime) -> None:
    free = (
        _HandleItem.handle.does_not_exist()
        | (_HandleItem.account_id == profile.account_id)
        | (_HandleItem.expires_at <= moment)
    )
    transaction.save(_HandleItem(profile.fields.handle, account_id=profile.account_id), condition=free)
