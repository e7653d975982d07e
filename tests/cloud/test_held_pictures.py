"""Pictures that not everyone may see, on a running platform: at signed addresses that end, in all the CDN's headers."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chalicelib.domain.noai import media_headers
from chalicelib.services.addresses import SECONDS
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess, until
from tools.localcloud.plan import root_session


@pytest.fixture(scope="module")
def artist(platform: PlatformProcess) -> Artist:
    return Artist(platform)


@pytest.fixture(scope="module")
def held(artist: Artist) -> dict[str, str]:
    """Addresses of one picture of a private post, by who gave them: the media, the post, the list of own posts."""
    media_id = artist.upload(picture(5))
    artist.final_media(media_id)
    post = artist.post(media_id, visibility="private")
    found = artist.published(post["id"])
    [card] = [each for each in artist.client.get("/v1/me/posts").json()["items"] if each["id"] == post["id"]]
    return {
        "media": artist.media(media_id)["renditions"][0]["url"],
        "post": found["media"][0]["picture"]["renditions"][0]["url"],
        "list": card["cover"]["thumbnails"][0]["url"],
    }


def fetched(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


@pytest.mark.parametrize("where", ["media", "post", "list"])
def test_the_cdn_serves_a_signed_address_with_everything_that_is_said_of_pictures(
    platform: PlatformProcess, held: dict[str, str], where: str
) -> None:
    answer = fetched(held[where])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")
    said = {name: answer.headers[name] for name in media_headers(platform.base_url, "all")}
    assert said == media_headers(platform.base_url, "all"), "nobody may find or keep it, whatever its artist allows"
    assert answer.headers["cache-control"] == "private, no-store"
    assert httpx.head(held[where], trust_env=False).status_code == 200
    assert httpx.get(held[where], headers={"User-Agent": "GPTBot"}, trust_env=False).status_code == 403


def test_it_ends_within_half_an_hour(held: dict[str, str]) -> None:
    asked = parse_qs(urlsplit(held["media"]).query)
    assert set(asked) == {"Policy", "Signature", "Key-Pair-Id"}
    [statement] = json.loads(base64.b64decode(asked["Policy"][0].translate(str.maketrans("-_~", "+=/"))))["Statement"]
    left = statement["Condition"]["DateLessThan"]["AWS:EpochTime"] - time.time()
    assert 0 < left <= 2 * SECONDS


def test_nobody_fetches_it_unsigned_or_signed_for_something_else(artist: Artist, held: dict[str, str]) -> None:
    url = held["media"]
    bare = fetched(url.partition("?")[0])
    assert (bare.status_code, bare.json()["detail"]) == (403, "This address must be signed: MissingKey.")
    other = artist.upload(picture(6))
    name = artist.final_media(other)["renditions"][0]["url"].partition("?")[0]
    assert fetched(f"{name}?{url.partition('?')[2]}").status_code == 403
    for place in ("media", "unindexed", "open"):
        assert fetched(url.partition("?")[0].replace("/held/", f"/{place}/")).status_code == 403


def test_a_record_of_what_is_held_names_the_same_addresses(artist: Artist, held: dict[str, str]) -> None:
    media_id = urlsplit(held["media"]).path.split("/")[2]
    record = artist.client.get(f"/v1/media/{media_id}/protection").json()
    assert {fetched(each["url"]).status_code for each in record["renditions"]} == {200}


def test_copies_of_what_is_narrowed_are_forgotten(platform: PlatformProcess, artist: Artist) -> None:
    media_id = artist.upload(picture(7))
    artist.final_media(media_id)
    post = artist.post(media_id)
    url = artist.published(post["id"])["media"][0]["picture"]["renditions"][0]["url"]
    assert fetched(url).status_code == 200
    client = root_session().client("cloudfront", endpoint_url=platform.run.endpoint)
    known = root_session().client("ssm", endpoint_url=platform.run.endpoint).get_parameter(Name="/cara/local/edge")
    distribution = json.loads(known["Parameter"]["Value"])["distribution"]

    def invalidated() -> bool:
        items = client.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
        found = (client.get_invalidation(DistributionId=distribution, Id=each["Id"]) for each in items)
        paths = {path for each in found for path in each["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]}
        return f"/media/{media_id}/*" in paths

    assert not invalidated()
    answer = artist.client.patch(f"/v1/posts/{post['id']}", json={"visibility": "private"})
    assert answer.json()["media"][0]["picture"]["renditions"][0]["url"].partition("?")[0] != url
    assert fetched(url).status_code == 403
    until(invalidated, 60, "the invalidation")
