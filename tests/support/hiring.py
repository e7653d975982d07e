"""A studio with jobs as a client of the API, and the moderator that it takes, over HTTP like any other."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.support.artist import Artist, Platform

JOB: dict[str, Any] = {
    "title": "Painter of skies",
    "description": "We need somebody who paints **skies**, day and night, in oil or in pixels. " * 2,
    "mediums": ["Oil Painting"],
    "software": ["Krita"],
    "level": "mid",
    "employment": "full_time",
    "workplace": "hybrid",
    "locations": [{"country": "DE", "city": "Köln"}],
    "salary": {"min": 4_200_000, "max": 5_500_000, "currency": "EUR", "period": "year"},
    "apply": "here",
    "ai_policy": "no_ai",
}


@dataclass
class Hiring:
    """A studio that an artist made and a moderator verified.

    Attributes:
        slug: of the studio, whose name is the same.
    """

    owner: Artist
    platform: Platform
    slug: str = field(default_factory=lambda: f"s{uuid4().hex[:14]}".translate(str.maketrans("0135", "wxyz")))

    def __post_init__(self) -> None:
        self.sent("POST", "/v1/studios", {"name": self.slug, "slug": self.slug, "time_zone": "Europe/Berlin"})
        proof = {"method": "dns", "domain": f"{self.slug}.example"}
        asked = self.sent("POST", f"/v1/studios/{self.slug}/verification", proof)
        assert asked["verification"]["state"] == "pending"
        self.decide("verify_studio", f"studios/{self.slug}")

    def sent(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the studio's owner, and return the answer's body."""
        answer = self.owner.client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def decide(self, action: str, target: str) -> None:
        """Decide as a moderator."""
        headers = {"Authorization": f"Bearer {self.platform.token('mo', 'moderators')}"}
        body = {"action": action, "target": target, "reason": "We looked."}
        url = f"{self.platform.base_url}/v1/moderation/decisions"
        answer = httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)
        assert answer.status_code == 201, answer.text

    def send_in(self, **fields: Any) -> str:
        """Send a job in, and return its id."""
        closes_at = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
        body = {**JOB, "studio": self.slug, "closes_at": closes_at, "publish": "now", **fields}
        return str(self.sent("POST", "/v1/jobs", body)["id"])

    def open(self, **fields: Any) -> str:
        """Send a job in and have it approved where it must be, and return its id."""
        job_id = self.send_in(**fields)
        if self.sent("GET", f"/v1/jobs/{job_id}")["state"] == "in_review":
            self.decide("approve_job", f"jobs/{job_id}")
        return job_id
