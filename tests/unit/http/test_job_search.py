"""Finding open jobs through the API, and what lists do in the table."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import boto3

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.repositories.job_listings import JobListingRepository
from chalicelib.services.job_lister import KIND
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.http.api import Account, Api
from tests.unit.http.studios import new_name, open_job, verified_studio


def run(job: str) -> None:
    """Do a job's errands to their end."""
    errand: Errand | None = Errand(KIND, job.rpartition("/")[2])
    while errand is not None:
        errand = composition.job_lister().work(errand)


def find(api: Api, query: str) -> Any:
    answer = api.ask("GET", f"/v1/jobs?{query}")
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    return answer.json


def test_open_jobs_are_found_until_they_are_closed(api: Api, ada: Account) -> None:
    studio, word = verified_studio(api, ada), new_name()
    jobs = [open_job(api, ada, studio, title=f"{word} {each}", software=[]) for each in range(2)]
    for _ in range(2):
        run(jobs[0])
    run(jobs[1])
    page = find(api, f"q={word}&limit=1")
    assert [each["title"] for each in page["items"]] == [f"{word} 1"]
    assert (page["total"], page["facets"]["level"], page["rates_of"]) == (2, {"mid": 2}, "2026-10-30")
    rest = find(api, f"q={word}&limit=1&cursor={page['next_cursor']}")
    assert [each["title"] for each in rest["items"]] == [f"{word} 0"]
    assert len(find(api, f"q={word}&level=mid&country=de&min_salary=50000")["items"]) == 2
    assert find(api, f"q={word}&min_salary=60000")["items"] == find(api, f"q={word}&level=lead")["items"] == []
    assert len(find(api, "medium=Oil+Painting&country=DE&level=mid")["items"]) == 2
    for wrong in (f"level=mid&cursor={page['next_cursor']}", f"q={word}&limit=1&cursor=AAAA"):
        assert api.ask("GET", f"/v1/jobs?{wrong}").status == 400
    assert api.ask("GET", "/v1/jobs?country=ZZ&level=god").fields == ["country", "level"]
    assert find(api, f"q={quote('#&=/%')}")["total"] == 2
    api.ask("POST", f"{jobs[0]}/close", by=ada)
    run(jobs[0])
    page = find(api, f"q={word}")
    assert ([each["title"] for each in page["items"]], page["total"]) == ([f"{word} 1"], 1)
    _costs(word)


def _costs(word: str) -> None:
    """What a page of 16 of such jobs costs, and the counts of a term that has every value."""
    client = boto3.client("dynamodb")
    found = client.query(
        TableName=settings().jobs_table,
        KeyConditionExpression="#p = :p",
        ExpressionAttributeNames={"#p": "partition"},
        ExpressionAttributeValues={":p": {"S": f"list#{clock.to_text(clock.now())[:7]}#q={word}"}},
    )["Items"]
    assert len(found) == 1
    [item] = found
    values = {f"software:{'x' * 10}{each}": {"N": "10000"} for each in range(250)}
    assert read_units([{**item, "city": {"S": "x" * 30}}] * 16) + read_units([values]) <= 2


def test_the_sweep_finds_what_the_queue_did_not_take(api: Api, ada: Account) -> None:
    client, url = boto3.client("sqs"), settings().errand_queue_url
    job = open_job(api, ada, verified_studio(api, ada), software=[])
    client.purge_queue(QueueUrl=url)
    later = clock.now() + timedelta(minutes=5)
    expiry = replace(composition.job_expiry(), now=lambda: later)
    job_id = job.rpartition("/")[2]
    assert job_id in expiry.due(later - timedelta(hours=1), later)
    assert expiry.look_after(job_id) is True
    bodies = [json.loads(each["Body"]) for each in client.receive_message(QueueUrl=url)["Messages"]]
    assert [(each["kind"], each["subject"]) for each in bodies] == [(KIND, job_id)]
    run(job)
    assert job_id not in expiry.due(later - timedelta(hours=1), later + timedelta(hours=1))
    assert expiry.look_after(job_id) is False
    assert JobListingRepository().note(job_id)
