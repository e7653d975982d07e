"""Mail of job alerts: to whom it goes, and how it ends."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hmac import compare_digest

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, NotFoundError
from chalicelib.domain.job_alerts import JobAlert, MailState, Seeker
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.letters import letter_of, pass_of, read_pass
from chalicelib.services.alert_ports import JobAlertStore, Mailer
from chalicelib.services.ports import AccountStore, Clock

RETURNED = "mail-returned"
"""The errand that notes ``what`` became of a letter to its subject, an account: it ``bounced``, or ``complained``."""

_STRENGTH: tuple[MailState, ...] = ("on", "bounced", "unsubscribed", "complained")
"""What is said later counts where it is not less."""


@dataclass(frozen=True, slots=True)
class JobLetters:
    """Sends letters to accounts that want them; ``mailer`` is None where the platform sends none."""

    alerts: JobAlertStore
    accounts: AccountStore
    mailer: Mailer | None
    base_url: str
    now: Clock = clock.now

    def address(self, seeker: Seeker) -> str | None:
        """Return where letters to an account go; None where there are to be none.

        Raises:
            TemporaryError: it cannot be told this time.
        """
        if self.mailer is None or seeker.mail in {"unsubscribed", "complained"}:
            return None
        standing = self.accounts.standing(seeker.account_id)
        address = None if standing and standing.suspended else self.mailer.address(seeker.account_id)
        same = address is not None and digest_of(address) == seeker.address
        return None if seeker.mail == "bounced" and same else address

    def send(self, seeker: Seeker, address: str, finds: Sequence[tuple[JobAlert, JobCard]]) -> None:
        """Send what alerts have found, once at most.

        Raises:
            TemporaryError: it certainly was not sent.
        """
        found: dict[str, list[JobCard]] = {}
        for alert, card in finds:
            found.setdefault(alert.name, []).append(card)
        letter = letter_of(found, self.base_url, self.unsubscribe_address(seeker))
        if self.mailer is not None:
            self.mailer.send(letter, address, seeker.account_id)

    def unsubscribe_address(self, seeker: Seeker) -> str:
        """Return the address of the page that ends an account's letters."""
        return f"{self.base_url}/v1/unsubscribe/{pass_of(seeker.account_id, seeker.secret)}"

    def holder(self, text: str) -> Seeker:
        """Return whose letters a pass ends.

        Raises:
            NotFoundError: nobody's.
        """
        read = read_pass(text)
        seeker = self.alerts.seeker(read[0]) if read else None
        if read is None or seeker is None or not compare_digest(seeker.secret.encode(), read[1].encode()):
            raise NotFoundError("This address ends no mail. It may have been cut off: copy all of it.")
        return seeker

    def unsubscribe(self, text: str) -> None:
        """End the letters of whom a pass names; once more changes nothing.

        Raises:
            NotFoundError: it is nobody's.
        """
        self._note(self.holder(text), "unsubscribed")

    def want(self, account_id: str, *, wanted: bool) -> Seeker:
        """Have letters sent to an account, or no more. An address that bounced is tried once more.

        Raises:
            NotFoundError: it never had an alert.
            LostRaceError: it is gone meanwhile.
        """
        seeker = self.alerts.seeker(account_id)
        if seeker is None:
            raise NotFoundError("You have no job alert yet.")
        if not wanted:
            return self._note(seeker, "unsubscribed")
        if seeker.mail == "on":
            return seeker
        return self._save(replace(seeker, mail="on", since=clock.to_text(self.now()), address=""))

    def returned(self, errand: Errand) -> None:
        """Do the errand :data:`RETURNED`."""
        seeker = self.alerts.seeker(errand.subject)
        if seeker is not None:
            bounced = errand.arguments["what"] == "bounced"
            self._note(seeker, "bounced" if bounced else "complained", errand.arguments["address"] if bounced else "")

    def _note(self, seeker: Seeker, mail: MailState, address: str = "") -> Seeker:
        less = _STRENGTH.index(mail) < _STRENGTH.index(seeker.mail)
        if less or (seeker.mail, seeker.address) == (mail, address):
            return seeker
        return self._save(replace(seeker, mail=mail, since=clock.to_text(self.now()), address=address))

    def _save(self, seeker: Seeker) -> Seeker:
        try:
            self.alerts.save_mail(seeker)
        except LostRaceError as error:
            raise NotFoundError("There is no such account any more.") from error
        return seeker


def digest_of(address: str) -> str:
    """Return what an address that bounced is known by: nobody reads it from there."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
