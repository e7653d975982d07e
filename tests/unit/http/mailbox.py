"""A mailer that keeps what it sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from chalicelib import composition
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.letters import Letter


@dataclass
class Mailbox:
    """As :class:`chalicelib.services.alert_ports.Mailer`."""

    letters: list[tuple[str, Letter]] = field(default_factory=list)
    addresses: dict[str, str | None] = field(default_factory=dict)
    fails: int = 0

    def address(self, account_id: str) -> str | None:
        return self.addresses.get(account_id, f"{account_id.lower()}@mail.test")

    def send(self, letter: Letter, to: str, account_id: str) -> None:
        if self.fails:
            self.fails -= 1
            raise TemporaryError("not now")
        self.letters.append((to, letter))

    def of(self, account_id: str) -> list[Letter]:
        """Return what an account got."""
        return [letter for to, letter in self.letters if to == self.address(account_id)]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Have all mail of this process go into a box."""
    box = Mailbox()

    def forget() -> None:
        composition.job_letters.cache_clear()
        composition.job_delivery.cache_clear()

    forget()
    with mock.patch("chalicelib.mail.Mail", return_value=box):
        composition.job_delivery()
        yield box
    forget()
