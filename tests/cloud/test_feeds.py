"""What an artist posts comes to whom it concerns, by the streams and errands of a running platform, and goes again."""

from functools import partial
from typing import Any

import httpx
import pytest

from tests.support.artist import Artist
from tests.support.processes import PlatformProcess, until

MINUTE = 60.0


def ids(client: httpx.Client, path: str) -> list[str]:
    """Return the posts of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [str(item["id"]) for item in answer.json()["items"]]


def _shows(client: httpx.Client, path: str, post_id: str) -> bool:
    return post_id in ids(client, path)


def _shows_no_more(client: httpx.Client, path: str, post_id: str) -> bool:
    return post_id not in ids(client, path)


@pytest.fixture(scope="module")
def ada(platform: PlatformProcess) -> Artist:
    return Artist(platform)


@pytest.fixture(scope="module")
def reader(platform: PlatformProcess, ada: Artist) -> Artist:
    """Somebody who follows the artist, and whose feed is complete."""
    reader = Artist(platform)
    assert reader.client.put(f"/v1/profiles/{ada.name}/follow").status_code in {200, 202, 204}

    def complete() -> Any:
        return reader.client.get("/v1/feed").json()["complete"]

    until(complete, MINUTE, "the filling of a feed")
    return reader


def test_a_post_is_found_everywhere_within_a_minute_and_is_gone_within_another(
    ada: Artist, reader: Artist, http: httpx.Client
) -> None:
    tag = f"t{ada.name}"
    post_id = ada.post(tags=[tag], title="Dragons")["id"]
    assert post_id in ids(ada.client, "/v1/feed")  # at once
    lists = {
        "feed": (reader.client, "/v1/feed"),
        "latest": (reader.client, "/v1/latest?limit=50"),
        "tag": (reader.client, f"/v1/tags/{tag}/posts"),
        "search": (reader.client, f"/v1/search?q=dragon+%40{ada.name}"),
        "discover": (reader.client, "/v1/discover?limit=50"),
    }
    for name, (client, path) in lists.items():
        until(partial(_shows, client, path, post_id), MINUTE, f"the post on {name}")
    assert post_id in ids(http, f"/v1/tags/{tag}/posts")
    assert ada.client.patch(f"/v1/posts/{post_id}", json={"tags": [], "title": "Horses"}).status_code == 200
    until(lambda: not ids(reader.client, f"/v1/tags/{tag}/posts"), MINUTE, "the end of a tag")
    until(lambda: reader.client.get("/v1/feed").json()["items"][0]["title"] == "Horses", MINUTE, "another title")
    assert ada.client.delete(f"/v1/posts/{post_id}").status_code == 204
    for name, (client, path) in lists.items():
        until(partial(_shows_no_more, client, path, post_id), MINUTE, f"the end of it on {name}")


def test_what_is_for_followers_comes_to_them_alone_and_goes_with_the_following(
    platform: PlatformProcess, ada: Artist, reader: Artist
) -> None:
    stranger = Artist(platform)
    secret = ada.post(visibility="followers", tags=[f"s{ada.name}"])["id"]
    until(lambda: secret in ids(reader.client, "/v1/feed"), MINUTE, "the post in the follower's feed")
    assert secret not in ids(stranger.client, "/v1/latest?limit=50")
    assert ids(stranger.client, f"/v1/tags/s{ada.name}/posts") == []
    assert reader.client.delete(f"/v1/profiles/{ada.name}/follow").status_code == 204
    until(lambda: secret not in ids(reader.client, "/v1/feed"), MINUTE, "its end there")
