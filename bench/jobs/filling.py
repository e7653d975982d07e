"""Writes jobs' places straight into the table, as the repository writes them: errands would take days here.

Of each job's hundred places and more those are written that a query of this measurement reads: the others change
nothing of what that costs.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3

from chalicelib.domain.job_listing import Listed, counts_of, shard_of, terms_of
from chalicelib.domain.jobs import Job, make_card
from chalicelib.repositories import job_listings, raw
from chalicelib.repositories.counted_lists import key_of
from chalicelib.settings import settings
from tests.support.unit_env import CREDENTIALS, VARIABLES
from tools.localcloud.children import Child
from tools.localcloud.cloud import choose_port, wait_until_ready
from tools.localcloud.environment import clean_environment

AT_ONCE = 25


@dataclass
class Filled:
    """What was written.

    Attributes:
        items: places, each of a job under a term.
        terms: places that these jobs would have in all.
    """

    jobs: int = 0
    items: int = 0
    terms: int = 0
    counted: dict[tuple[str, int], Counter[str]] = field(default_factory=dict)


@contextmanager
def emulated() -> Iterator[None]:
    """Run an emulated DynamoDB that keeps nothing, with the tables of the base stack, and be its only client."""
    port = choose_port(None)
    with TemporaryDirectory() as folder:
        environ = {**clean_environment(), "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "PERSIST_STATE": "0"}
        child = Child("cloud", "ministack", {**environ, "LOG_LEVEL": "WARNING"}, Path(folder))
        child.start()
        try:
            wait_until_ready(child, port)
            os.environ.update({**VARIABLES, **CREDENTIALS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
            _make_tables()
            yield
        finally:
            child.stop()


def _make_tables() -> None:
    from tests.unit.support import table_definitions

    client = boto3.client("dynamodb")
    for definition in table_definitions():
        client.create_table(**definition)


def fill(jobs: Iterable[Job], wanted: set[str]) -> Filled:
    """Write the places of jobs under the wanted terms, and the counts of these."""
    filled, waiting = Filled(), []
    for job in jobs:
        listed = Listed(make_card(job))
        terms = terms_of(listed.card)
        content, counts = job_listings._content(listed.card), counts_of(listed)  # as swap() writes them
        filled.jobs += 1
        filled.terms += len(terms)
        for term in wanted.intersection(terms):
            shard = shard_of(term, job.job_id)
            partition = job_listings._list(term, listed.month, shard)
            key = key_of(partition, listed.position)
            waiting.append(job_listings._put(key, listed, content, None)["Put"]["Item"])
            filled.counted.setdefault((term, shard), Counter()).update(counts)
        while len(waiting) >= AT_ONCE:
            raw.put_all(settings().jobs_table, waiting[:AT_ONCE])
            filled.items += AT_ONCE
            del waiting[:AT_ONCE]
    raw.put_all(settings().jobs_table, waiting)
    filled.items += len(waiting)
    raw.put_all(settings().jobs_table, [_counts(*part, counted) for part, counted in filled.counted.items()])
    return filled


def _counts(term: str, shard: int, counted: Counter[str]) -> raw.Image:
    key = key_of(job_listings._counts(term, shard), "counts")
    return {**key, **{job_listings._short(name): {"N": str(number)} for name, number in counted.items()}}
