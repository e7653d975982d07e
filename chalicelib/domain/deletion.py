"""Deletion of an account: what is left where others need a name, and how long it takes.

A deletion passes over every place where something of the account may be, and does so once more when nothing of it can
be written any more.
"""

from chalicelib.domain.people import Person

GONE = "deleted"
"""Stands for an account that is gone, where something of others names one."""

CONFIRMATION = "delete"
"""What an account without a profile, and so without a handle, confirms its deletion with."""

LAST_PASS_SECONDS = 4500
"""When the last pass begins, after the request. An access token is good for an hour, and API Gateway takes the
authorizer's word for five minutes more; within those an upload form is given out that is good for 15 minutes."""

FILES_AGAIN_SECONDS = 900
"""When files of a picture are looked for once more: a try to protect it that was under way has ended by then, as it may
take two minutes."""

KEPT_DAYS = 30
"""How long it can be asked how far a deletion is; what is kept for that does not say whose it was."""

HOURS = 24
"""Within how many hours a deletion is done, with time for people to mend what stopped it."""


def gone_person() -> Person:
    """Return what stands for a person who is gone."""
    return Person(GONE, GONE, "Deleted artist")
