"""What moderators decide about what profiles say: removed, restored, labelled."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, InvalidError, NotFoundError, TemporaryError
from chalicelib.domain.handles import is_handle
from chalicelib.domain.moderation import WAITED_FOR, Case, Decision, LogEntry, unawaited
from chalicelib.domain.profiles import Profile, ProfileFields, Withheld, silent
from chalicelib.services.account_appeals import appeal_of, open_appeals, parts_of, target_of
from chalicelib.services.exposure import ExposureService
from chalicelib.services.ports import AuditLog, Clock, MediaStore, ModerationStore, ProfileStore


@dataclass(frozen=True, slots=True)
class ProfileDecisions:
    """Removes, restores and labels what profiles say of their artists: name, words, links and pictures.

    The profile, the cases that it closes and the entry in the log are one write. What it said is withheld, and the
    profile is stored as one that says nothing: whatever follows profiles follows that.
    """

    profiles: ProfileStore
    media: MediaStore
    cases: ModerationStore
    log: AuditLog
    exposure: ExposureService
    now: Clock = clock.now

    def decide(self, decision: Decision) -> Decision:
        """Carry out ``remove``, ``restore`` or ``label``, or a word on an appeal against a removal.

        Raises:
            NotFoundError: there is no such profile.
            InvalidError: it is the moderator's own.
            ConflictError: there is nothing to decide (``nothing-to-decide``), or somebody did (``already-decided``).
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        named, _ = parts_of(decision.target)
        old = named_profile(self.profiles, named)
        answers = decision.action in WAITED_FOR["appeal"]
        decision = replace(decision, target=target_of(old.account_id, "profile" if answers else "suspension"))
        if old.account_id == decision.decided_by:
            raise InvalidError.of("target", "is your own account: ask a colleague")
        appeals = self._appeals(old)
        new = None if answers and not appeals else self._decided(old, decision)
        if new is None and answers and appeals:  # the removal stands, or was taken back before
            self.cases.decide(LogEntry(decision, _ids(appeals)), appeals, self.now())
            return decision
        if new is None:
            return self._before(decision)
        moment = self.now()
        new = replace(new, version=old.version + 1, updated_at=clock.to_text(moment))
        before, after = old.fields.pictures, new.fields.pictures
        for media_id in sorted(before ^ after):
            self.exposure.begin(media_id, public=media_id in after)
        closed = unawaited(self.cases.about(target_of(old.account_id, "suspension")))
        closed += appeals if new.withheld is None else []
        entry = LogEntry(decision, _ids(closed), _noted(old), _noted(new))
        try:
            self.cases.decide(entry, closed, moment, profile=(old, new))
        finally:
            with suppress(TemporaryError):  # they are noted as changing, and the sweep does the rest
                self.exposure.reconcile_all(sorted(before ^ after))
        return decision

    def _decided(self, profile: Profile, decision: Decision) -> Profile | None:
        """Return a profile as a decision leaves it; None where it changes nothing."""
        match decision.action:
            case "remove" if profile.withheld is None and silent(profile.fields) != profile.fields:
                withheld = Withheld.of(profile.fields, decision.reason, decision.decision_id)
                return replace(profile, fields=silent(profile.fields), withheld=withheld)
            case "restore" | "grant_appeal" if profile.withheld is not None:
                return replace(profile, fields=self._said(profile.fields, profile.withheld), withheld=None)
            case "restore" if profile.labels:
                return replace(profile, labels=())
            case "label" if set(decision.labels) - set(profile.labels):
                return replace(profile, labels=tuple(dict.fromkeys((*profile.labels, *decision.labels))))
        return None

    def _appeals(self, profile: Profile) -> list[Case]:
        removal, account_id = profile.withheld.decision_id if profile.withheld else "", profile.account_id
        known = appeal_of(self.cases, account_id, "profile", removal) if removal else None
        return open_appeals(self.cases, target_of(account_id, "profile"), known)

    def _said(self, fields: ProfileFields, withheld: Withheld) -> ProfileFields:
        """Return what a profile says once it is restored; a picture that its owner deleted meanwhile stays gone."""
        said = withheld.restored(fields)
        there = self.media.get_many(said.pictures) if said.pictures else {}
        kept = {
            name: media_id if media_id in there else None
            for name, media_id in (("avatar_media_id", said.avatar_media_id), ("cover_media_id", said.cover_media_id))
        }
        return replace(said, avatar_media_id=kept["avatar_media_id"], cover_media_id=kept["cover_media_id"])

    def _before(self, decision: Decision) -> Decision:
        """Return what was decided before if this is but the same once more."""
        entries = self.log.page(decision.target, limit=1, position=None).entries
        latest = entries[0].decision if entries else None
        if latest is None:
            raise ConflictError("There is nothing to decide about this profile.", code="nothing-to-decide")
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        return latest


def named_profile(profiles: ProfileStore, target: str) -> Profile:
    """Return the profile that a moderator names, by its handle or its account.

    Raises:
        InvalidError: it is none.
        NotFoundError: there is no such profile.
    """
    kind, _, key = target.partition("/")
    if kind == "profiles":
        found = profiles.get_by_handle(key.lower()) if is_handle(key.lower()) else None
        profile = profiles.get(found.account_id) if found else None
    elif kind == "accounts":
        profile = profiles.get(key)
    else:
        raise InvalidError.of("target", "must be a profile for this action, such as profiles/ada")
    if profile is None:
        raise NotFoundError(f"There is no {target}.")
    return profile


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.case_id for case in cases)


def _noted(profile: Profile) -> dict[str, str]:
    """Return what a decision may change of a profile, for the log; what it said is no business of the log."""
    return {"state": "removed" if profile.withheld else "shown", "labels": ", ".join(profile.labels)}
