"""Looking for work against the emulated cloud: a job is opened, and whoever waits for it is told, by mail as well."""

import json
import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest

from chalicelib.domain import clock
from tests.support.artist import Artist
from tests.support.cloud import running_platform
from tests.support.processes import PlatformProcess, until
from tools.localcloud.config import REGION, STAGE
from tools.localcloud.environment import ROOT_CREDENTIALS

SENDER = "jobs@mail.cara.test"
SECONDS = 90


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform that sends mail: SES takes its domain for ours, as it does once the base stack has a MailDomain."""
    with running_platform(tmp_path_factory.mktemp("mailing"), CARA_MAIL_FROM=SENDER) as platform:
        with client("sesv2", platform) as ses:
            ses.create_email_identity(EmailIdentity=SENDER.partition("@")[2])
        # the emulator's stack has no MailDomain, and the emulator asks of mail whether all may be sent
        statement = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
        with client("iam", platform) as iam:
            iam.put_user_policy(
                UserName=f"cara-{STAGE}-run_errands",
                PolicyName="mail",
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            )
        yield platform


@contextmanager
def client(service: str, platform: PlatformProcess) -> Iterator[Any]:
    found = boto3.client(  # type: ignore[call-overload]  # a service that is named by a variable
        service,
        endpoint_url=platform.run.endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT_CREDENTIALS.access_key_id,
        aws_secret_access_key=ROOT_CREDENTIALS.secret_access_key,
    )
    try:
        yield found
    finally:
        found.close()


class Board:
    """A verified studio, and a moderator who lets its jobs pass."""

    def __init__(self, platform: PlatformProcess) -> None:
        self.ada, self.word = Artist(platform), f"w{uuid4().hex[:12]}"
        headers = {"Authorization": f"Bearer {platform.token(f'mod{uuid4().hex[:8]}', 'moderators')}"}
        self.moderator = httpx.Client(base_url=platform.base_url, headers=headers, timeout=30, trust_env=False)
        weakref.finalize(self, self.moderator.close)
        self.slug = f"s{uuid4().hex[:12]}"
        self.done(self.ada.client.post("/v1/studios", json={"name": self.slug, "slug": self.slug}))
        proof = {"method": "dns", "domain": f"{self.slug}.example"}
        self.done(self.ada.client.post(f"/v1/studios/{self.slug}/verification", json=proof))
        self.decide("verify_studio", f"studios/{self.slug}")

    def done(self, answer: httpx.Response) -> Any:
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    def decide(self, action: str, target: str) -> None:
        body = {"action": action, "target": target, "reason": "We looked."}
        self.done(self.moderator.post("/v1/moderation/decisions", json=body))

    def open(self, title: str) -> str:
        """Have a job opened, and return its id."""
        body = {
            "studio": self.slug,
            "title": f"{title} {self.word}",
            "description": "We need somebody who paints skies, day and night, in oil or in pixels. " * 2,
            "mediums": ["Oil Painting"],
            "level": "mid",
            "employment": "full_time",
            "workplace": "remote",
            "salary": {"min": 4_200_000, "max": 5_500_000, "currency": "EUR", "period": "year"},
            "ai_policy": "no_ai",
            "closes_at": clock.later(clock.now(), 86400 * 20),
            "publish": "now",
        }
        job = self.done(self.ada.client.post("/v1/jobs", json=body))
        if job["state"] == "in_review":
            self.decide("approve_job", f"jobs/{job['id']}")
        return str(job["id"])


def told(artist: Artist) -> int:
    """Return of how many jobs an artist was told."""
    items = artist.client.get("/v1/notifications").json()["items"]
    return sum(each["count"] for each in items if each["kind"] == "job_alert")


def mails(platform: PlatformProcess, artist: Artist) -> list[dict[str, Any]]:
    """Return what SES has sent to an artist."""
    found: list[dict[str, Any]] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict) and "BodyText" in value:
            found.append(value)
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                collect(each)

    collect(httpx.get(f"{platform.run.endpoint}/_ministack/ses/messages", trust_env=False).json())
    return [each for each in found if each["To"] == [f"{artist.name}@example.com"]]


def verified(platform: PlatformProcess) -> Artist:
    """Return an artist whose address Cognito has verified."""
    artist = Artist(platform)
    with client("cognito-idp", platform) as cognito:
        cognito.admin_update_user_attributes(
            UserPoolId=platform.run.env["CARA_USER_POOL_ID"],
            Username=artist.name,
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )
    return artist


def test_a_job_is_told_at_once_by_notification_and_mail_until_the_link_is_used(mailing: PlatformProcess) -> None:
    board, bob = Board(mailing), verified(mailing)
    body = {"name": "Skies", "q": board.word, "medium": "oil-painting", "cadence": "at_once"}
    board.done(bob.client.post("/v1/me/job_alerts", json=body))
    job = board.open("Painter")
    until(lambda: (told(bob), len(mails(mailing, bob))) == (1, 1), SECONDS, "a notification and a mail")
    [mail] = mails(mailing, bob)
    assert (mail["Source"], mail["Subject"]) == (SENDER, f"New job: Painter {board.word}")
    assert f"{mailing.base_url}/jobs/{job}" in mail["BodyText"]

    [link] = re.findall(rf"{mailing.base_url}(/v1/unsubscribe/\S+)", mail["BodyText"])
    with httpx.Client(base_url=mailing.base_url, trust_env=False) as stranger:
        assert "<form" in stranger.get(link).text
        assert bob.client.get("/v1/me/job_alerts").json()["mail"]["state"] == "on"
        ended = stranger.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (ended.status_code, "<form" in ended.text) == (200, False)
    assert bob.client.get("/v1/me/job_alerts").json()["mail"]["state"] == "unsubscribed"
    for number in (2, 3):  # by the time the third is told, the second is done with
        board.open("Another")
        until(lambda number=number: told(bob) == number, SECONDS, "a notification alone")  # type: ignore[misc]
    assert len(mails(mailing, bob)) == 1


def test_saved_jobs_and_talent_follow(mailing: PlatformProcess) -> None:
    board, bob = Board(mailing), Artist(mailing)
    job = board.open("Painter")
    board.done(bob.client.put(f"/v1/jobs/{job}/save"))
    board.done(board.ada.client.post(f"/v1/jobs/{job}/close"))

    def saved() -> list[str]:
        return [each["state"] for each in bob.client.get("/v1/me/saved_jobs").json()["items"]]

    until(lambda: saved() == ["closed"], SECONDS, "the end of a saved job")

    def found() -> list[str]:
        answer = board.ada.client.get(f"/v1/talent?medium={board.word}")
        assert answer.status_code == 200, answer.text
        return [each["handle"] for each in answer.json()["items"]]

    profile = {"handle": bob.name, "display_name": "Bob", "mediums": [board.word]}
    work = {"audience": "verified_studios"}
    board.done(bob.client.put("/v1/me", json={**profile, "availability": "open", "work": work}))
    until(lambda: found() == [bob.name], SECONDS, "an artist in the list")
    assert bob.client.get("/v1/talent").status_code == 403
    board.done(bob.client.put("/v1/me", json={**profile, "availability": "closed"}))
    until(lambda: found() == [], SECONDS, "an artist out of the list")
