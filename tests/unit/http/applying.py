"""Applications as tests make them, through the API."""

from dataclasses import dataclass
from typing import Any

import boto3

from chalicelib.settings import settings
from tests.support.documents import PDF
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.studios import open_job, verified_studio


@dataclass(frozen=True)
class Hiring:
    """A studio with an open job, and its owner."""

    owner: Account
    studio: str
    job: str


def hiring(api: Api, **fields: Any) -> Hiring:
    """Have a verified studio with an open job."""
    owner = api.join()
    studio = verified_studio(api, owner)
    return Hiring(owner, studio, open_job(api, owner, studio, **fields))


def piece(api: Api, artist: Account, **fields: Any) -> str:
    """Publish something to apply with."""
    return str(api.post(artist, title="A piece", text="About it", **fields)["id"])


def upload(announced: Any, data: bytes = PDF) -> None:
    """Have a file come as the form's key says: there is no form in this AWS."""
    key = announced["upload"]["fields"]["key"]
    boto3.client("s3").put_object(Bucket=settings().derivatives_bucket, Key=key, Body=data)


def with_resume(api: Api, artist: Account, job: str, data: bytes = PDF) -> str:
    """Announce and upload a résumé, and return its id."""
    announced = api.ask("POST", f"{job}/resumes", {"bytes": len(data)}, by=artist)
    assert announced.status == 201, announced.text
    upload(announced.json, data)
    return str(announced.json["resume_id"])


def send(api: Api, artist: Account, job: str, *, key: str | None = None, **fields: Any) -> Answer:
    """Apply, with a new piece unless there are some."""
    body = {"letter": "Dear studio", **fields}
    if "posts" not in body:
        body["posts"] = [piece(api, artist)]
    headers: dict[str, Any] = {"idempotency_key": key} if key else {}
    return api.ask("POST", f"{job}/applications", body, by=artist, **headers)


def applied(api: Api, artist: Account, job: str, **fields: Any) -> str:
    """Apply, and return the application's address."""
    answer = send(api, artist, job, **fields)
    assert answer.status == 201, answer.text
    return str(answer.headers["location"])


def move(api: Api, by: Account, application: str, state: str, **headers: Any) -> Answer:
    """Change the state of an application."""
    return api.ask("PATCH", application, {"state": state}, by=by, **headers)
