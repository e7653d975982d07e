"""Own data in the local cloud: an export by the function's own identity, from the queue to an archive that opens."""

import io
import json
import zipfile
from typing import Any

import httpx

from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess, until


def test_an_artist_gets_everything(platform: PlatformProcess) -> None:
    ada = Artist(platform)
    data = picture(7)
    media_id = ada.upload(data)
    until(lambda: ada.client.get(f"/v1/media/{media_id}").json()["state"] == "ready", 120, "a protected picture")
    post = ada.client.post("/v1/posts", json={"title": "x", "media": [{"id": media_id}]}).json()
    made = ada.client.post("/v1/me/exports")
    assert made.status_code == 202, made.text

    def done() -> Any:
        found = ada.client.get(made.headers["Location"]).json()
        return found if found["state"] in {"done", "failed"} else None

    shown = until(done, 120, "an archive")
    assert shown["state"] == "done", shown
    answer = httpx.get(shown["url"], timeout=60, trust_env=False)
    assert (answer.status_code, len(answer.content)) == (200, shown["bytes"])
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.read(f"media/{media_id}/original") == data
    assert json.loads(archive.read("posts/00001.json"))[0]["post_id"] == post["id"]
    # another address of the same place, without a signature, gives nothing
    assert httpx.get(shown["url"].partition("?")[0], timeout=60, trust_env=False).status_code == 403
    bob = Artist(platform)
    assert bob.client.get(made.headers["Location"]).status_code == 404
