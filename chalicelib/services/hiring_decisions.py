"""What moderators decide about studios."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.errors import ConflictError, InvalidError, NotFoundError
from chalicelib.domain.moderation import Case, Decision, LogEntry
from chalicelib.domain.studios import Studio, is_slug
from chalicelib.services.hiring_ports import HiringDecisionStore, StudioStore


@dataclass(frozen=True, slots=True)
class HiringDecisions:
    """Carries decisions about studios out. Each is one write with the cases that it closes and its entry in the log."""

    store: HiringDecisionStore
    studios: StudioStore

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


def _noted(studio: Studio) -> dict[str, str]:
    noted = {"held": str(studio.held).lower()}
    return noted | ({"verification": studio.verification.state} if studio.verification else {})


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.case_id for case in cases)
