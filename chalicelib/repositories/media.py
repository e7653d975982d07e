"""The media table."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.media import Exposure, Media, Picture, Replaced, StoredRendition, UploadRequest
from chalicelib.domain.moderation import Appeal
from chalicelib.domain.protection import Reason
from chalicelib.repositories.connection import BaseModel, JsonAttribute, due_bucket, due_buckets, dynamodb_errors, write
from chalicelib.settings import settings


class _Due(GlobalSecondaryIndex["_MediaItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class _ByOwner(GlobalSecondaryIndex["_MediaItem"]):
    class Meta:
        index_name = "by_owner"
        projection = KeysOnlyProjection()

    owner_id = UnicodeAttribute(hash_key=True)


class _MediaItem(BaseModel):
    class Meta:
        table_name = settings().media_table

    due = _Due()
    by_owner = _ByOwner()

    media_id = UnicodeAttribute(hash_key=True)
    owner_id = UnicodeAttribute()
    request: JsonAttribute[UploadRequest] = JsonAttribute(UploadRequest)
    state = UnicodeAttribute()
    version = NumberAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    expires_at = UnicodeAttribute()
    lease_until = UnicodeAttribute(null=True)
    attempt = UnicodeAttribute(null=True)
    tries = NumberAttribute(default=0)
    reason: JsonAttribute[Reason] = JsonAttribute(Reason, null=True)
    picture: JsonAttribute[Picture] = JsonAttribute(Picture, null=True)
    used_by = UnicodeSetAttribute(null=True)
    exposure = UnicodeAttribute(default="held")
    exposure_version = NumberAttribute(default=0)
    correlation_id = UnicodeAttribute(null=True)
    cleared = BooleanAttribute(default=False)
    appeal: JsonAttribute[Appeal] = JsonAttribute(Appeal, null=True)
    recalled = BooleanAttribute(default=False)
    refused_version = UnicodeAttribute(null=True)
    replaced: JsonAttribute[Replaced] = JsonAttribute(Replaced, null=True)
    review: JsonAttribute[StoredRendition] = JsonAttribute(StoredRendition, null=True)
    deleted_at = UnicodeAttribute(null=True)
    withheld: JsonAttribute[Picture] = JsonAttribute(Picture, null=True)
    removed_by = UnicodeAttribute(null=True)
    labels: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    renewing = BooleanAttribute(null=True)
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)


def _to_domain(item: _MediaItem) -> Media:
    return Media(
        media_id=item.media_id,
        owner_id=item.owner_id,
        request=item.request,
        state=item.state,  # type: ignore[arg-type]  # only states are ever written
        version=int(item.version),
        created_at=item.created_at,
        updated_at=item.updated_at,
        expires_at=item.expires_at,
        lease_until=item.lease_until,
        attempt=item.attempt,
        tries=int(item.tries),
        reason=item.reason,
        picture=item.picture,
        used_by=frozenset(item.used_by or ()),
        exposure=item.exposure,  # type: ignore[arg-type]  # only exposures are ever written
        exposure_version=int(item.exposure_version),
        correlation_id=item.correlation_id,
        cleared=item.cleared,
        appeal=item.appeal,
        recalled=item.recalled,
        refused_version=item.refused_version,
        replaced=item.replaced,
        review=item.review,
        deleted_at=item.deleted_at,
        withheld=item.withheld,
        removed_by=item.removed_by,
        labels=item.labels or (),
        renewing=bool(item.renewing),
    )


def _set(attribute: Any, value: Any) -> Any:
    return attribute.remove() if value is None else attribute.set(value)


def _due_actions(media_id: str, due_at: str | None) -> list[Any]:
    bucket = due_bucket(due_at, media_id) if due_at else None
    return [_set(_MediaItem.due_at, due_at), _set(_MediaItem.due_bucket, bucket)]


def _next(old: Media, new: Media, moment: datetime) -> Media:
    return replace(new, version=old.version + 1, updated_at=clock.to_text(moment))


def _unchanged(old: Media) -> Any:
    return (_MediaItem.version == old.version) & (_MediaItem.state == old.state)


def _state_actions(new: Media, moment: datetime) -> list[Any]:
    return [
        _MediaItem.state.set(new.state),
        _MediaItem.version.set(new.version),
        _MediaItem.updated_at.set(new.updated_at),
        _MediaItem.tries.set(new.tries),
        _set(_MediaItem.lease_until, new.lease_until),
        _set(_MediaItem.attempt, new.attempt),
        _set(_MediaItem.reason, new.reason),
        _set(_MediaItem.picture, new.picture),
        _MediaItem.cleared.set(new.cleared),
        _set(_MediaItem.appeal, new.appeal),
        _MediaItem.recalled.set(new.recalled),
        _set(_MediaItem.refused_version, new.refused_version),
        _set(_MediaItem.replaced, new.replaced),
        _set(_MediaItem.review, new.review),
        _set(_MediaItem.withheld, new.withheld),
        _set(_MediaItem.removed_by, new.removed_by),
        _set(_MediaItem.labels, new.labels or None),
        _set(_MediaItem.renewing, new.renewing or None),
        *_due_actions(new.media_id, new.due_at(moment)),
    ]


def change_media(transaction: TransactWrite, old: Media, new: Media, moment: datetime) -> Media:
    """Store a change of state as part of a transaction, which fails where it is not as ``old`` says any more.

    Returns:
        The media as it will be stored, except for what others note of its uses and exposure meanwhile.
    """
    new = _next(old, new, moment)
    transaction.update(_MediaItem(old.media_id), actions=_state_actions(new, moment), condition=_unchanged(old))
    return new


class MediaRepository:
    """Media by id. All writes are conditional. What its owner deleted is found by :meth:`remains` alone."""

    def create(self, media: Media, moment: datetime) -> None:
        """Store a new media."""
        due_at = media.due_at(moment)
        item = _MediaItem(
            media.media_id,
            owner_id=media.owner_id,
            request=media.request,
            state=media.state,
            version=media.version,
            created_at=media.created_at,
            updated_at=media.updated_at,
            expires_at=media.expires_at,
            correlation_id=media.correlation_id,
            cleared=media.cleared,
            due_at=due_at,
            due_bucket=due_bucket(due_at, media.media_id) if due_at else None,
        )
        with dynamodb_errors():
            item.save(_MediaItem.media_id.does_not_exist())

    def get(self, media_id: str, *, consistent: bool = False) -> Media | None:
        """Return a media, or None. A consistent read costs twice as much."""
        with dynamodb_errors():
            try:
                item = _MediaItem.get(media_id, consistent_read=consistent)
            except _MediaItem.DoesNotExist:
                return None
            return None if item.deleted_at else _to_domain(item)

    def get_many(self, media_ids: Iterable[str]) -> dict[str, Media]:
        """Return those of some media that exist, by id, read consistently."""
        return {key: media for key, media in self.remains(media_ids).items() if media.deleted_at is None}

    def remains(self, media_ids: Iterable[str]) -> dict[str, Media]:
        """Return the same, and those that are deleted while something of them is left."""
        with dynamodb_errors():
            items = _MediaItem.batch_get(list(dict.fromkeys(media_ids)), consistent_read=True)
            return {item.media_id: _to_domain(item) for item in items}

    def save_state(self, old: Media, new: Media, moment: datetime) -> Media:
        """Store a change of state, if it still is as ``old`` says.

        Returns:
            The media as it is stored now: what uses it may have changed meanwhile.

        Raises:
            LostRaceError: another change came first.
        """
        item = _MediaItem(old.media_id)
        new = _next(old, new, moment)
        write(lambda: item.update(actions=_state_actions(new, moment), condition=_unchanged(old)))
        return _to_domain(item)

    def save_request(self, old: Media, new: Media, moment: datetime) -> Media:
        """Store a change of what its artist says, and of the state that follows from it, as :meth:`save_state` does.

        Only if nobody changed the state or the exposure since ``old`` was read: who is about to open its files finds
        out, and looks again.

        Raises:
            LostRaceError: somebody did.
        """
        item = _MediaItem(old.media_id)
        new = _next(old, new, moment)
        with dynamodb_errors():
            item.update(
                actions=[
                    _MediaItem.request.set(new.request),
                    _MediaItem.exposure_version.set(old.exposure_version + 1),
                    *_state_actions(new, moment),
                ],
                condition=_unchanged(old) & (_MediaItem.exposure_version == old.exposure_version),
            )
        return _to_domain(item)

    def save_exposure(self, media: Media, exposure: Exposure, moment: datetime) -> Media:
        """Store whether its renditions can be fetched, if nobody changed that since ``media`` was read.

        Raises:
            LostRaceError: somebody did.
        """
        item = _MediaItem(media.media_id)
        new = replace(media, exposure=exposure)
        actions = [
            _MediaItem.exposure.set(exposure),
            _MediaItem.exposure_version.set(media.exposure_version + 1),
            *_due_actions(media.media_id, new.due_at(moment)),
        ]
        write(lambda: item.update(actions=actions, condition=_MediaItem.exposure_version == media.exposure_version))
        return _to_domain(item)

    def add_use(self, media_id: str, owner_id: str, user: str) -> None:
        """Note that a post (its id) or the owner's profile (``profile``) shows this media.

        Raises:
            LostRaceError: there is no such media of this owner.
        """
        add: list[Any] = [_MediaItem.used_by.add({user})]
        own = (_MediaItem.owner_id == owner_id) & _MediaItem.deleted_at.does_not_exist()
        write(lambda: _MediaItem(media_id).update(actions=add, condition=own))

    def remove_use(self, media_id: str, user: str) -> None:
        """Note that a post or profile shows it no longer; a media that is gone is none of its business."""
        delete: list[Any] = [_MediaItem.used_by.delete({user})]
        with suppress(LostRaceError):
            write(lambda: _MediaItem(media_id).update(actions=delete, condition=_MediaItem.media_id.exists()))

    def mark_deleted(self, old: Media, deleted_at: str | None, due_at: str | None) -> None:
        """Note that its owner deleted a media, or take that back, if nothing of it was changed since it was read.

        Whoever works on it loses the race. ``due_at`` is when somebody looks whether anything is left.

        Raises:
            LostRaceError: something was changed, or something else is to show it.
        """
        actions = [
            _set(_MediaItem.deleted_at, deleted_at),
            _MediaItem.version.set(old.version + 1),
            _MediaItem.exposure_version.set(old.exposure_version + 1),
            *_due_actions(old.media_id, due_at),
        ]
        used = _MediaItem.used_by == set(old.used_by) if old.used_by else _MediaItem.used_by.does_not_exist()
        unchanged = _unchanged(old) & (_MediaItem.exposure_version == old.exposure_version) & used
        write(lambda: _MediaItem(old.media_id).update(actions=actions, condition=unchanged))

    def of_owner(self, owner_id: str, limit: int) -> list[str]:
        """Return the ids of some media of an account, uploaded or only announced."""
        with dynamodb_errors():
            return [item.media_id for item in _MediaItem.by_owner.query(owner_id, limit=limit, page_size=limit)]

    def forget(self, media_id: str) -> None:
        """Remove a media that is deleted: whoever works on it loses the race."""
        write(lambda: _MediaItem(media_id).delete())

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of media that somebody must look after, due between two moments."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = _MediaItem.due.query(bucket, _MediaItem.due_at <= clock.to_text(until))
                found.extend(item.media_id for item in query)
        return found
