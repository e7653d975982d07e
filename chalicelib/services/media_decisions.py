"""What moderators decide about pictures that are shown: removed, restored, labelled, wherever they stand."""

from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, InvalidError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.media import REMOVED, Media
from chalicelib.domain.moderation import WAITED_FOR, Appeal, Case, Decision, LogEntry, case_id, unawaited
from chalicelib.domain.protection import Reason
from chalicelib.services.appeals import media_key, media_target
from chalicelib.services.ports import AuditLog, Clock, MediaStore, ModerationStore
from chalicelib.services.publication import PublicationService


@dataclass(frozen=True, slots=True)
class MediaDecisions:
    """Removes, restores and labels pictures.

    The media, the cases that it closes and the entry in the log are one write, which notes that what shows the picture
    has yet to follow. A removed picture is refused, and withheld: whatever shows pictures finds none, its files are
    withdrawn from the CDN and the registry. Restored it is ready again, the very same.
    """

    media: MediaStore
    cases: ModerationStore
    log: AuditLog
    publication: PublicationService
    now: Clock = clock.now

    def decide(self, decision: Decision) -> Decision:
        """Carry out ``remove``, ``restore`` or ``label``, or a word on an appeal against a removal.

        Raises:
            NotFoundError: there is no such media.
            InvalidError: it is the moderator's own.
            ConflictError: there is nothing to decide (``nothing-to-decide``), or somebody did (``already-decided``).
            TemporaryError: its files are just being made anew; once more later.
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        media_id = media_key(decision.target)
        old = self.media.get(media_id, consistent=True) if media_id else None
        if old is None:
            raise NotFoundError(f"There is no {decision.target}.")
        if old.owner_id == decision.decided_by:
            raise InvalidError.of("target", "is your own picture: ask a colleague")
        if old.picture is not None and not old.final:
            raise TemporaryError(f"media {old.media_id} is being made anew")
        appeal = self._appeal(old)
        new = None if appeal is None and decision.action in WAITED_FOR["appeal"] else _decided(old, decision)
        if new is None:
            return self._before(old, decision)
        closed = [] if decision.action == "refuse_appeal" else unawaited(self.cases.about(decision.target))
        closed += [appeal] if appeal is not None and new.appeal != old.appeal else []
        entry = LogEntry(decision, tuple(case.case_id for case in closed), _noted(old), _noted(new))
        self.cases.decide(entry, closed, self.now(), media=(old, new))
        self._follow(old.media_id)
        return decision

    def _appeal(self, media: Media) -> Case | None:
        """Return the open appeal against a removal."""
        if media.removed_by is None:
            return None
        case = self.cases.get(case_id("appeal", media_target(media.media_id), media.owner_id, media.removed_by))
        return case if case and case.state == "open" else None

    def renew(self, media_id: str) -> None:
        """Have everything that shows a picture follow what was decided of it; once more does no harm.

        Raises:
            LostRaceError, TemporaryError: it could not be ended this time.
        """
        media = self.media.get(media_id, consistent=True)
        if media is None or not media.renewing:
            return
        self.publication.exposure.reconcile(media_id)
        self.publication.renew_users(media)
        now = self.media.get(media_id, consistent=True)
        if now is not None and now.version == media.version:
            self.media.save_state(now, replace(now, renewing=False), self.now())

    def _follow(self, media_id: str) -> None:
        with suppress(TemporaryError, LostRaceError):  # it is decided, and the sweep does the rest
            self.renew(media_id)

    def _before(self, media: Media, decision: Decision) -> Decision:
        """Return what was decided before if this is but the same once more."""
        entries = self.log.page(decision.target, limit=1, position=None).entries
        latest = entries[0].decision if entries else None
        if latest is None:
            raise ConflictError("There is nothing to decide about this picture.", code="nothing-to-decide")
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        self._follow(media.media_id)
        return latest


def _decided(media: Media, decision: Decision) -> Media | None:
    """Return a media as a decision leaves it; None where it changes nothing."""
    match decision.action:
        case "remove" if media.showable:
            reason = Reason(REMOVED, decision.reason)
            removed = replace(media, state="refused", reason=reason, picture=None, withheld=media.picture, appeal=None)
            return replace(removed, removed_by=decision.decision_id, renewing=True)
        case "restore" | "grant_appeal" if media.withheld is not None:
            shown = replace(media, state="ready", reason=None, picture=media.withheld, withheld=None, renewing=True)
            answer = Appeal("granted", decision.decided_at, decision.reason) if media.appeal else None
            return replace(shown, removed_by=None, appeal=answer)
        case "refuse_appeal" if media.withheld is not None:
            return replace(media, appeal=Appeal("refused", decision.decided_at, decision.reason))
        case "restore" if media.labels:
            return replace(media, labels=(), renewing=True)
        case "label" if set(decision.labels) - set(media.labels):
            return replace(media, labels=tuple(dict.fromkeys((*media.labels, *decision.labels))), renewing=True)
    return None


def _noted(media: Media) -> dict[str, str]:
    """Return what a decision may change of a media, for the log."""
    return {"state": media.state, "labels": ", ".join(media.labels)}
