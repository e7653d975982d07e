"""Moderation: cases that people look into, and what they decide.

::

    open ──▶ decided

A case is opened by an artist (an appeal), by anybody (a report), or by the platform itself (a near-duplicate, something
held for review). It is about a target, named by its address below ``/v1`` such as ``media/01J…``. Who opens the same
case once more changes nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

CaseKind = Literal["appeal", "near-duplicate", "held", "report"]
CaseState = Literal["open", "decided"]

EXCERPT_BYTES = 160
"""Most of a case's text that the queue shows, in bytes of UTF-8, so that a page of it costs two read units at most."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided.

    Attributes:
        decision_id: ULID; the audit log has an entry of the same id.
        action: what was done, such as ``grant_appeal``.
        decided_by: account of the moderator.
        decided_at: RFC 3339 text.
        reason: in words for those whom it concerns.
    """

    decision_id: str
    action: str
    decided_by: str
    decided_at: str
    reason: str


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

    @property
    def case_id(self) -> str:
        """The same for the same kind, target and opener, so that opening it twice makes one case."""
        return case_id(self.kind, self.target, self.opened_by)

    @property
    def position(self) -> str:
        """What the queue is ordered by: oldest first; the id makes it unique."""
        return f"{self.opened_at}#{self.case_id}"

    @property
    def excerpt(self) -> str:
        """The beginning of its text, or of its evidence where nobody said anything, as the queue shows it."""
        shown = self.text or "; ".join(self.evidence)
        return shown.encode()[:EXCERPT_BYTES].decode(errors="ignore")


def case_id(kind: CaseKind, target: str, opened_by: str | None) -> str:
    """Return the id of a case: 128 bits of a digest, as 32 lower-case hex digits."""
    return hashlib.sha256(json.dumps([kind, target, opened_by]).encode()).hexdigest()[:32]
