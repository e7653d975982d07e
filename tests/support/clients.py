"""Clients that may do everything in an emulated account, each made once.

Making one reads the description of a service, which takes the CPU of many calls: whoever polls would do little else.
"""

from functools import cache
from typing import Any

from tools.localcloud.plan import root_session


@cache
def admin_client(service: str, endpoint: str) -> Any:
    """Return the client of a service of the account that answers at `endpoint`; tests share it, threads may."""
    return root_session().client(service, endpoint_url=endpoint)  # type: ignore[call-overload]  # any of them
