"""A theft in the whole platform: told to both artists, found in the registry, and gone from it with the post."""

import hashlib
import io

import httpx
from PIL import Image, ImageOps

from chalicelib.imaging.perceptual import long_hash
from tests.corpus.pictures import artwork
from tests.support.artist import Artist
from tests.support.processes import PlatformProcess, until


def test_a_copy_is_told_to_both_and_the_registry_knows_the_original(
    platform: PlatformProcess, http: httpx.Client
) -> None:
    painting = artwork(320, 240, seed=42)
    data, copy = _file(painting, "PNG"), _file(ImageOps.mirror(painting).resize((160, 120)), "JPEG")
    ada, tom = Artist(platform), Artist(platform)
    original = ada.upload(data, "image/png")
    post = ada.post(original)
    ada.published(post["id"])

    upload = tom.upload(copy)
    assert tom.final_media(upload)["state"] == "ready"
    (seen,) = until(lambda: tom.client.get("/v1/me/matches").json()["items"], 30, "the match")
    assert (seen["role"], seen["media_id"], seen["other_media_id"]) == ("uploader", upload, original)
    assert (seen["mirrored"], seen["other_handle"]) == (True, ada.name)
    (told,) = ada.client.get("/v1/me/matches").json()["items"]
    assert (told["role"], told["media_id"], told["other_media_id"]) == ("original", original, None)

    small = long_hash(painting.resize((200, 150)))
    hashes = [hashlib.sha256(data).hexdigest(), small[:16], small, "0" * 16]
    answer = http.post("/v1/registry/lookup", json={"hashes": hashes})
    assert [item["opted_out"] for item in answer.json()["items"]] == [True, True, True, False]
    assert answer.json()["items"][2]["work"]["media_id"] == original
    assert int(answer.headers["ratelimit-remaining"]) < int(answer.headers["ratelimit-limit"])

    assert ada.client.delete(f"/v1/posts/{post['id']}").status_code == 204
    again = http.post("/v1/registry/lookup", json={"hashes": hashes}).json()["items"]
    assert not any(item["registered"] for item in again)


def _file(picture: Image.Image, name: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, name)
    return file.getvalue()
