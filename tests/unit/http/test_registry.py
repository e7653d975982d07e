"""The registry's routes and the list of matches, over HTTP."""

import hashlib
import re
from unittest import mock

import pytest

from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions
from chalicelib.services import registry
from tests.support.fakes import look_of, protected_picture
from tests.unit.http.api import Account, Api, description

KNOWN = {"registered", "opted_out", "data_mining", "by", "distance", "work", "hash"}


@pytest.fixture
def published(api: Api, ada: Account) -> str:
    """A published picture of an artist; its file holds its own id."""
    media_id = api.ready(ada)
    api.post(ada, media_id)
    return media_id


def test_a_stranger_looks_up_hashes(api: Api, ada: Account, published: str) -> None:
    data = published.encode()
    hashes = [look_of(data).hash.upper(), hashlib.sha256(data).hexdigest(), look_of(data).long_hash, "0" * 16]
    answer = api.ask("POST", "/v1/registry/lookup", {"hashes": hashes}, x_forwarded_for="198.51.100.1")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, no-store"
    items = answer.json["items"]
    assert [item["hash"] for item in items] == [each.lower() for each in hashes]
    assert [item["registered"] for item in items] == [True, True, True, False]
    assert [item["by"] for item in items] == ["look", "file", "look", None]
    assert items[0]["opted_out"]
    assert items[0]["data_mining"] == "ai-training"
    record = f"https://cara.test/v1/media/{published}/protection"
    assert items[0]["work"] == {"media_id": published, "handle": ada.handle, "protection_url": record}
    assert ada.account_id not in answer.text
    assert items[3] == dict.fromkeys(KNOWN) | {"hash": "0" * 16, "registered": False, "opted_out": False}


def test_the_same_for_one_hash_may_be_kept_by_everybody(api: Api, published: str) -> None:
    look = look_of(published.encode())
    answer = api.ask("GET", f"/v1/registry/{look.hash}")
    assert answer.json["registered"]
    assert answer.headers["cache-control"] == "public, max-age=3600, s-maxage=3600"
    assert not {name for name in answer.headers if name.startswith("ratelimit")}
    (item,) = api.ask("POST", "/v1/registry/lookup", {"hashes": [look.hash]}).json["items"]
    assert item == answer.json


def test_what_was_withdrawn_is_not_known_any_more(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    look = look_of(media_id.encode())
    assert not api.ask("GET", f"/v1/registry/{look.hash}").json["registered"]
    post = api.post(ada, media_id)
    assert api.ask("GET", f"/v1/registry/{look.hash}").json["registered"]
    assert api.ask("DELETE", f"/v1/posts/{post['id']}", by=ada).status == 204
    assert not api.ask("GET", f"/v1/registry/{look.hash}").json["registered"]


@pytest.mark.parametrize("hashes", [[], ["0" * 17], ["0" * 16] * 101, [1], "0" * 16])
def test_what_is_no_list_of_hashes_is_refused(api: Api, hashes: object) -> None:
    assert api.ask("POST", "/v1/registry/lookup", {"hashes": hashes}).status == 422


def test_what_is_no_hash_is_refused(api: Api) -> None:
    answer = api.ask("GET", "/v1/registry/painting")
    assert (answer.status, answer.fields) == (422, ["hash"])
    for digits in (16, 64, 80):
        assert api.ask("GET", f"/v1/registry/{'z' * digits}").status == 422, digits
    assert "max-age" not in api.ask("GET", f"/v1/registry/{'z' * 64}").headers.get("cache-control", "")


def test_the_description_says_what_a_hash_is() -> None:
    get = description()["paths"]["/v1/registry/{hash}"]["get"]
    (parameter,) = get["parameters"]
    assert re.search(parameter["schema"]["pattern"], "0" * 64)
    assert not re.search(parameter["schema"]["pattern"], "z" * 64)
    assert "422" in get["responses"]


def test_who_asks_too_often_is_told_when_to_go_on(api: Api) -> None:
    with mock.patch.object(registry, "LOOKUPS", 2):
        answers = [
            api.ask("POST", "/v1/registry/lookup", {"hashes": ["0" * 16]}, x_forwarded_for=f"{at}, 198.51.100.7, cdn")
            for at in range(3)
        ]
        other = api.ask("POST", "/v1/registry/lookup", {"hashes": ["0" * 16]}, x_forwarded_for="0, 198.51.100.8, cdn")
    assert [answer.status for answer in answers] == [200, 200, 429], "whatever the client itself says of its address"
    assert other.status == 200
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    refused = answers[-1]
    assert refused.code == "too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-reset"] == refused.headers["retry-after"]
    assert refused.headers["ratelimit-limit"] == "2"
    assert refused.headers["ratelimit-policy"] == "2;w=60"


def alike(data: bytes, options: ProtectionOptions) -> ProtectedPicture:
    """Protect a picture that looks like all others."""
    del data
    return protected_picture(b"same", options)


def test_both_artists_read_their_matches(api: Api, ada: Account) -> None:
    tom = api.join()
    original, upload = api.upload(ada), api.upload(tom)
    api.arrive(ada, original, alike)
    api.post(ada, original)
    api.arrive(tom, upload, alike)
    (mine,) = api.ask("GET", "/v1/me/matches", by=tom).json["items"]
    assert (mine["media_id"], mine["role"], mine["distance"]) == (upload, "uploader", 0)
    assert (mine["other_media_id"], mine["other_handle"]) == (original, ada.handle)
    answer = api.ask("GET", "/v1/me/matches?limit=1", by=ada)
    (theirs,) = answer.json["items"]
    assert (theirs["media_id"], theirs["role"]) == (original, "original")
    assert (theirs["other_media_id"], theirs["other_handle"]) == (None, None)
    assert answer.headers["cache-control"] == "private, no-store"
    assert api.ask("GET", "/v1/me/matches?cursor=x", by=ada).status == 400
    assert api.ask("GET", "/v1/me/matches", authorization="Bearer x").status == 401
