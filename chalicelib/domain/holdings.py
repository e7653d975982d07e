"""What is held of an account in tables: where it is found, what of it goes into an export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

HoldingName = Literal[
    "profile",
    "posts",
    "comments",
    "reactions",
    "relations",
    "followers",
    "matches",
    "notifications",
    "conversations",
    "conversation_requests",
    "messaging",
    "messages",
    "saved_jobs",
    "studios",
    "studio_jobs",
    "cases",
    "handles",
    "job_alerts",
    "job_alerts_told",
    "job_alerts_waiting",
    "applications",
]


class HoldingPage(NamedTuple):
    """Some items, and the position after them; None at the end."""

    items: Sequence[Mapping[str, Any]]
    position: str | None


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file of an account.

    Attributes:
        media_id: whose original it is.
        key: where it is.
    """

    media_id: str
    key: str
