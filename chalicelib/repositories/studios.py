"""The studios table: studios with their members, and the names that are verified studios' own.

Of a studio that ended its key is left: what artists sent it is found by its slug as long as it is kept, and must not
come to whoever would take that slug next.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.moderation import Case
from chalicelib.domain.studios import MAX_MEMBERS, Member, Studio, StudioFields, Verification
from chalicelib.repositories.cases import add_case
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, transact, write
from chalicelib.settings import settings

_STUDIO = "studio"
_MEMBER = "member#"
_MARK = "mark"


class _ByAccount(GlobalSecondaryIndex["_Item"]):
    class Meta:
        index_name = "by_account"
        projection = AllProjection()

    account_id = UnicodeAttribute(hash_key=True)


class _Item(BaseModel):
    """A studio, one of its members, or a mark: a look that is a verified studio's own, with its slug."""

    class Meta:
        table_name = settings().studios_table

    by_account = _ByAccount()

    partition = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)

    fields: JsonAttribute[StudioFields] = JsonAttribute(StudioFields, null=True)
    version = NumberAttribute(null=True)
    created_at = UnicodeAttribute(null=True)
    updated_at = UnicodeAttribute(null=True)
    held = BooleanAttribute(null=True)
    verification: JsonAttribute[Verification] = JsonAttribute(Verification, null=True)
    owners = NumberAttribute(null=True)
    approved_jobs = NumberAttribute(null=True)

    account_id = UnicodeAttribute(null=True)
    role = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    since = UnicodeAttribute(null=True)

    slug = UnicodeAttribute(null=True)


def change_studio(transaction: TransactWrite, old: Studio, new: Studio) -> None:
    """Store a changed studio as part of a transaction, which fails where it was changed since ``old`` was read.

    Once it is verified, its names are its own. Of two verified studios of one name the later is noted: either keeps
    newcomers out.
    """
    transaction.save(_to_item(replace(new, version=old.version + 1)), condition=_unchanged(old))
    for mark in sorted(new.marks) if new.verified else ():
        transaction.save(_Item(_mark(mark), _MARK, slug=new.slug))


class StudioRepository:
    """Studios by slug, their members, and the studios of an account. All writes are conditional."""

    def create(self, studio: Studio, owner: Member, case: Case | None = None) -> None:
        """Store a new studio with its first owner, and open the case that it is held for.

        Raises:
            LostRaceError: the slug is taken, or was.
        """

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_to_item(studio), condition=_Item.partition.does_not_exist())
            transaction.save(_to_member_item(owner))
            if case is not None:
                add_case(transaction, case)

        transact(writes)

    def get(self, slug: str, *, consistent: bool = False) -> Studio | None:
        """Return a studio; None where there is none, or none any more."""
        with dynamodb_errors():
            try:
                return _to_domain(_Item.get(_studio(slug), _STUDIO, consistent_read=consistent))
            except _Item.DoesNotExist:
                return None

    def get_many(self, slugs: Iterable[str]) -> dict[str, Studio]:
        """Return those of some studios that exist, by slug."""
        keys = [(_studio(slug), _STUDIO) for slug in slugs]
        with dynamodb_errors():
            found = [_to_domain(item) for item in _Item.batch_get(keys)] if keys else []
        return {studio.slug: studio for studio in found if studio is not None}

    def save(self, old: Studio, new: Studio, case: Case | None = None) -> Studio:
        """Store a changed studio, with the case that it now waits for, and return it with its new version.

        Raises:
            LostRaceError: it was changed since ``old`` was read.
        """
        new = replace(new, version=old.version + 1)
        if case is None:
            write(lambda: _to_item(new).save(_unchanged(old)))
            return new

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_to_item(new), condition=_unchanged(old))
            add_case(transaction, case)

        transact(writes)
        return new

    def holder(self, marks: Iterable[str]) -> str | None:
        """Return the slug of a verified studio that has one of some looks for its own, or None."""
        keys = [(_mark(mark), _MARK) for mark in sorted(marks)]
        with dynamodb_errors():
            found = sorted(item.slug for item in _Item.batch_get(keys, consistent_read=True)) if keys else []
        return found[0] if found else None

    def member(self, slug: str, account_id: str) -> Member | None:
        """Return what an account is to a studio, read consistently: invited or a member; None for others."""
        with dynamodb_errors():
            try:
                item = _Item.get(_studio(slug), _MEMBER + account_id, consistent_read=True)
            except _Item.DoesNotExist:
                return None
        return _to_member(item)

    def members(self, slug: str) -> list[Member]:
        """Return a studio's members, invited ones included, in no order."""
        starts = _Item.position.startswith(_MEMBER)
        with dynamodb_errors():
            items = list(_Item.query(_studio(slug), starts, consistent_read=True, limit=MAX_MEMBERS + 1))
        return [_to_member(item) for item in items]

    def of_account(self, account_id: str) -> list[Member]:
        """Return what an account is to studios, by their slugs; a change shows a moment later."""
        with dynamodb_errors():
            items = list(_Item.by_account.query(account_id, limit=MAX_MEMBERS))
        return [_to_member(item) for item in items]

    def change_member(self, studio: Studio, old: Member | None, new: Member | None) -> Studio:
        """Store a member that was invited, changed or removed, with the studio's count of owners.

        Returns:
            The studio with its new version.

        Raises:
            LostRaceError: the studio or one of its members was changed since they were read.
        """
        change = int(bool(new and new.owns)) - int(bool(old and old.owns))
        after = replace(studio, owners=studio.owners + change, version=studio.version + 1)

        def writes(transaction: TransactWrite) -> None:
            item = _Item(_studio(studio.slug), _STUDIO)
            actions: list[Any] = [_Item.owners.set(after.owners), _Item.version.set(after.version)]
            transaction.update(item, actions=actions, condition=_unchanged(studio))
            if new is not None:
                transaction.save(_to_member_item(new))
            elif old is not None:
                transaction.delete(_Item(_studio(old.slug), _MEMBER + old.account_id))

        transact(writes)
        return after

    def remove(self, studio: Studio) -> None:
        """Remove a studio that nobody speaks for, with who was invited to it and what it alone was called.

        Its slug is nobody's from then on.

        Raises:
            LostRaceError: it was changed since it was read.
        """
        members = self.members(studio.slug)

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_Item(_studio(studio.slug), _STUDIO), condition=_unchanged(studio))
            for member in members:
                transaction.delete(_Item(_studio(studio.slug), _MEMBER + member.account_id))

        for mark in sorted(studio.marks):
            with suppress(LostRaceError):
                write(lambda mark=mark: _Item(_mark(mark), _MARK).delete(_Item.slug == studio.slug))  # type: ignore[misc]
        transact(writes)


def _studio(slug: str) -> str:
    return f"studio#{slug}"


def _mark(look: str) -> str:
    return f"mark#{look}"


def _unchanged(studio: Studio) -> Any:
    return _Item.version == studio.version


def _to_item(studio: Studio) -> _Item:
    return _Item(
        _studio(studio.slug),
        _STUDIO,
        fields=studio.fields,
        version=studio.version,
        created_at=studio.created_at,
        updated_at=studio.updated_at,
        held=studio.held,
        verification=studio.verification,
        owners=studio.owners,
        approved_jobs=studio.approved_jobs,
    )


def _to_domain(item: _Item) -> Studio | None:
    if not item.version:  # it ended
        return None
    return Studio(
        slug=item.partition.partition("#")[2],
        fields=item.fields,
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=int(item.version),
        held=item.held,
        verification=item.verification,
        owners=int(item.owners),
        approved_jobs=int(item.approved_jobs),
    )


def _to_member_item(member: Member) -> _Item:
    return _Item(
        _studio(member.slug),
        _MEMBER + member.account_id,
        account_id=member.account_id,
        role=member.role,
        state=member.state,
        since=member.since,
    )


def _to_member(item: _Item) -> Member:
    return Member(
        slug=item.partition.partition("#")[2],
        account_id=item.account_id,
        role=item.role,  # type: ignore[arg-type]  # only roles are ever written
        state=item.state,  # type: ignore[arg-type]  # only states are ever written
        since=item.since,
    )
