"""What tables hold of an account under its own keys."""

from typing import Literal

RemainsName = Literal[
    "reactions",
    "bounds",
    "message_preferences",
    "inbox",
    "message_requests",
    "notifications",
    "feed",
    "tasks",
    "saved_jobs",
    "talent",
    "job_alerts",
    "job_alerts_told",
    "job_alerts_waiting",
    "applications",
]
