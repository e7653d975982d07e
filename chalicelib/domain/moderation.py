"""Moderation: cases that people look into, and what they decide.

::

    open ──▶ decided

A case is opened by an artist (an appeal), by anybody (a report), or by the platform itself (a near-duplicate, something
held for review). It is about a target, named by its address below ``/v1`` such as ``media/01J…``. Who opens the same
case once more changes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CaseKind = Literal["appeal", "near-duplicate", "held", "report", "studio", "job"]
CaseState = Literal["open", "decided"]
Action = Literal[
    "grant_appeal",
    "refuse_appeal",
    "suspend",
    "unsuspend",
    "dismiss",
    "remove",
    "restore",
    "label",
    "verify_studio",
    "refuse_studio",
    "release_studio",
    "approve_job",
    "refuse_job",
]
ReportReason = Literal[
    "spam",
    "harassment",
    "hate",
    "sexual-unlabelled",
    "violence-unlabelled",
    "minors",
    "ai-generated",
    "stolen-work",
    "impersonation",
    "illegal",
    "other",
]
"""What somebody reports something for."""

AppealState = Literal["open", "granted", "refused"]

WAITED_FOR: Mapping[CaseKind, tuple[Action, ...]] = {
    "appeal": ("grant_appeal", "refuse_appeal"),
    "held": ("grant_appeal", "refuse_appeal"),
    "studio": ("verify_studio", "refuse_studio", "release_studio"),
    "job": ("approve_job", "refuse_job"),
}
"""By what a case is decided that somebody waits for: it cannot be dismissed."""

MODERATORS = "moderators"
"""The group of those who decide."""

MAX_PICTURES = 5
"""How many pictures an appeal may show."""

EXCERPT_BYTES = 160
"""Most of a case's text that the queue shows, in bytes of UTF-8, so that a page of it costs two read units at most."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """What became of a refusal that moderators look into, kept with the media so that its owner's answer shows it.

    Attributes:
        state: where it stands.
        at: when it came to that, RFC 3339.
        answer: the moderator's reason, once decided.
        asked: whether the artist appealed; else a moderator decided of what was held for review.
    """

    state: AppealState
    at: str
    answer: str | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided.

    Attributes:
        decision_id: ULID; the audit log has an entry of the same id.
        action: what was done, such as ``grant_appeal``.
        target: what it is about, such as ``media/01J…``.
        decided_by: account of the moderator.
        decided_at: RFC 3339 text.
        reason: in words for those whom it concerns.
        labels: content warnings that ``label`` adds.
        looked_at: the case that the moderator looked at, where they said so.
    """

    decision_id: str
    action: Action
    target: str
    decided_by: str
    decided_at: str
    reason: str
    labels: tuple[str, ...] = ()
    looked_at: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One decision as the audit log keeps it, for good.

    Attributes:
        decision: who decided what about what, when and why.
        cases: ids of the cases that it closed.
        before, after: what it changed, by name, such as ``{"state": "refused"}`` and ``{"state": "queued"}``.
    """

    decision: Decision
    cases: tuple[str, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """Something that moderators look into.

    Attributes:
        kind: what it is.
        target: what it is about, such as ``media/01J…``.
        opened_by: account of who opened it; None for the platform itself.
        text: what was said.
        evidence: what was found, one short text each.
        opened_at: RFC 3339 text.
        pictures: ids of media that were added to show something; they stay what they are, private as a rule.
        state: see the module.
        decision: once decided.
        version: of the upload that it is about, where another one would be another case.
    """

    kind: CaseKind
    target: str
    opened_by: str | None
    text: str
    evidence: tuple[str, ...]
    opened_at: str
    pictures: tuple[str, ...] = ()
    state: CaseState = "open"
    decision: Decision | None = None
    version: str | None = None

    @property
    def case_id(self) -> str:
        """The same for the same kind, target, opener and version, so that opening it twice makes one case."""
        return case_id(self.kind, self.target, self.opened_by, self.version)

    @property
    def position(self) -> str:
        """What the queue is ordered by: oldest first; the id makes it unique."""
        return f"{self.opened_at}#{self.case_id}"

    @property
    def excerpt(self) -> str:
        """The beginning of its text, or of its evidence where nobody said anything, as the queue shows it."""
        shown = self.text or "; ".join(self.evidence)
        return shown.encode()[:EXCERPT_BYTES].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may do anything.

    Attributes:
        account_id: the ``sub`` of its owner's tokens.
        suspended: whether it may not.
        decision: by which that is so.
        deleted: whether it is being deleted by its owner; the decision is then named by the task that does it.
    """

    account_id: str
    suspended: bool
    decision: Decision
    deleted: bool = False


def unawaited(cases: Iterable[Case]) -> list[Case]:
    """Leave out the cases that somebody waits for a word on: only that closes them."""
    return [case for case in cases if case.kind not in WAITED_FOR]


def case_id(kind: CaseKind, target: str, opened_by: str | None, version: str | None = None) -> str:
    """Return the id of a case: 128 bits of a digest, as 32 lower-case hex digits."""
    named = [kind, target, opened_by, *([version] if version else [])]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32]
