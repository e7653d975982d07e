"""Letters that accounts get by mail, and the links in them that end such letters."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.jobs import JobCard
from chalicelib.domain.money import salary_text


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: plain text; ``unsubscribe`` is the address that ends such letters."""

    subject: str
    text: str
    unsubscribe: str


def pass_of(account_id: str, secret: str) -> str:
    """Return what lets whoever has it end an account's letters: opaque, and safe in an address."""
    return base64.urlsafe_b64encode(f"{account_id}.{secret}".encode()).decode().rstrip("=")


def read_pass(text: str) -> tuple[str, str] | None:
    """Return the account and the secret that a text holds; None where it is no pass."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    account_id, dot, secret = raw.partition(".")
    return (account_id, secret) if account_id and dot and secret else None


def letter_of(found: Mapping[str, Sequence[JobCard]], base_url: str, unsubscribe: str) -> Letter:
    """Return the letter that tells of jobs, by the names of the alerts that found them."""
    jobs = {card.job_id for cards in found.values() for card in cards}
    subject = f"{len(jobs)} new jobs" if len(jobs) > 1 else f"New job: {next(iter(found.values()))[0].title}"
    parts = [f"{name}\n\n" + "\n\n".join(_said(card, base_url) for card in cards) for name, cards in found.items()]
    end = f"-- \nYou asked for this by an alert for jobs on {base_url}\nNo more such mail: {unsubscribe}\n"
    return Letter(subject, "\n\n\n".join([*parts, end]), unsubscribe)


def _said(card: JobCard, base_url: str) -> str:
    places = ", ".join(f"{each.city} {each.country}".strip() for each in card.locations)
    paid = salary_text(card.salary) if card.salary else ""
    lines = (f"{card.title}, {card.studio_name}", " · ".join(filter(None, (str(card.workplace), places, paid))))
    return "\n".join(f"  {line}" for line in (*lines, f"{base_url}/jobs/{card.job_id}"))
