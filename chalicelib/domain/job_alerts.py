"""Job alerts: what artists want to be told of once it is open, and when."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.job_listing import fits, term_of
from chalicelib.domain.jobs import JobCard

Cadence = Literal["daily", "at_once"]
MailState = Literal["on", "off", "unsubscribed", "bounced", "complained"]

MOST_ALERTS = 20
"""How many alerts an account may have."""

SHARDS = 4
"""Partitions of each term's alerts: what many wait for is told by several workers at once."""

MOST_AT_ONCE = 50
"""How many matches one mail holds; the others wait for the next."""

KEPT_DAYS = 400
"""How long it is known that an alert told of a job: as long as a job is kept once it is over."""

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class JobAlert:
    """What an account wants to be told of.

    Attributes:
        alert_id: ULID.
        name: what the artist calls it.
        facets, words, least: as those of a search; see :func:`chalicelib.domain.job_listing.fits`.
        cadence: ``at_once``, or together once a day.
        email: whether by mail as well; notifications have preferences of their own.
        created_at: RFC 3339 text; jobs that were opened before are none of it.
    """

    alert_id: str
    account_id: str
    name: str
    facets: Mapping[str, str]
    words: tuple[str, ...]
    least: int | None
    cadence: Cadence
    email: bool
    created_at: str

    @property
    def term(self) -> str:
        """The term of jobs under which it waits: that of its longest word, or of its facets together."""
        return f"q={max(self.words, key=len)}" if self.words else term_of(self.facets)

    @property
    def shard(self) -> int:
        """The part of the term's alerts that it belongs to."""
        return zlib.crc32(self.account_id.encode()) % SHARDS

    def wants(self, card: JobCard) -> bool:
        """Tell whether an open job is one that it waits for."""
        new = card.published_at is not None and card.published_at > self.created_at
        return new and fits(card, self.facets, self.words, self.least)


@dataclass(frozen=True, slots=True)
class Seeker:
    """What is known of an account that has, or had, alerts.

    Attributes:
        alerts: how many it has.
        arrivals: grows with each job that waits for its daily mail.
        round: when its next daily mail is to be made; None: nothing waits for one.
        secret: what lets the link in its mails end them; drawn at random.
        mail: ``on``, or why there is none.
        since: of that state; RFC 3339.
        address: digest of the address that bounced; another one gets mail again.
    """

    account_id: str
    alerts: int = 0
    arrivals: int = 0
    round: str | None = None
    secret: str = ""
    mail: MailState = "on"
    since: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A job that an alert has found and not told of yet; ``at``: when."""

    account_id: str
    alert_id: str
    job_id: str
    cadence: Cadence
    at: str


def next_round(account_id: str, moment: datetime) -> str:
    """Return when an account's next daily mail is to be made: at a minute of its own, so that mails are spread."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = midnight + timedelta(minutes=zlib.crc32(b"digest" + account_id.encode()) % _DAY_MINUTES)
    return clock.to_text(today if today > moment else today + timedelta(days=1))
