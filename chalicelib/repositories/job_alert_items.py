"""Items of job alerts in the jobs table, and where each is."""

from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from chalicelib.domain.job_alerts import JobAlert, Match, Seeker
from chalicelib.repositories.connection import BaseModel, JsonAttribute, due_bucket
from chalicelib.settings import settings

SEEKER = "~"
"""Where what is known of an account stands, after its alerts."""

WATCHED = "watched"
DIGESTS = "digest#"


class _ByList(GlobalSecondaryIndex["AlertItem"]):
    class Meta:
        index_name = "by_list"
        projection = IncludeProjection(["card"])

    list = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)
    card: JsonAttribute[JobAlert] = JsonAttribute(JobAlert)


class _Due(GlobalSecondaryIndex["AlertItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class AlertItem(BaseModel):
    """An alert, what is known of its account, what an alert told of, or a match that waits."""

    class Meta:
        """Where it is."""

        table_name = settings().jobs_table

    by_list = _ByList()
    due = _Due()

    partition = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    card: JsonAttribute[JobAlert] = JsonAttribute(JobAlert, null=True)
    list = UnicodeAttribute(null=True)
    rank = UnicodeAttribute(null=True)
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    expires_at = TTLAttribute(null=True)
    alerts = NumberAttribute(null=True)
    arrivals = NumberAttribute(null=True)
    round = UnicodeAttribute(null=True)
    secret = UnicodeAttribute(null=True)
    mail = UnicodeAttribute(null=True)
    since = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    at = UnicodeAttribute(null=True)
    s0 = NumberAttribute(null=True)
    s1 = NumberAttribute(null=True)
    s2 = NumberAttribute(null=True)
    s3 = NumberAttribute(null=True)


COUNTS: tuple[Any, ...] = (AlertItem.s0, AlertItem.s1, AlertItem.s2, AlertItem.s3)


def alerts_key(account_id: str) -> str:
    """Return the partition of an account's alerts."""
    return f"alerts#{account_id}"


def told_key(account_id: str) -> str:
    """Return the partition of what an account's alerts told of."""
    return f"told#{account_id}"


def watched_key(term: str) -> str:
    """Return the partition of what is counted of a term's alerts."""
    return f"watched#{term}"


def watch_list(term: str, shard: int) -> str:
    """Return the list of the alerts that wait under a term, in one shard."""
    return f"watch#{shard}#{term}"


def waiting_key(match: Match) -> tuple[str, str]:
    """Return where a match waits."""
    return f"waiting#{match.account_id}", f"{match.cadence}#{match.job_id}#{match.alert_id}"


def to_match(account_id: str, item: Any) -> Match:
    """Return the match that an item is."""
    cadence, job_id, alert_id = item.position.split("#")
    return Match(account_id, alert_id, job_id, cadence, item.at)


def digest_bucket(due_at: str, account_id: str) -> str:
    """Return the partition in which a daily mail that is due is found."""
    return f"{DIGESTS}{due_bucket(due_at, account_id)}"


def arrival(match: Match, round_: str) -> list[Any]:
    """Return what a match changes of its account: a daily one sets the next round, where there is none."""
    if match.cadence != "daily":
        return [
            AlertItem.alerts.add(0)
        ]  # an update asks whether the account is there, as no check does without a right
    return [
        AlertItem.arrivals.add(1),
        AlertItem.round.set(AlertItem.round | round_),
        AlertItem.due_at.set(AlertItem.due_at | round_),
        AlertItem.due_bucket.set(AlertItem.due_bucket | digest_bucket(round_, match.account_id)),
    ]


def round_actions(account_id: str, round_: str | None) -> list[Any]:
    """Return what sets the next round, or ends it."""
    if round_ is None:
        return [AlertItem.round.remove(), AlertItem.due_at.remove(), AlertItem.due_bucket.remove()]
    return [
        AlertItem.round.set(round_),
        AlertItem.due_at.set(round_),
        AlertItem.due_bucket.set(digest_bucket(round_, account_id)),
    ]


def to_item(alert: JobAlert) -> AlertItem:
    """Return the item of an alert."""
    return AlertItem(
        alerts_key(alert.account_id),
        alert.alert_id,
        card=alert,
        list=watch_list(alert.term, alert.shard),
        rank=alert.alert_id,
    )


def to_seeker(account_id: str, item: Any) -> Seeker:
    """Return what an item tells of an account."""
    return Seeker(
        account_id,
        int(item.alerts or 0),
        int(item.arrivals or 0),
        item.round,
        item.secret or "",
        item.mail or "on",
        item.since or None,
        item.address or "",
    )
