"""An appeal against the emulated cloud: what is granted is processed again, by the rights that functions have."""

import json

import httpx

from chalicelib.domain.media import DECLARED_AI
from tests.support.artist import Artist, picture, post_form
from tests.support.processes import PlatformProcess
from tools.localcloud.plan import root_session


def refuse(platform: PlatformProcess, media_id: str) -> None:
    """Note a refusal before the upload comes: its event then finds that all is decided."""
    reason = {"code": DECLARED_AI, "message": "It says so.", "evidence": ["xmp"]}
    root_session().client("dynamodb", endpoint_url=platform.run.endpoint).update_item(
        TableName=platform.run.env["CARA_MEDIA_TABLE"],
        Key={"media_id": {"S": media_id}},
        UpdateExpression="SET #state = :refused, reason = :reason REMOVE due_at, due_bucket",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":refused": {"S": "refused"}, ":reason": {"S": json.dumps(reason)}},
    )


def test_a_granted_appeal_is_processed_and_published(platform: PlatformProcess) -> None:
    artist = Artist(platform)
    sketch = artist.upload(picture(2))
    data = picture(1)
    announced = artist.announce(data)
    media_id = announced["media_id"]
    refuse(platform, media_id)
    assert post_form(announced["upload"], data).status_code in {200, 201, 204}
    post = artist.post(media_id)
    assert artist.post_state(post["id"]) == "refused"
    assert artist.final_media(sketch)["state"] == "ready"

    appeal = {"text": "I painted it.", "process_media_ids": [sketch]}
    assert artist.client.post(f"/v1/media/{media_id}/appeals", json=appeal).status_code == 201
    assert artist.client.get("/v1/moderation/queue").status_code == 403
    headers = {"Authorization": f"Bearer {platform.token('mo', 'moderators')}"}
    with httpx.Client(base_url=platform.base_url, headers=headers, timeout=60, trust_env=False) as moderator:
        queue = moderator.get("/v1/moderation/queue", params={"kind": "appeal", "limit": 50}).json()["items"]
        [case] = [each for each in queue if each["target"] == f"media/{media_id}"]
        [shown] = moderator.get(f"/v1/moderation/cases/{case['id']}").json()["pictures"]
        fetched = httpx.get(shown["files"][0]["url"], timeout=30, trust_env=False)
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/webp")
        assert httpx.get(shown["files"][0]["url"].partition("?")[0], trust_env=False).status_code == 403
        decision = {"action": "grant_appeal", "target": f"media/{media_id}", "reason": "The sketch shows it."}
        assert moderator.post("/v1/moderation/decisions", json=decision).status_code == 201
        assert moderator.get("/v1/moderation/log", params={"target": f"media/{media_id}"}).json()["items"]

    media = artist.final_media(media_id)
    assert (media["state"], media["appeal"]["state"]) == ("ready", "granted")
    assert artist.published(post["id"])["media"][0]["picture"] is not None


def test_a_suspended_account_appeals_and_is_let_in_again(platform: PlatformProcess) -> None:
    artist = Artist(platform)
    account_id = artist.client.get("/v1/me").json()["account_id"]
    headers = {"Authorization": f"Bearer {platform.token('mo', 'moderators')}"}
    with httpx.Client(base_url=platform.base_url, headers=headers, timeout=60, trust_env=False) as moderator:

        def decide(action: str) -> int:
            body = {"action": action, "target": f"accounts/{account_id}", "reason": "So it is."}
            return moderator.post("/v1/moderation/decisions", json=body).status_code

        assert decide("suspend") == 201
        assert artist.client.get("/v1/me/posts").status_code == 403
        assert artist.client.get("/v1/me").json()["suspended"] == "So it is."
        appealed = artist.client.post("/v1/me/appeals", json={"text": "Somebody had my password."})
        assert (appealed.status_code, appealed.json()["state"]) == (201, "open")
        assert artist.client.get("/v1/me").json()["suspension_appeal"] == appealed.json()
        assert decide("grant_appeal") == 201
    assert artist.client.get("/v1/me/posts").status_code == 200
    assert artist.client.get("/v1/me").json()["suspended"] is None
