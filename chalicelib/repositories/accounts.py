"""The accounts table: what moderators decided about an account. Of most accounts it holds nothing."""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain.moderation import Decision, Standing
from chalicelib.repositories.connection import BaseModel, JsonAttribute, dynamodb_errors, write
from chalicelib.settings import settings


class _AccountItem(BaseModel):
    class Meta:
        table_name = settings().accounts_table

    account_id = UnicodeAttribute(hash_key=True)
    suspended = BooleanAttribute()
    decision: JsonAttribute[Decision] = JsonAttribute(Decision)
    decision_id = UnicodeAttribute()
    deleted = BooleanAttribute(null=True)


def change_standing(transaction: TransactWrite, old: Standing | None, new: Standing) -> None:
    """Store an account's standing as part of a transaction, which fails where it is not as ``old`` says any more."""
    item = _AccountItem(
        new.account_id, suspended=new.suspended, decision=new.decision, decision_id=new.decision.decision_id
    )
    as_read: Any = (
        _AccountItem.decision_id == old.decision.decision_id if old else _AccountItem.account_id.does_not_exist()
    )
    transaction.save(item, condition=as_read)


class AccountRepository:
    """The standing of accounts."""

    def standing(self, account_id: str) -> Standing | None:
        """Return an account's standing, read consistently; None where nobody ever decided anything about it."""
        with dynamodb_errors():
            try:
                item = _AccountItem.get(account_id, consistent_read=True)
            except _AccountItem.DoesNotExist:
                return None
        return Standing(item.account_id, item.suspended, item.decision, deleted=bool(item.deleted))

    def close(self, account_id: str, task_id: str, at: str) -> None:
        """Note that an account is being deleted by a task: it may do nothing any more, whatever moderators decide."""
        # what tells it from a moderator's word is that it is marked as deleted; nobody reads the rest
        decision = Decision(task_id, "suspend", f"accounts/{account_id}", account_id, at, "The account was deleted.")
        item = _AccountItem(account_id, suspended=True, decision=decision, decision_id=task_id, deleted=True)
        write(item.save)

    def forget(self, account_id: str) -> None:
        """Forget what is known of an account."""
        write(lambda: _AccountItem(account_id).delete())
