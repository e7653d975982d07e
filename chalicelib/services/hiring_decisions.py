"""What moderators decide about studios and jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, InvalidError, NotFoundError
from chalicelib.domain.ids import is_id
from chalicelib.domain.jobs import A_MODERATOR, Job, JobChange, JobState
from chalicelib.domain.moderation import Case, Decision, LogEntry, unawaited
from chalicelib.domain.studios import Studio, is_slug
from chalicelib.services.hiring_ports import HiringDecisionStore, JobStore, StudioStore
from chalicelib.services.job_lister import order
from chalicelib.services.ports import ErrandQueue


@dataclass(frozen=True, slots=True)
class HiringDecisions:
    """Carries decisions about studios and jobs out. Each is one write with the cases that it closes and the log."""

    store: HiringDecisionStore
    studios: StudioStore
    jobs: JobStore
    errands: ErrandQueue

    def decide_studio(self, decision: Decision) -> Decision:
        """Verify a studio, refuse that, or let one be seen that was held.

        Verifying lets it be seen as well. Refusing leaves it as it is: it may ask again.

        Raises:
            NotFoundError: there is no such studio.
            InvalidError: the target is none, or the moderator belongs to it.
            ConflictError: nothing is open about it (``nothing-to-decide``), or somebody decided it before
                (``already-decided``).
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        old = self._studio(decision)
        new = _decided(old, decision)
        if new is None:
            return self._before(old.target, decision)
        waits = new.verification is not None and new.verification.state == "pending"
        cases = [] if waits else self.store.about(old.target)
        entry = LogEntry(decision, _ids(cases), _noted(old), _noted(new))
        self.store.decide(entry, cases, studio=(old, new))
        return decision

    def decide_job(self, decision: Decision) -> Decision:
        """Let a job be public, or refuse it.

        A job that was withdrawn or removed meanwhile stays so: deciding closes its case. One whose closing moment came
        while it waited is expired. The studio's record counts both.

        Raises:
            NotFoundError: there never was such a job.
            InvalidError: the target is none, or the moderator belongs to its studio.
            ConflictError: nothing is open about it (``nothing-to-decide``), somebody decided it before
                (``already-decided``), or it was sent in anew, with other words than those that the moderator may have
                looked at (``sent-in-anew``).
            LostRaceError: it or its studio was changed meanwhile; to be decided anew.
        """
        old, cases = self._job(decision), self.store.about(decision.target)
        if old is None or old.state != "in_review":
            if old is None and not cases:
                raise NotFoundError(f"There is no {decision.target}.")
            return self._close(decision, cases)
        studio = self.studios.get(old.slug, consistent=True)
        if studio is None:
            raise NotFoundError(f"There is no studio {old.slug}.")
        new = _reviewed(old, decision)
        approved = decision.action == "approve_job"
        if approved:
            _check_seen(old, cases, decision)
        record = replace(studio, approved_jobs=studio.approved_jobs + 1 if approved else 0)
        entry = LogEntry(decision, _ids(cases), {"state": old.state}, {"state": new.state})
        change = JobChange(new.version, A_MODERATOR, decision.decided_at, {"state": old.state}, {"state": new.state})
        self.store.decide(entry, cases, studio=(studio, record), job=(old, new, change))
        order(self.errands, new)
        return decision

    def remove_job(self, decision: Decision) -> Decision:
        """Take a job back that is or was public: as if it had been refused, so that it is public no more before another
        look. One that is over stays so. The studio's record begins anew.

        Raises:
            NotFoundError: there is no such job.
            InvalidError: the target or the action is none, or the moderator belongs to its studio.
            ConflictError: it is not public (``nothing-to-decide``), or somebody decided it before
                (``already-decided``).
            LostRaceError: it or its studio was changed meanwhile; to be decided anew.
        """
        if decision.action != "remove":
            raise InvalidError.of("action", "a job can be removed, and no more: its studio may send it in again")
        old = self._job(decision)
        if old is None:
            raise NotFoundError(f"There is no {decision.target}.")
        if not old.approved or old.published_at is None:
            return self._before(decision.target, decision)
        at = decision.decided_at
        state = old.state_at(clock.from_text(at))
        state = "refused" if state == "open" else state
        new = replace(old, state=state, approved=False, reason=decision.reason, updated_at=at)
        studio = self.studios.get(old.slug, consistent=True)
        cases = unawaited(self.store.about(decision.target))
        entry = LogEntry(decision, _ids(cases), {"state": old.state}, {"state": new.state})
        change = JobChange(new.version, A_MODERATOR, at, {"state": old.state}, {"state": new.state})
        record = (studio, replace(studio, approved_jobs=0)) if studio else None
        self.store.decide(entry, cases, studio=record, job=(old, new, change))
        order(self.errands, new)
        return decision

    def remove_studio(self, decision: Decision) -> Decision:
        """Take a studio's verification back: it publishes no jobs any more, and asks anew. Those that are open stay so.

        Raises:
            NotFoundError: there is no such studio.
            InvalidError: the target or the action is none, or the moderator belongs to it.
            ConflictError: it is not verified (``nothing-to-decide``), or somebody decided it before
                (``already-decided``).
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        if decision.action != "remove":
            raise InvalidError.of("action", "a studio's verification can be taken back, and given by verify_studio")
        old = self._studio(decision)
        if not old.verified or old.verification is None:
            return self._before(old.target, decision)
        taken = replace(old.verification, state="refused", decided_at=decision.decided_at, reason=decision.reason)
        new = replace(old, verification=taken, approved_jobs=0)
        cases = unawaited(self.store.about(old.target))
        self.store.decide(LogEntry(decision, _ids(cases), _noted(old), _noted(new)), cases, studio=(old, new))
        return decision

    def _job(self, decision: Decision) -> Job | None:
        kind, _, job_id = decision.target.partition("/")
        if kind != "jobs" or not is_id(job_id):
            raise InvalidError.of("target", "must be a job for this action, such as jobs/01J…")
        found = self.jobs.get(job_id, consistent=True)
        if found is not None:
            self._check_impartial(found.slug, decision)
        return found

    def _close(self, decision: Decision, cases: Sequence[Case]) -> Decision:
        """Close what is open about something that there is nothing to decide about any more."""
        waiting = [case for case in cases if case.kind == "job"]
        if not waiting:
            return self._before(decision.target, decision)
        self.store.decide(LogEntry(decision, _ids(waiting)), waiting)
        return decision

    def _studio(self, decision: Decision) -> Studio:
        kind, _, slug = decision.target.partition("/")
        if kind != "studios" or not is_slug(slug):
            raise InvalidError.of("target", "must be a studio for this action, such as studios/blue")
        studio = self.studios.get(slug, consistent=True)
        if studio is None:
            raise NotFoundError(f"There is no {decision.target}.")
        self._check_impartial(slug, decision)
        return studio

    def _check_impartial(self, slug: str, decision: Decision) -> None:
        if self.studios.member(slug, decision.decided_by) is not None:
            raise InvalidError.of("target", "is your own studio's: ask a colleague")

    def _before(self, target: str, decision: Decision) -> Decision:
        """Return what was decided before if this is but the same once more."""
        entry = self.store.latest(target)
        if entry is None:
            raise ConflictError("Nothing is open about this.", code="nothing-to-decide")
        latest = entry.decision
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        return latest


def _check_seen(job: Job, cases: Sequence[Case], decision: Decision) -> None:
    """Make sure that what is approved is what the moderator looked at: a studio may withdraw a job, and send another in
    its place."""
    waiting = [case for case in cases if case.kind == "job"]
    seen = [case for case in waiting if decision.looked_at in {None, case.case_id}]
    if [case.opened_at for case in seen] != [job.submitted_at]:
        newest = f" The case of its present words is {waiting[-1].case_id}." if waiting else ""
        raise ConflictError(
            f"The job was withdrawn and sent in anew. Look at it again, then say which case you looked at.{newest}",
            code="sent-in-anew",
        )


def _decided(studio: Studio, decision: Decision) -> Studio | None:
    """Return a studio as a decision leaves it; None where there is nothing of the kind to decide."""
    if decision.action == "release_studio":
        return replace(studio, held=False) if studio.held else None
    if studio.verification is None or studio.verification.state != "pending":
        return None
    verified = decision.action == "verify_studio"
    verification = replace(
        studio.verification,
        state="verified" if verified else "refused",
        decided_at=decision.decided_at,
        reason=decision.reason,
    )
    return replace(studio, verification=verification, held=studio.held and not verified)


def _reviewed(job: Job, decision: Decision) -> Job:
    at = decision.decided_at
    if decision.action == "refuse_job":
        return replace(job, state="refused", reason=decision.reason, updated_at=at)
    state: JobState = "expired" if job.closes_at is not None and job.closes_at <= at else "open"
    return replace(job, state=state, approved=True, published_at=at, reason=None, updated_at=at)


def _noted(studio: Studio) -> dict[str, str]:
    noted = {"held": str(studio.held).lower()}
    return noted | ({"verification": studio.verification.state} if studio.verification else {})


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.case_id for case in cases)
