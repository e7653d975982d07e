"""What stands on a post follows it through the real streams and queues, within a minute."""

from typing import Any

import pytest

from tests.support.artist import Artist
from tests.support.clients import admin_client
from tests.support.processes import PlatformProcess, until

MINUTE = 60


@pytest.fixture
def ann(platform: PlatformProcess) -> Artist:
    return Artist(platform)


@pytest.fixture
def bob(platform: PlatformProcess) -> Artist:
    return Artist(platform)


def titles(reader: Artist, path: str) -> list[str]:
    """Return what a list shows to somebody."""
    return [item["title"] for item in reader.client.get(path).json()["items"]]


def test_reactions_and_comments_follow_a_post_and_end_with_it(
    platform: PlatformProcess, ann: Artist, bob: Artist
) -> None:
    post = ann.client.post("/v1/posts", json={"title": "Harbour"}).json()["id"]
    for kind in ("like", "bookmark", "repost"):
        assert bob.client.put(f"/v1/posts/{post}/{kind}").status_code == 204
    comment = bob.client.post(f"/v1/posts/{post}/comments", json={"text": "Good"}).json()["id"]
    answer = {"text": "Thanks", "parent_id": comment}
    assert ann.client.post(f"/v1/posts/{post}/comments", json=answer).status_code == 201
    lists = ("/v1/me/likes", "/v1/me/bookmarks", f"/v1/profiles/{bob.name}/reposts")

    def shown(expected: list[str]) -> bool:
        return all(titles(bob, path) == expected for path in lists)

    def counted() -> dict[str, int]:
        found: dict[str, int] = ann.client.get(f"/v1/posts/{post}").json()["counters"]
        return found

    assert shown(["Harbour"])
    assert len(stored(platform, post)) == 5
    until(lambda: counted() == {"likes": 1, "comments": 2, "reposts": 1, "views": 0}, MINUTE, "exact counts")
    ann.client.patch(f"/v1/posts/{post}", json={"title": "Sea"})
    until(lambda: shown(["Sea"]), MINUTE, "the new title in every list")
    ann.client.patch(f"/v1/posts/{post}", json={"visibility": "private"})
    until(lambda: shown([]), MINUTE, "nothing of a private post")
    ann.client.patch(f"/v1/posts/{post}", json={"visibility": "public"})
    until(lambda: shown(["Sea"]), MINUTE, "the post again")
    assert ann.client.delete(f"/v1/posts/{post}").status_code == 204
    until(lambda: shown([]), MINUTE, "nothing of a deleted post")
    until(lambda: not stored(platform, post), MINUTE, "nothing stored that stood on it")


def stored(platform: PlatformProcess, post_id: str) -> list[dict[str, Any]]:
    """Return all comments on a post and reactions to it, whatever shows them."""
    client = admin_client("dynamodb", platform.run.endpoint)
    tables = (platform.run.env[f"CARA_{name}_TABLE"] for name in ("REACTIONS", "COMMENTS"))
    return [item for table in tables for item in client.scan(TableName=table)["Items"] if post_id in str(item)]
