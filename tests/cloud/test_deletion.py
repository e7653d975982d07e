"""Deletion in the local cloud: by the functions' own identities, over streams and queues, until nothing is left."""

import base64
import json
from typing import Any

import httpx

from chalicelib.domain.errands import Errand
from tests.support.artist import Artist, picture
from tests.support.clients import admin_client
from tests.support.everywhere import holds, items, objects
from tests.support.processes import PlatformProcess, until


def account_of(artist: Artist) -> str:
    """Return the account that an artist's token speaks for."""
    claims = artist.client.headers["authorization"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"])


def traces(platform: PlatformProcess, account_id: str) -> list[str]:
    """Return where the account's id is in the whole emulated account: each table, index and bucket."""
    endpoint = platform.run.endpoint
    tables, s3 = items(admin_client("dynamodb", endpoint), "cara-"), admin_client("s3", endpoint)
    buckets = [each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith("cara-")]
    return sorted({place for place, value in (*tables, *objects(s3, *buckets)) if holds(value, account_id)})


def ready(artist: Artist, seed: int) -> str:
    """Have a picture protected."""
    media_id = artist.upload(picture(seed))
    until(lambda: artist.client.get(f"/v1/media/{media_id}").json()["state"] == "ready", 120, "a protected picture")
    return media_id


def test_an_account_is_gone_everywhere(platform: PlatformProcess) -> None:
    dora, ada = Artist(platform), Artist(platform)
    account_id, media_id = account_of(dora), ready(dora, 11)
    theirs = ada.client.post("/v1/posts", json={"title": "theirs", "text": f"with @{dora.name}"}).json()["id"]
    own = dora.client.post("/v1/posts", json={"title": "own", "tags": ["ink"], "media": [{"id": media_id}]}).json()
    address = dora.client.get(f"/v1/media/{media_id}").json()["renditions"][0]["url"]
    comment = dora.client.post(f"/v1/posts/{theirs}/comments", json={"text": "mine"}).json()["id"]
    ada.client.post(f"/v1/posts/{theirs}/comments", json={"text": "and I", "parent_id": comment})
    ada.client.post(f"/v1/posts/{own['id']}/comments", json={"text": "below it"})
    ada.client.get("/v1/feed")
    for one, two, post in ((dora, ada, theirs), (ada, dora, own["id"])):
        for path in (f"/v1/posts/{post}/like", f"/v1/profiles/{two.name}/follow"):
            assert one.client.put(path).status_code in {202, 204}
    talk = dora.client.post("/v1/conversations", json={"handle": ada.name}).json()["id"]
    for one in (dora, ada):
        assert one.client.post(f"/v1/conversations/{talk}/messages", json={"text": "hello"}).status_code == 201
    until(lambda: len(ada.client.get("/v1/notifications").json()["items"]) >= 2, 60, "ada to be told")
    assert len(traces(platform, account_id)) > 20
    assert httpx.get(address, trust_env=False).status_code == 200
    asked = dora.client.request("DELETE", "/v1/me", json={"confirm": dora.name})
    assert asked.status_code == 202, asked.text
    assert dora.client.get("/v1/me").status_code == 401
    at = asked.headers["Location"]
    until(lambda: ada.client.get(at).json()["step"] == "waiting", 120, "the first pass")
    until(lambda: traces(platform, account_id) == ["cara-local-accounts"], 120, "what follows from it")
    for path in (f"/v1/profiles/{dora.name}", f"/v1/posts/{own['id']}"):
        assert ada.client.get(path).status_code == 404
    assert httpx.get(address, trust_env=False).status_code in {403, 404}
    counted = ada.client.get(f"/v1/posts/{theirs}").json()["counters"]
    assert (counted["likes"], ada.client.get(f"/v1/profiles/{ada.name}").json()["counters"]["followers"]) == (0, 0)
    left = ada.client.get(f"/v1/conversations/{talk}/messages").json()["items"]
    assert [each["text"] for each in left] == ["hello"]
    finish(platform, at, account_id)
    until(lambda: ada.client.get(at).json()["state"] == "done", 120, "the last pass")
    assert traces(platform, account_id) == []
    assert users(platform, account_id) == []


def finish(platform: PlatformProcess, at: str, account_id: str) -> None:
    """Have the last pass made, as if its time had come."""
    past = {"account": account_id, "begun_at": "2026-01-01T00:00:00.000Z"}
    sqs = admin_client("sqs", platform.run.endpoint)
    body = Errand("delete-account", at.rpartition("/")[2], "waiting", past).to_text()
    sqs.send_message(QueueUrl=platform.run.env["CARA_ERRAND_QUEUE_URL"], MessageBody=body)


def users(platform: PlatformProcess, account_id: str) -> list[Any]:
    """Return who signs in as an account."""
    cognito = admin_client("cognito-idp", platform.run.endpoint)
    pool = platform.run.env["CARA_USER_POOL_ID"]
    found: list[Any] = cognito.list_users(UserPoolId=pool, Filter=f'sub = "{account_id}"')["Users"]
    return found
