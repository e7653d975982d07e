"""All that works in the background, in this process: streams tell what changed, errands are done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import boto3

from chalicelib import composition
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.repositories.streams import READERS
from chalicelib.services.errands import ErrandService
from chalicelib.settings import settings


@dataclass
class Background:
    """Streams and errands, which do nothing before they are asked to.

    Attributes:
        errands: what waits to be done.
        later: what was put off for minutes; it waits until it is asked for.
    """

    errands: list[Errand] = field(default_factory=list)
    later: list[Errand] = field(default_factory=list)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)
    _told: int = 0

    def settle(self) -> None:
        """Have everything follow until nothing is left but what was put off for minutes."""
        while self._follow() | self._work():
            pass

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        """Take an errand."""
        (self.later if delay_seconds > 60 else self.errands).append(errand)

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        """Take several."""
        for errand in errands:
            self.put(errand, delay_seconds)

    def _work(self) -> bool:
        service, worked = ErrandService(composition.errand_workers(), composition.errand_queue()), False
        while self.errands:
            waiting, self.errands = self.errands, []
            for errand in waiting:
                worked = True
                service.run(errand)
        return worked

    def _follow(self) -> bool:
        changed = False
        for table in READERS:
            before, now = self._known.get(table, {}), _images(table)
            changes: list[Change[Any]] = []
            for key in before | now:
                if before.get(key) != now.get(key):
                    self._told += 1
                    old, new = (READERS[table](side[key]) if key in side else None for side in (before, now))
                    changes += [Change(f"event {self._told}", old, new)] if old or new else []
            self._known[table] = now
            for consumer in (*composition.change_consumers(table), composition.counting(table)) if changes else ():
                if consumer is not None:
                    consumer.take(changes)
            changed = changed or bool(changes)
        return changed


def _images(table: str) -> dict[str, Any]:
    client, name = boto3.client("dynamodb"), str(getattr(settings(), f"{table}_table"))
    keys = [each["AttributeName"] for each in client.describe_table(TableName=name)["Table"]["KeySchema"]]
    found = [item for page in client.get_paginator("scan").paginate(TableName=name) for item in page["Items"]]
    return {" ".join(item[key]["S"] for key in keys): item for item in found}


@contextmanager
def in_background() -> Iterator[Background]:
    """Take errands from the queue, and do them when they are asked for."""
    background = Background()
    queue = mock.patch.multiple("chalicelib.queues.ErrandQueue", put=background.put, put_all=background.put_all)
    with queue, mock.patch("chalicelib.links.Edge.forget"):  # this process has no CDN
        yield background
