"""People against the emulated cloud: transactions that meet, and what streams tell, by the functions' own rights."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.artist import Artist
from tests.support.processes import PlatformProcess, until


def told(artist: Artist) -> list[tuple[str, int]]:
    """Return what an artist was told: kind, and by how many."""
    answer = artist.client.get("/v1/notifications")
    assert answer.status_code == 200, answer.text
    return [(each["kind"], each["count"]) for each in answer.json()["items"]]


def counters(artist: Artist) -> dict[str, int]:
    found: dict[str, int] = artist.client.get("/v1/me").json()["counters"]
    return found


def followers(artist: Artist) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = artist.client.get(f"/v1/profiles/{artist.name}/followers").json()["items"]
    return found


def test_what_people_do_is_told_counted_and_taken_back(platform: PlatformProcess) -> None:
    ada, bob = Artist(platform), Artist(platform)
    post = ada.published(ada.post()["id"])["id"]
    for path in (f"/v1/profiles/{ada.name}/follow", f"/v1/posts/{post}/like"):
        assert bob.client.put(path).status_code == 204
    assert bob.client.post(f"/v1/posts/{post}/comments", json={"text": "Fine."}).status_code == 201
    expected = [("comment", 1), ("follow", 1), ("like", 1)]
    until(lambda: sorted(told(ada)) == expected, 60, "being told")
    until(lambda: counters(ada)["followers"] == counters(bob)["following"] == 1, 60, "being counted")

    body = {"handle": bob.name, "display_name": "Bob the Painter"}
    assert bob.client.put("/v1/me", json=body).status_code == 200
    until(lambda: [each["display_name"] for each in followers(ada)] == ["Bob the Painter"], 60, "the new name")

    assert bob.client.delete(f"/v1/posts/{post}/like").status_code == 204
    until(lambda: sorted(told(ada)) == expected[:2], 60, "taking the like back")
    assert ada.client.put(f"/v1/profiles/{bob.name}/block").status_code == 204
    assert (told(ada), followers(ada)) == ([], [])
    until(lambda: counters(ada)["followers"] == counters(bob)["following"] == 0, 60, "the end of the follow")
    assert bob.client.get(f"/v1/profiles/{ada.name}").status_code == 404


def test_no_follow_and_no_message_outlives_a_block(platform: PlatformProcess) -> None:
    for _ in range(3):
        ada, bob = Artist(platform), Artist(platform)
        talk = bob.client.post("/v1/conversations", json={"handle": ada.name}).json()["id"]

        def follow(one: Artist = ada, two: Artist = bob) -> int:
            return two.client.put(f"/v1/profiles/{one.name}/follow").status_code

        def write(two: Artist = bob, where: str = talk) -> int:
            return two.client.post(f"/v1/conversations/{where}/messages", json={"text": "x"}).status_code

        def block(one: Artist = ada, two: Artist = bob) -> int:
            return one.client.put(f"/v1/profiles/{two.name}/block").status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = [pool.submit(each) for each in (follow, write, follow, block, write, follow, block, write)]
            answered = [each.result() for each in statuses]
        assert set(answered) <= {201, 204, 404, 409, 503}, answered
        assert 204 in {answered[3], answered[6]}
        assert followers(ada) == []
        assert bob.client.get(f"/v1/profiles/{bob.name}/following").json()["items"] == []
        assert bob.client.get(f"/v1/conversations/{talk}").status_code == 404
        assert ada.client.get("/v1/conversations?folder=requests").json()["items"] == []
