"""Job alerts, in the jobs table: by account, and by the term under which they wait.

An alert, the count of its term's alerts and that of its account are one transaction. That an alert tells of a job is
noted with the match that waits to be told, in one write: whoever finds the same once more finds it noted.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.job_alerts import KEPT_DAYS, MOST_ALERTS, SHARDS, JobAlert, Match, Seeker
from chalicelib.repositories.connection import (
    BaseModel,
    JsonAttribute,
    due_bucket,
    due_buckets,
    dynamodb_errors,
    transact,
    write,
)
from chalicelib.settings import settings

_SEEKER = "~"
"""Where what is known of an account stands, after its alerts."""

_WATCHED = "watched"
_DUE = "digest#"


class _ByList(GlobalSecondaryIndex["_Item"]):
    class Meta:
        index_name = "by_list"
        projection = IncludeProjection(["card"])

    list = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)
    card: JsonAttribute[JobAlert] = JsonAttribute(JobAlert)


class _Due(GlobalSecondaryIndex["_Item"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class _Item(BaseModel):
    """An alert, what is known of its account, what an alert told of, or a match that waits."""

    class Meta:
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


_COUNTS: tuple[Any, ...] = (_Item.s0, _Item.s1, _Item.s2, _Item.s3)


@dataclass(frozen=True, slots=True)
class Watchers:
    """Some alerts of a term, and the position after them; None at the end."""

    alerts: tuple[JobAlert, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some matches that wait, and whether there are more."""

    matches: tuple[Match, ...]
    more: bool


class JobAlertRepository:
    """Alerts, what they told of, and what waits to be told."""

    # ---------------------------------------------------------------- alerts

    def of_account(self, account_id: str) -> tuple[tuple[JobAlert, ...], Seeker | None]:
        """Return an account's alerts, oldest first, and what is known of it, read consistently."""
        with dynamodb_errors():
            items = list(_Item.query(_alerts(account_id), consistent_read=True))
        alerts = tuple(item.card for item in items if item.card is not None)
        seekers = [_seeker(account_id, item) for item in items if item.position == _SEEKER]
        return alerts, seekers[0] if seekers else None

    def seeker(self, account_id: str) -> Seeker | None:
        """Return what is known of an account, read consistently, or None."""
        with dynamodb_errors():
            try:
                return _seeker(account_id, _Item.get(_alerts(account_id), _SEEKER, consistent_read=True))
            except _Item.DoesNotExist:
                return None

    def add(self, alert: JobAlert, secret: str) -> None:
        """Store a new alert; ``secret`` is the account's where it has none yet.

        Raises:
            LostRaceError: the account has as many as it may.
        """

        def writes(transaction: TransactWrite) -> None:
            transaction.save(_to_item(alert))
            transaction.update(_Item(_watched(alert.term), _WATCHED), actions=[_COUNTS[alert.shard].add(1)])
            transaction.update(
                _Item(_alerts(alert.account_id), _SEEKER),
                actions=[_Item.alerts.add(1), _Item.secret.set(_Item.secret | secret)],
                condition=_Item.alerts.does_not_exist() | (_Item.alerts < MOST_ALERTS),
            )

        transact(writes)

    def remove(self, alert: JobAlert) -> None:
        """Remove an alert; one that is removed already is left alone."""

        def writes(transaction: TransactWrite) -> None:
            transaction.delete(_Item(_alerts(alert.account_id), alert.alert_id), condition=_Item.partition.exists())
            transaction.update(_Item(_watched(alert.term), _WATCHED), actions=[_COUNTS[alert.shard].add(-1)])
            transaction.update(_Item(_alerts(alert.account_id), _SEEKER), actions=[_Item.alerts.add(-1)])

        with suppress(LostRaceError):
            transact(writes)

    def save_mail(self, seeker: Seeker) -> None:
        """Store whether mail is sent to an account.

        Raises:
            LostRaceError: nothing is known of it any more.
        """
        actions: list[Any] = [
            _Item.mail.set(seeker.mail),
            _Item.since.set(seeker.since or ""),
            _Item.address.set(seeker.address) if seeker.address else _Item.address.remove(),
        ]
        write(lambda: _Item(_alerts(seeker.account_id), _SEEKER).update(actions, _Item.alerts.exists()))

    # ---------------------------------------------------------------- who waits for a job

    def watched(self, terms: Iterable[str]) -> list[tuple[str, int]]:
        """Return which shards of some terms have alerts."""
        keys = [(_watched(term), _WATCHED) for term in terms]
        with dynamodb_errors():
            items = list(_Item.batch_get(keys))
        found = [(item, shard) for item in items for shard in range(SHARDS) if (getattr(item, f"s{shard}") or 0) > 0]
        return sorted((item.partition.partition("#")[2], shard) for item, shard in found)

    def watchers(self, term: str, shard: int, *, limit: int, position: str | None) -> Watchers:
        """List alerts that wait under a term, in the order of their ids."""
        after = _Item.rank > position if position else None
        with dynamodb_errors():
            items = list(_Item.by_list.query(_watch(term, shard), after, limit=limit, page_size=limit))
        return Watchers(tuple(item.card for item in items), items[-1].rank if len(items) == limit else None)

    def found(self, match: Match, round_: str) -> bool:
        """Note that an alert has found a job; it waits to be told, for the daily mail of a round where it is one's.

        Returns:
            Whether it waits: not so where it was told before, or where nothing is known of the account any more.
        """
        expires = clock.from_text(match.at) + timedelta(days=KEPT_DAYS)

        def writes(transaction: TransactWrite) -> None:
            told = _Item(_told(match.account_id), f"{match.alert_id}#{match.job_id}", expires_at=expires)
            transaction.save(told, condition=_Item.partition.does_not_exist())
            transaction.save(_Item(*_waits(match), at=match.at, expires_at=expires))
            transaction.update(
                _Item(_alerts(match.account_id), _SEEKER),
                actions=_arrival(match, round_),
                condition=_Item.alerts.exists(),
            )

        try:
            transact(writes)
        except LostRaceError:
            return self._waits(match)
        return True

    def _waits(self, match: Match) -> bool:
        with dynamodb_errors():
            try:
                _Item.get(*_waits(match), consistent_read=True)
            except _Item.DoesNotExist:
                return False
        return True

    # ---------------------------------------------------------------- telling

    def waiting(self, account_id: str, cadence: str, *, limit: int) -> Waiting:
        """Return some matches of an account that wait, oldest jobs first, read consistently."""
        with dynamodb_errors():
            items = list(
                _Item.query(
                    f"waiting#{account_id}",
                    _Item.position.startswith(f"{cadence}#"),
                    consistent_read=True,
                    limit=limit + 1,
                )
            )
        return Waiting(tuple(_match(account_id, item) for item in items[:limit]), more=len(items) > limit)

    def take(self, matches: Sequence[Match], seeker: Seeker, following: str | None) -> None:
        """Have matches wait no more, all or none; with ``seeker.round`` that round is over, and the next ``following``.

        Raises:
            LostRaceError: somebody else took one, or another job arrived for the round meanwhile.
        """

        def writes(transaction: TransactWrite) -> None:
            for match in matches:
                transaction.delete(_Item(*_waits(match)), condition=_Item.partition.exists())
            if seeker.round is not None:
                transaction.update(
                    _Item(_alerts(seeker.account_id), _SEEKER),
                    actions=_round(seeker.account_id, following),
                    condition=(_Item.round == seeker.round) & (_Item.arrivals == seeker.arrivals),
                )

        transact(writes)

    def give_back(self, matches: Sequence[Match], seeker: Seeker) -> None:
        """Have matches wait again that were taken and could not be told, for the same round."""

        def writes(transaction: TransactWrite) -> None:
            for match in matches:
                expires = clock.from_text(match.at) + timedelta(days=KEPT_DAYS)
                transaction.save(_Item(*_waits(match), at=match.at, expires_at=expires))
            if seeker.round is not None:
                transaction.update(
                    _Item(_alerts(seeker.account_id), _SEEKER), actions=_round(seeker.account_id, seeker.round)
                )

        transact(writes)

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the accounts whose daily mail is to be made, by a moment that came between two others."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = _Item.due.query(f"{_DUE}{bucket}", _Item.due_at <= clock.to_text(until))
                found.extend(each.partition.partition("#")[2] for each in query)
        return found

    def postpone(self, seeker: Seeker, due_at: str) -> None:
        """Note when somebody must look after an account's round again, unless it is over meanwhile."""
        actions: list[Any] = [_Item.due_at.set(due_at), _Item.due_bucket.set(_bucket(due_at, seeker.account_id))]
        item = _Item(_alerts(seeker.account_id), _SEEKER)
        with suppress(LostRaceError):
            write(lambda: item.update(actions, _Item.round == seeker.round))


def _alerts(account_id: str) -> str:
    return f"alerts#{account_id}"


def _told(account_id: str) -> str:
    return f"told#{account_id}"


def _watched(term: str) -> str:
    return f"watched#{term}"


def _watch(term: str, shard: int) -> str:
    return f"watch#{shard}#{term}"


def _waits(match: Match) -> tuple[str, str]:
    return f"waiting#{match.account_id}", f"{match.cadence}#{match.job_id}#{match.alert_id}"


def _match(account_id: str, item: Any) -> Match:
    cadence, job_id, alert_id = item.position.split("#")
    return Match(account_id, alert_id, job_id, cadence, item.at)


def _bucket(due_at: str, account_id: str) -> str:
    return f"{_DUE}{due_bucket(due_at, account_id)}"


def _arrival(match: Match, round_: str) -> list[Any]:
    if match.cadence != "daily":
        return [_Item.alerts.add(0)]  # an update asks whether the account is there, as no check does without a right
    return [
        _Item.arrivals.add(1),
        _Item.round.set(_Item.round | round_),
        _Item.due_at.set(_Item.due_at | round_),
        _Item.due_bucket.set(_Item.due_bucket | _bucket(round_, match.account_id)),
    ]


def _round(account_id: str, round_: str | None) -> list[Any]:
    if round_ is None:
        return [_Item.round.remove(), _Item.due_at.remove(), _Item.due_bucket.remove()]
    return [
        _Item.round.set(round_),
        _Item.due_at.set(round_),
        _Item.due_bucket.set(_bucket(round_, account_id)),
    ]


def _to_item(alert: JobAlert) -> _Item:
    return _Item(
        _alerts(alert.account_id),
        alert.alert_id,
        card=alert,
        list=_watch(alert.term, alert.shard),
        rank=alert.alert_id,
    )


def _seeker(account_id: str, item: Any) -> Seeker:
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
