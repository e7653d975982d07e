"""Counts of what many people do at the same time, through the streams of the local cloud."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.artist import Artist
from tests.support.clients import admin_client
from tests.support.processes import PlatformProcess, until

LIKERS = 200
AT_ONCE = 16
LATE_SECONDS = 120.0


@pytest.fixture(scope="module")
def likers(platform: PlatformProcess) -> list[Artist]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: Artist(platform), range(LIKERS)))


def counter(platform: PlatformProcess, post_id: str) -> dict[str, Any]:
    run = platform.run
    table, key = run.env["CARA_COUNTERS_TABLE"], {"key": {"S": f"post#{post_id}"}}
    dynamodb = admin_client("dynamodb", run.endpoint)
    return dict(dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))


def likes(platform: PlatformProcess, post_id: str) -> int:
    return int(counter(platform, post_id).get("likes", {"N": "0"})["N"])


def test_no_like_is_lost_or_counted_twice(platform: PlatformProcess, likers: list[Artist]) -> None:
    author = Artist(platform)
    post_id = author.post(title="famous")["id"]
    path = f"/v1/posts/{post_id}/like"

    def all_ask(method: str, some: list[Artist]) -> set[int]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {answer.status_code for answer in pool.map(lambda each: each.client.request(method, path), some)}

    # half of them twice, as a client does that got no answer
    assert all_ask("PUT", likers + likers[: LIKERS // 2]) == {204}
    until(lambda: likes(platform, post_id) == LIKERS, LATE_SECONDS, f"{LIKERS} likes")
    assert all_ask("DELETE", likers[:50]) == {204}
    until(lambda: likes(platform, post_id) == LIKERS - 50, LATE_SECONDS, "50 likes less")
    assert author.client.get(f"/v1/posts/{post_id}").json()["counters"]["likes"] == LIKERS - 50


def test_counters_go_with_their_post(platform: PlatformProcess, likers: list[Artist]) -> None:
    author = Artist(platform)
    post_id = author.post(title="short-lived")["id"]
    for each in likers[:5]:
        assert each.client.put(f"/v1/posts/{post_id}/like").status_code == 204
    until(lambda: likes(platform, post_id) == 5, LATE_SECONDS, "five likes")
    assert author.client.delete(f"/v1/posts/{post_id}").status_code == 204
    until(lambda: not counter(platform, post_id), LATE_SECONDS, "the end of the counter")
