"""Appeals against what moderators decided about an account: its suspension, the removal of what its profile says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError
from chalicelib.domain.moderation import Appeal, Case, case_id
from chalicelib.domain.profiles import Profile
from chalicelib.services.ports import AccountStore, Clock, ModerationStore, ProfileStore

type About = Literal["suspension", "profile"]
"""What an appeal is against."""

_PROFILE = "/profile"


@dataclass(frozen=True, slots=True)
class AccountAppeals:
    """Takes appeals, one for each decision, and tells what came of them.

    The case is all that there is of an appeal: its version is the decision that it is against.
    """

    accounts: AccountStore
    profiles: ProfileStore
    cases: ModerationStore
    now: Clock = clock.now

    def appeal(self, account_id: str, about: About, text: str) -> Appeal:
        """Open an appeal against the suspension of an own account, or against the removal of what its profile says.

        Raises:
            ConflictError: nothing of the kind stands (``not-appealable``), or it was appealed against before
                (``appeal-open``, ``appeal-decided``).
        """
        against = self._against(account_id, about)
        if against is None:
            what = "Your account is not suspended." if about == "suspension" else "Nothing of your profile was removed."
            raise ConflictError(what, code="not-appealable")
        decision_id, reason = against
        at = clock.to_text(self.now())
        case = Case("appeal", target_of(account_id, about), account_id, text, (reason,), at, version=decision_id)
        before = self.cases.get(case.case_id)
        if before is not None:
            code = "appeal-open" if before.state == "open" else "appeal-decided"
            raise ConflictError("You have appealed already; GET /v1/me shows what came of it.", code=code)
        self.cases.open(case)
        return Appeal("open", at)

    def of(self, profile: Profile, *, suspended: bool) -> Mapping[About, Appeal]:
        """Return what came of appeals against what stands at present: a unit for each of the two that does."""
        standing: list[About] = []
        standing += ["suspension"] if suspended else []
        standing += ["profile"] if profile.withheld is not None else []
        found = {about: self._case(profile.account_id, about) for about in standing}
        return {about: _appeal(case) for about, case in found.items() if case is not None}

    def _case(self, account_id: str, about: About) -> Case | None:
        against = self._against(account_id, about)
        return appeal_of(self.cases, account_id, about, against[0]) if against else None

    def _against(self, account_id: str, about: About) -> tuple[str, str] | None:
        """Return the id and the reason of the decision that stands."""
        if about == "suspension":
            standing = self.accounts.standing(account_id)
            stands = standing is not None and standing.suspended and not standing.deleted
            return (standing.decision.decision_id, standing.decision.reason) if standing and stands else None
        profile = self.profiles.get(account_id)
        withheld = profile.withheld if profile else None
        return (withheld.decision_id, withheld.reason) if withheld else None


def target_of(account_id: str, about: About) -> str:
    """Return how cases and decisions name what an appeal is against: ``accounts/ID``, ``accounts/ID/profile``."""
    return f"accounts/{account_id}{_PROFILE if about == 'profile' else ''}"


def parts_of(target: str) -> tuple[str, About]:
    """Return the account or the profile that a target names, and what of it an appeal would be against."""
    return target.removesuffix(_PROFILE), "profile" if target.endswith(_PROFILE) else "suspension"


def appeal_of(cases: ModerationStore, account_id: str, about: About, decision_id: str) -> Case | None:
    """Return the appeal against a decision, open or decided."""
    return cases.get(case_id("appeal", target_of(account_id, about), account_id, decision_id))


def open_appeals(cases: ModerationStore, target: str, known: Case | None) -> list[Case]:
    """Return the appeals about a target that are open, with one that was opened in this moment."""
    found = {case.case_id: case for case in cases.about(target) if case.kind == "appeal"}
    if known is not None and known.state == "open":
        found[known.case_id] = known
    return list(found.values())


def _appeal(case: Case) -> Appeal:
    decision = case.decision
    if decision is None:
        return Appeal("open", case.opened_at)
    return Appeal("refused" if decision.action == "refuse_appeal" else "granted", decision.decided_at, decision.reason)
