"""The relations table: who follows, asks to follow, blocks and mutes whom, and the bounds that follow from it.

Whatever two accounts decide about each other at the same time, the conditions of its transaction see: no follow
outlives a block, and no count of follows is off.
"""

from datetime import datetime

from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.people import Person
from chalicelib.domain.relations import RelationKind
from chalicelib.repositories.bounds import BoundsRepository, count_follows, forget_blocked, mute, part, rejoin, unmute
from chalicelib.repositories.connection import transact
from chalicelib.repositories.feeds import note_bounds
from chalicelib.repositories.relation_items import RelationItem, from_image, key, to_item
from chalicelib.repositories.relation_lists import RelationLists, RelationPage

__all__ = ["RelationPage", "RelationRepository", "from_image"]


class RelationRepository(BoundsRepository, RelationLists):
    """Relations of one account to another. All writes are conditional, and transactions with the bounds of both."""

    def follow(self, account: Person, other: Person, moment: datetime, *, ask: bool) -> None:
        """Make an account follow another, or ask to.

        Raises:
            LostRaceError: it does already, one of the two blocked the other, or it follows as many as it may.
        """
        kind: RelationKind = "request" if ask else "follow"
        item = to_item(kind, account, other, clock.to_text(moment))

        def writes(transaction: TransactWrite) -> None:
            transaction.save(item, condition=RelationItem.account_id.does_not_exist())
            other_kind: RelationKind = "follow" if ask else "request"
            _check_none(transaction, other_kind, account.account_id, other.account_id)
            _check_none(transaction, "block", other.account_id, account.account_id)
            count_follows(transaction, account.account_id, other.account_id, 1)

        transact(writes)

    def accept(self, asker: Person, account: Person, moment: datetime, *, by_owner: bool) -> None:
        """Make a follow of a request: its owner accepts it, or needs to no longer.

        Raises:
            LostRaceError: there is no such request.
        """

        def writes(transaction: TransactWrite) -> None:
            _remove(transaction, "request", asker.account_id, account.account_id)
            transaction.save(
                to_item("follow", asker, account, clock.to_text(moment), accepted=by_owner),
                condition=RelationItem.account_id.does_not_exist(),
            )

        transact(writes)

    def unfollow(self, kind: RelationKind, account_id: str, other_id: str) -> None:
        """End a follow, or a request.

        Raises:
            LostRaceError: there is none.
        """

        def writes(transaction: TransactWrite) -> None:
            _remove(transaction, kind, account_id, other_id)
            count_follows(transaction, account_id, None, -1)

        transact(writes)

    def block(self, account_id: str, other: Person, moment: datetime) -> None:
        """Part two accounts for good: what either was to the other ends.

        Raises:
            LostRaceError: it was blocked already, or one of them changed what it is to the other; or the account has
                blocked as many as it may.
        """
        present = [
            (kind, one, two)
            for one, two in ((account_id, other.account_id), (other.account_id, account_id))
            for kind in self.between(one, two).kinds & {"follow", "request"}
        ]
        pages = self.pages_of(other.account_id)
        note_bounds((account_id, other.account_id))

        def writes(transaction: TransactWrite) -> None:
            item = to_item("block", account_id, other, clock.to_text(moment))
            transaction.save(item, condition=RelationItem.account_id.does_not_exist())
            for kind in ("follow", "request"):
                for one, two in ((account_id, other.account_id), (other.account_id, account_id)):
                    each = _remove if (kind, one, two) in present else _check_none
                    each(transaction, kind, one, two)
            ended = [sum(one == each for _, one, _ in present) for each in (account_id, other.account_id)]
            part(transaction, account_id, other.account_id, pages, ended)

        transact(writes)

    def unblock(self, account_id: str, other_id: str) -> None:
        """Take a block back; what it ended stays ended.

        Raises:
            LostRaceError: there is none.
        """
        written = self.where_blocked(account_id, other_id)

        def writes(transaction: TransactWrite) -> None:
            _remove(transaction, "block", account_id, other_id)
            rejoin(transaction, account_id, other_id, written)

        transact(writes)

    def forget_block(self, account_id: str, other_id: str) -> None:
        """Take back a block of a deleted account, whose bounds are gone already, so that it is not noted there.

        Raises:
            LostRaceError: the account whose block it is has no bounds either.
        """

        def writes(transaction: TransactWrite) -> None:
            transaction.delete(RelationItem(account_id, key("block", other_id)))
            forget_blocked(transaction, account_id, other_id)

        transact(writes)

    def mute(self, account_id: str, other: Person, moment: datetime) -> None:
        """Have an account see nothing of another in lists.

        Raises:
            LostRaceError: it is so already, or the account has muted as many as it may.
        """
        note_bounds((account_id,))

        def writes(transaction: TransactWrite) -> None:
            item = to_item("mute", account_id, other, clock.to_text(moment))
            transaction.save(item, condition=RelationItem.account_id.does_not_exist())
            mute(transaction, account_id, other.account_id)

        transact(writes)

    def unmute(self, account_id: str, other_id: str) -> None:
        """Take a mute back.

        Raises:
            LostRaceError: there is none.
        """

        def writes(transaction: TransactWrite) -> None:
            _remove(transaction, "mute", account_id, other_id)
            unmute(transaction, account_id, other_id)

        transact(writes)


def _remove(transaction: TransactWrite, kind: RelationKind, account_id: str, other_id: str) -> None:
    item = RelationItem(account_id, key(kind, other_id))
    transaction.delete(item, condition=RelationItem.account_id.exists())


def _check_none(transaction: TransactWrite, kind: RelationKind, account_id: str, other_id: str) -> None:
    transaction.condition_check(
        RelationItem, account_id, key(kind, other_id), condition=RelationItem.account_id.does_not_exist()
    )
