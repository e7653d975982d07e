"""What moderators decide."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, InvalidError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import new_id
from chalicelib.domain.media import Media
from chalicelib.domain.moderation import (
    WAITED_FOR,
    Action,
    Appeal,
    Case,
    Decision,
    LogEntry,
    Standing,
    case_id,
    unawaited,
)
from chalicelib.services.account_appeals import appeal_of, open_appeals, parts_of
from chalicelib.services.appeals import media_key, media_target, original_gone
from chalicelib.services.message_reports import MessageReports, is_message
from chalicelib.services.ports import (
    AccountStore,
    AuditLog,
    Clock,
    MediaStore,
    ModerationStore,
    OriginalStore,
    ProfileStore,
)
from chalicelib.services.profile_decisions import named_profile
from chalicelib.services.recall import RecallService

_ATTEMPTS = 5

APPEALS: frozenset[Action] = frozenset(WAITED_FOR["appeal"])

OF_WHAT_IS_SHOWN: frozenset[Action] = frozenset({"remove", "restore", "label"})
"""Actions that each kind of thing carries out in its own way."""

type Decide = Callable[[Decision], Decision]
"""Carries one decision out, in one write; raises LostRaceError where it is to be decided anew."""


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Carries decisions out. Who may decide, the routes say.

    A decision, its entry in the log and the change of state are one write: whoever comes second finds it decided. What
    remains to be done then is noted in the state, and the sweep does it where the request is cut short. ``then`` has
    lists follow what was decided of an account: deciding the same once more does that once more.
    """

    media: MediaStore
    profiles: ProfileStore
    accounts: AccountStore
    cases: ModerationStore
    log: AuditLog
    originals: OriginalStore
    recall: RecallService
    now: Clock = clock.now
    others: Mapping[Action, Decide] = field(default_factory=dict)
    appeals_of_posts: Decide | None = None
    author_of: Callable[[str], str | None] | None = None
    messages: MessageReports | None = None
    of_kind: Mapping[str, Decide] = field(default_factory=dict)
    then: Callable[[str], None] = lambda _: None

    def decide(
        self,
        moderator: str,
        action: Action,
        target: str,
        reason: str,
        replaces: str | None = None,
        *,
        labels: tuple[str, ...] = (),
        looked_at: str | None = None,
    ) -> Decision:
        """Decide about a target, write that into the log and carry it out.

        Args:
            moderator: account of who decides.
            action: what.
            target: about what, such as ``media/01J…``.
            reason: in words for those whom it concerns.
            replaces: id of the refusal that is taken back by granting after all.
            labels: content warnings, of ``label``.
            looked_at: id of the case that was looked at.

        Returns:
            The decision: an earlier one where the same moderator decided the same before.

        Raises:
            NotFoundError: there is no such thing.
            InvalidError: the action is none for this target, or it is the moderator's own picture or account.
            ConflictError: nothing is open about it (``nothing-to-decide``), somebody decided it before
                (``already-decided``), or the picture is gone (``original-gone``).
        """
        for _ in range(_ATTEMPTS):
            at = clock.to_text(self.now())
            decision = Decision(new_id(), action, target, moderator, at, reason, labels, looked_at)
            with suppress(LostRaceError):
                return self._carrier(decision, replaces)(decision)
        raise TemporaryError(f"{target} is being changed by others")

    def _carrier(self, decision: Decision, replaces: str | None) -> Decide:
        """Return what carries a decision out, by what is decided and about what."""
        target, action = decision.target, decision.action
        if action == "dismiss":
            return self._dismiss
        kind = target.partition("/")[0]
        if action in {"suspend", "unsuspend"} or (action in APPEALS and kind in {"accounts", "profiles"}):
            of_profile = parts_of(target)[1] == "profile" and action in APPEALS
            return self.of_kind[kind] if of_profile else self._decide_account
        if self.messages is not None and is_message(target):
            return self.messages.decide
        chosen = self.of_kind.get(kind) if action in OF_WHAT_IS_SHOWN else None
        if chosen is None and kind == "posts" and action not in self.others:
            chosen = self.appeals_of_posts
        return chosen or self.others.get(action) or (lambda decided: self._decide_appeal(decided, replaces))

    def _decide_appeal(self, decision: Decision, replaces: str | None) -> Decision:
        media = self._subject(decision.target)
        _check_impartial(media, decision)
        cases = self._appeals(media)
        shown = self.of_kind.get("media")
        if shown is not None and (media.withheld is not None or not cases):  # a moderator removed it; it may be back
            return shown(decision)
        pending = [case for case in cases if _undecided(case, decision, replaces)]
        if not pending:
            return self._decided_before([case.decision for case in cases], decision, media)
        if not media.appealable:
            raise ConflictError(f"It is not refused any more; it is {media.state}.", code="nothing-to-decide")
        granted = decision.action == "grant_appeal"
        if granted and not self.originals.arrived(media.original_key):
            raise original_gone()
        new = _after(media, decision, granted=granted, asked=any(case.kind == "appeal" for case in cases))
        entry = LogEntry(decision, _ids(pending), _noted(media), _noted(new))
        self.cases.decide(entry, pending, self.now(), media=(media, new))
        if granted:
            self._bring(media.media_id)
        return decision

    def _decide_account(self, decision: Decision) -> Decision:
        """Suspend an account or let it do things again; reports about it, and appeals, are answered by that."""
        account_id = named_profile(self.profiles, decision.target).account_id
        decision = replace(decision, target=f"accounts/{account_id}")
        if account_id == decision.decided_by:
            raise InvalidError.of("target", "is your own account: ask a colleague")
        old = self.accounts.standing(account_id)
        if old is not None and old.deleted:
            raise NotFoundError(f"There is no {decision.target}.")
        suspended = old.suspended if old else False
        appeal = appeal_of(self.cases, account_id, "suspension", old.decision.decision_id) if old else None
        appeals = open_appeals(self.cases, decision.target, appeal)
        if decision.action in APPEALS and (not appeals or decision.action == "refuse_appeal" or not suspended):
            return self._answer(decision, appeals, [appeal.decision if appeal else None, _lifting(old)])
        new = Standing(account_id, decision.action == "suspend", decision)
        if suspended == new.suspended:
            self.then(account_id)
            return self._decided_before([old.decision if old else None], decision, None)
        closed = [*unawaited(self.cases.about(decision.target)), *appeals]
        entry = LogEntry(decision, _ids(closed), _standing(old), _standing(new))
        self.cases.decide(entry, closed, self.now(), standing=(old, new))
        self.then(account_id)
        return decision

    def _answer(self, decision: Decision, appeals: Sequence[Case], known: Sequence[Decision | None]) -> Decision:
        """Answer appeals by words alone: the suspension stands, or was lifted before."""
        if not appeals:
            return self._decided_before(known, decision, None)
        self.cases.decide(LogEntry(decision, _ids(appeals)), appeals, self.now())
        return decision

    def _dismiss(self, decision: Decision) -> Decision:
        media_id = media_key(decision.target)
        media = self.media.get(media_id, consistent=True) if media_id else None
        if media is not None:
            _check_impartial(media, decision)
        if decision.target == f"accounts/{decision.decided_by}" or self._own_profile(decision):
            raise InvalidError.of("target", "is your own account: ask a colleague")
        if self.author_of is not None and self.author_of(decision.target) == decision.decided_by:
            raise InvalidError.of("target", "is your own: ask a colleague")
        if self.messages is not None:
            self.messages.check_dismissal(decision)
        found = self.cases.about(decision.target)
        closed = unawaited(found)
        if found and not closed:
            words = " or ".join(WAITED_FOR[found[0].kind])
            raise ConflictError(f"Somebody waits for a word on this: {words}.", code="nothing-to-decide")
        if not closed:
            latest = self.log.page(decision.target, limit=1, position=None).entries
            decision = self._decided_before([entry.decision for entry in latest], decision, None)
        else:
            self.cases.decide(LogEntry(decision, _ids(closed)), closed, self.now())
        if self.messages is not None:
            self.messages.dismissed(decision.target)
        return decision

    def _own_profile(self, decision: Decision) -> bool:
        kind, _, key = decision.target.partition("/")
        profile = self.profiles.get(decision.decided_by) if kind == "profiles" else None
        return profile is not None and profile.fields.handle == key.lower()

    def _subject(self, target: str) -> Media:
        media_id = media_key(target)
        if media_id is None:
            raise InvalidError.of("target", "must be a media for this action, such as media/01J…")
        media = self.media.get(media_id, consistent=True)
        if media is None:
            raise NotFoundError(f"There is no {target}.")
        return media

    def _appeals(self, media: Media) -> list[Case]:
        target = media_target(media.media_id)
        ids = case_id("appeal", target, media.owner_id), case_id("held", target, None, media.refused_version)
        found = (self.cases.get(each) for each in ids)
        return [case for case in found if case is not None]

    def _decided_before(self, known: Sequence[Decision | None], decision: Decision, media: Media | None) -> Decision:
        """Return what was decided before if this is but the same once more."""
        latest = max((each for each in known if each), key=lambda each: each.decision_id, default=None)
        if latest is None:
            raise ConflictError("Nothing is open about this.", code="nothing-to-decide")
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        if media is not None and media.recalled:
            self._bring(media.media_id)
        return latest

    def _bring(self, media_id: str) -> None:
        """Bring a picture back at once if that can be; the sweep does it otherwise: it was decided all the same."""
        with suppress(TemporaryError):
            media = self.media.get(media_id, consistent=True)
            if media is not None and media.recalled:
                self.recall.bring(media)


def _check_impartial(media: Media, decision: Decision) -> None:
    if media.owner_id == decision.decided_by:
        raise InvalidError.of("target", "is your own picture: ask a colleague")


def _undecided(case: Case, decision: Decision, replaces: str | None) -> bool:
    if replaces is None or case.decision is None:
        return case.state == "open"
    taken_back = case.decision.decision_id == replaces and case.decision.action == "refuse_appeal"
    return taken_back and decision.action == "grant_appeal"


def _after(media: Media, decision: Decision, *, granted: bool, asked: bool) -> Media:
    appeal = Appeal("granted" if granted else "refused", decision.decided_at, decision.reason, asked)
    if not granted:
        return replace(media, appeal=appeal)
    return replace(media, state="queued", reason=None, cleared=True, recalled=True, appeal=appeal)


def _noted(media: Media) -> dict[str, str]:
    """Return what a decision may change of a media, for the log."""
    noted = {"state": media.state, "cleared": str(media.cleared).lower()}
    noted |= {"reason": media.reason.code} if media.reason else {}
    return noted | ({"appeal": media.appeal.state} if media.appeal else {})


def _lifting(standing: Standing | None) -> Decision | None:
    """Return the decision that lifted a suspension."""
    return standing.decision if standing and not standing.suspended else None


def _standing(standing: Standing | None) -> dict[str, str]:
    return {"suspended": str(standing.suspended if standing else False).lower()}


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.case_id for case in cases)
