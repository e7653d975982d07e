"""Reported messages: who may report one, what moderators see of a conversation, and what becomes of the message."""

from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.conversations import Conversation, Message
from chalicelib.domain.deletion import GONE
from chalicelib.domain.errors import ConflictError, InvalidError, LostRaceError, NotFoundError
from chalicelib.domain.ids import is_id
from chalicelib.domain.moderation import Case, Decision, LogEntry
from chalicelib.services.ports import AuditLog, Clock, ConversationStore, ModerationStore

AROUND = 2
"""How many messages before a reported one, and how many after it, moderators see: enough to tell jokes from threats."""


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as moderators see it, with the handle that its author has there; ``reported`` is the one."""

    message: Message
    handle: str
    reported: bool


@dataclass(frozen=True, slots=True)
class MessageReports:
    """Messages of two, as far as moderators have to do with them.

    A message that was reported and is deleted by its author is hidden from both, and kept until it is decided about.
    """

    conversations: ConversationStore
    cases: ModerationStore
    log: AuditLog
    now: Clock = clock.now

    def reported_by(self, account_id: str, target: str) -> str:
        """Return who wrote a message that is to be reported. A block of the two is no hindrance.

        Raises:
            NotFoundError: there is no such message, or it is in a conversation of others.
        """
        found, message = self._found(target)
        side = found.side(account_id) if found else None
        if message is None or message.hidden or side is None or side.folder == "none":
            raise NotFoundError(f"There is no {target}.")
        return message.author_id

    def reported(self, target: str) -> None:
        """Note that there is a report of a message, so that it is kept until it is decided about."""
        found, message = self._found(target)
        if found is not None and message is not None and not message.reported:
            with suppress(LostRaceError):  # it was deleted in this moment
                self.conversations.put_message(found.conversation_id, replace(message, reported=True))

    def seen(self, case: Case) -> tuple[SeenMessage, ...]:
        """Return the message that an open case is about and a few around it, oldest first; nothing once it is gone."""
        if not is_message(case.target) or case.state != "open":
            return ()
        found, message = self._found(case.target)
        if found is None or message is None:
            return ()
        around = self.conversations.around(found.conversation_id, message.message_id, AROUND)
        shown = [each for each in around if not each.hidden or each.message_id == message.message_id]
        return tuple(
            SeenMessage(each, _handle(found, each.author_id), each.message_id == message.message_id) for each in shown
        )

    def decide(self, decision: Decision) -> Decision:
        """Remove a message for good, for both; nobody keeps what it said.

        Raises:
            InvalidError: the action is another one, or the conversation is the moderator's own.
            ConflictError: there is nothing to decide (``nothing-to-decide``), or somebody did (``already-decided``).
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        if decision.action != "remove":
            raise InvalidError.of("action", "a message can be removed, and no more")
        found, message = self._found(decision.target)
        if found is None or message is None:
            return self._before(decision)
        self._check_impartial(found, decision)
        cases = self.cases.about(decision.target)
        if not cases and not message.reported:  # nobody asked: moderators look into no conversation by themselves
            raise ConflictError("Nobody reported this message.", code="nothing-to-decide")
        if cases or self._latest(decision) is None:
            self.cases.decide(LogEntry(decision, tuple(case.case_id for case in cases)), cases, self.now())
        self._remove(found, message)
        return decision

    def check_dismissal(self, decision: Decision) -> None:
        """Raise InvalidError where a moderator is one of the two."""
        found = self._found(decision.target)[0] if is_message(decision.target) else None
        if found is not None:
            self._check_impartial(found, decision)

    def dismissed(self, target: str) -> None:
        """Remove what its author deleted, and was kept for the decision alone; once more does no harm."""
        found, message = self._found(target) if is_message(target) else (None, None)
        if found is None or message is None:
            return
        if message.hidden:
            self._remove(found, message)
        elif message.reported:
            with suppress(LostRaceError):
                self.conversations.put_message(found.conversation_id, replace(message, reported=False))

    def _remove(self, found: Conversation, message: Message) -> None:
        new = replace(found, excerpt="" if found.last_id == message.message_id else found.excerpt)
        self.conversations.save(found, new, removed=message.message_id)

    def _found(self, target: str) -> tuple[Conversation | None, Message | None]:
        conversation_id, message_id = _key(target)
        found = self.conversations.get(conversation_id)
        message = self.conversations.message(conversation_id, message_id) if found and is_id(message_id) else None
        return found, message

    def _check_impartial(self, found: Conversation, decision: Decision) -> None:
        if found.side(decision.decided_by) is not None:
            raise InvalidError.of("target", "is in a conversation of yours: ask a colleague")

    def _latest(self, decision: Decision) -> Decision | None:
        entries = self.log.page(decision.target, limit=1, position=None).entries
        return entries[0].decision if entries else None

    def _before(self, decision: Decision) -> Decision:
        latest = self._latest(decision)
        if latest is None:
            raise ConflictError("There is no such message any more.", code="nothing-to-decide")
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        return latest


def is_message(target: str) -> bool:
    """Tell whether a target is named as a message is: ``conversations/ID/messages/ID``."""
    match target.split("/"):
        case ["conversations", _, "messages", _]:
            return True
        case _:
            return False


def _key(target: str) -> tuple[str, str]:
    _, conversation_id, _, message_id = target.split("/")
    return conversation_id, message_id


def _handle(found: Conversation, account_id: str) -> str:
    side = found.side(account_id)
    return side.person.handle if side else GONE
