"""Job alerts, in the jobs table: by account, and by the term under which they wait.

An alert, the count of its term's alerts and that of its account are one transaction. That an alert tells of a job is
noted with the match that waits to be told, in one write: whoever finds the same once more finds it noted.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.job_alerts import KEPT_DAYS, MOST_ALERTS, SHARDS, JobAlert, Match, Seeker
from chalicelib.repositories.connection import due_buckets, dynamodb_errors, transact, write
from chalicelib.repositories.job_alert_items import (
    COUNTS,
    DIGESTS,
    SEEKER,
    WATCHED,
    AlertItem,
    alerts_key,
    arrival,
    digest_bucket,
    round_actions,
    to_item,
    to_match,
    to_seeker,
    told_key,
    waiting_key,
    watch_list,
    watched_key,
)


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
            items = list(AlertItem.query(alerts_key(account_id), consistent_read=True))
        alerts = tuple(item.card for item in items if item.card is not None)
        seekers = [to_seeker(account_id, item) for item in items if item.position == SEEKER]
        return alerts, seekers[0] if seekers else None

    def seeker(self, account_id: str) -> Seeker | None:
        """Return what is known of an account, read consistently, or None."""
        with dynamodb_errors():
            try:
                return to_seeker(account_id, AlertItem.get(alerts_key(account_id), SEEKER, consistent_read=True))
            except AlertItem.DoesNotExist:
                return None

    def add(self, alert: JobAlert, secret: str) -> None:
        """Store a new alert; ``secret`` is the account's where it has none yet.

        Raises:
            LostRaceError: the account has as many as it may.
        """

        def writes(transaction: TransactWrite) -> None:
            transaction.save(to_item(alert))
            transaction.update(AlertItem(watched_key(alert.term), WATCHED), actions=[COUNTS[alert.shard].add(1)])
            transaction.update(
                AlertItem(alerts_key(alert.account_id), SEEKER),
                actions=[AlertItem.alerts.add(1), AlertItem.secret.set(AlertItem.secret | secret)],
                condition=AlertItem.alerts.does_not_exist() | (AlertItem.alerts < MOST_ALERTS),
            )

        transact(writes)

    def remove(self, alert: JobAlert) -> None:
        """Remove an alert; one that is removed already is left alone."""

        def writes(transaction: TransactWrite) -> None:
            transaction.delete(
                AlertItem(alerts_key(alert.account_id), alert.alert_id), condition=AlertItem.partition.exists()
            )
            transaction.update(AlertItem(watched_key(alert.term), WATCHED), actions=[COUNTS[alert.shard].add(-1)])
            transaction.update(AlertItem(alerts_key(alert.account_id), SEEKER), actions=[AlertItem.alerts.add(-1)])

        with suppress(LostRaceError):
            transact(writes)

    def save_mail(self, seeker: Seeker) -> None:
        """Store whether mail is sent to an account.

        Raises:
            LostRaceError: nothing is known of it any more.
        """
        actions: list[Any] = [
            AlertItem.mail.set(seeker.mail),
            AlertItem.since.set(seeker.since or ""),
            AlertItem.address.set(seeker.address) if seeker.address else AlertItem.address.remove(),
        ]
        write(lambda: AlertItem(alerts_key(seeker.account_id), SEEKER).update(actions, AlertItem.alerts.exists()))

    # ---------------------------------------------------------------- who waits for a job

    def watched(self, terms: Iterable[str]) -> list[tuple[str, int]]:
        """Return which shards of some terms have alerts."""
        keys = [(watched_key(term), WATCHED) for term in terms]
        with dynamodb_errors():
            items = list(AlertItem.batch_get(keys))
        found = [(item, shard) for item in items for shard in range(SHARDS) if (getattr(item, f"s{shard}") or 0) > 0]
        return sorted((item.partition.partition("#")[2], shard) for item, shard in found)

    def watchers(self, term: str, shard: int, *, limit: int, position: str | None) -> Watchers:
        """List alerts that wait under a term, in the order of their ids."""
        after = AlertItem.rank > position if position else None
        with dynamodb_errors():
            items = list(AlertItem.by_list.query(watch_list(term, shard), after, limit=limit, page_size=limit))
        return Watchers(tuple(item.card for item in items), items[-1].rank if len(items) == limit else None)

    def found(self, match: Match, round_: str) -> bool:
        """Note that an alert has found a job; it waits to be told, for the daily mail of a round where it is one's.

        Returns:
            Whether it waits: not so where it was told before, or where nothing is known of the account any more.
        """
        expires = clock.from_text(match.at) + timedelta(days=KEPT_DAYS)

        def writes(transaction: TransactWrite) -> None:
            told = AlertItem(told_key(match.account_id), f"{match.alert_id}#{match.job_id}", expires_at=expires)
            transaction.save(told, condition=AlertItem.partition.does_not_exist())
            transaction.save(AlertItem(*waiting_key(match), at=match.at, expires_at=expires))
            transaction.update(
                AlertItem(alerts_key(match.account_id), SEEKER),
                actions=arrival(match, round_),
                condition=AlertItem.alerts.exists(),
            )

        try:
            transact(writes)
        except LostRaceError:
            return self._waits(match)
        return True

    def _waits(self, match: Match) -> bool:
        with dynamodb_errors():
            try:
                AlertItem.get(*waiting_key(match), consistent_read=True)
            except AlertItem.DoesNotExist:
                return False
        return True

    # ---------------------------------------------------------------- telling

    def waiting(self, account_id: str, cadence: str, *, limit: int) -> Waiting:
        """Return some matches of an account that wait, oldest jobs first, read consistently."""
        with dynamodb_errors():
            items = list(
                AlertItem.query(
                    f"waiting#{account_id}",
                    AlertItem.position.startswith(f"{cadence}#"),
                    consistent_read=True,
                    limit=limit + 1,
                )
            )
        return Waiting(tuple(to_match(account_id, item) for item in items[:limit]), more=len(items) > limit)

    def take(self, matches: Sequence[Match], seeker: Seeker, following: str | None) -> None:
        """Have matches wait no more, all or none; with ``seeker.round`` that round is over, and the next ``following``.

        Raises:
            LostRaceError: somebody else took one, or another job arrived for the round meanwhile.
        """

        def writes(transaction: TransactWrite) -> None:
            for match in matches:
                transaction.delete(AlertItem(*waiting_key(match)), condition=AlertItem.partition.exists())
            if seeker.round is not None:
                transaction.update(
                    AlertItem(alerts_key(seeker.account_id), SEEKER),
                    actions=round_actions(seeker.account_id, following),
                    condition=(AlertItem.round == seeker.round) & (AlertItem.arrivals == seeker.arrivals),
                )

        transact(writes)

    def give_back(self, matches: Sequence[Match], seeker: Seeker) -> None:
        """Have matches wait again that were taken and could not be told, for the same round."""

        def writes(transaction: TransactWrite) -> None:
            for match in matches:
                expires = clock.from_text(match.at) + timedelta(days=KEPT_DAYS)
                transaction.save(AlertItem(*waiting_key(match), at=match.at, expires_at=expires))
            if seeker.round is not None:
                transaction.update(
                    AlertItem(alerts_key(seeker.account_id), SEEKER),
                    actions=round_actions(seeker.account_id, seeker.round),
                )

        transact(writes)

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the accounts whose daily mail is to be made, by a moment that came between two others."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = AlertItem.due.query(f"{DIGESTS}{bucket}", AlertItem.due_at <= clock.to_text(until))
                found.extend(each.partition.partition("#")[2] for each in query)
        return found

    def postpone(self, seeker: Seeker, due_at: str) -> None:
        """Note when somebody must look after an account's round again, unless it is over meanwhile."""
        actions: list[Any] = [
            AlertItem.due_at.set(due_at),
            AlertItem.due_bucket.set(digest_bucket(due_at, seeker.account_id)),
        ]
        item = AlertItem(alerts_key(seeker.account_id), SEEKER)
        with suppress(LostRaceError):
            write(lambda: item.update(actions, AlertItem.round == seeker.round))
