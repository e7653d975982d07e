"""Counting what an account does that costs more than a read, so that no account can do it without end."""

from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.allowances import Allowance, Limit, TooManyRequestsError, client_key
from chalicelib.services.ports import AllowanceStore, Clock


@dataclass(frozen=True, slots=True)
class Allowances:
    """Lets accounts do things as often as their limits say; a counter for each account, limit and window."""

    store: AllowanceStore
    now: Clock = clock.now

    def use(self, account_id: str, limit: Limit, number: int = 1) -> None:
        """Count once more, or some times at once.

        Raises:
            TooManyRequestsError: the account did it as often as it may in this window.
        """
        moment = int(self.now().timestamp())
        window = moment // limit.seconds
        ends = (window + 1) * limit.seconds
        used = self.store.use(f"{limit.name}#{client_key(account_id, '')}#{window}", ends + limit.seconds, number)
        if used > limit.number:
            raise TooManyRequestsError(Allowance(limit.number, used, limit.seconds, ends - moment))
