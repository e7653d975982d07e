"""Following what changes: every consumer of a table has its turn with each batch of its changes, and then it counts."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.domain.changes import Change
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.services.ports import ChangeConsumer

log = logging.getLogger(__name__)


def follow(
    changes: Sequence[Change[Any]], consumers: Iterable[ChangeConsumer[Any]], counting: ChangeConsumer[Any] | None
) -> None:
    """Have every consumer take some changes; none misses its turn because another one failed.

    They are counted once all others have taken them: what is counted is known again for a while only, and a batch that
    one of the others cannot take may come again for an hour, and from the dead letters for a day.

    Raises:
        TemporaryError: one of them could not take them this time.
        Exception: what one of them raised that is no temporary error, once all had their turn.
    """
    failures = [failure for each in consumers if (failure := _failure(each, changes))]
    if not failures and counting:
        counting.take(changes)
    for failure in failures:
        if not isinstance(failure, LostRaceError | TemporaryError):
            raise failure
    if failures:
        raise TemporaryError("a consumer could not take the changes") from failures[0]


def _failure(consumer: ChangeConsumer[Any], changes: Sequence[Change[Any]]) -> Exception | None:
    try:
        consumer.take(changes)
    except Exception as error:
        log.warning("could not take the changes", extra={"consumer": type(consumer).__name__}, exc_info=True)
        return error
    return None
