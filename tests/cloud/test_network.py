"""The artists' network as its people meet it: across lists, feeds, pages, counters and notifications at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess, until

MINUTE = 60
"""Within which what is deleted, narrowed or blocked must be gone from every place, in seconds."""

type Query = Mapping[str, str]


@pytest.fixture
def someone(platform: PlatformProcess) -> Iterator[httpx.Client]:
    """A client of somebody without an account."""
    with httpx.Client(base_url=platform.base_url, timeout=60, trust_env=False) as client:
        yield client


def listed(client: httpx.Client, path: str, query: Query | None = None) -> list[dict[str, Any]]:
    """Return all items of a list, page by page; no item may come twice."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(50):
        answer = client.get(path, params={**(query or {}), **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    ids = [each.get("id") for each in found if each.get("id")]
    assert len(ids) == len(set(ids)), f"{path} gives something twice"
    return found


def places(handle: str, tag: str, word: str) -> dict[str, tuple[str, Query]]:
    """Return every list in which a public post of an artist stands, by name: its path and query."""
    return {
        "profile": (f"/v1/profiles/{handle}/posts", {}),
        "portfolio": (f"/v1/profiles/{handle}/posts", {"portfolio": "true"}),
        "latest": ("/v1/latest", {}),
        "tag": (f"/v1/tags/{tag}/posts", {}),
        "words": ("/v1/search", {"q": word, "type": "posts"}),
        "search by tag": ("/v1/search", {"tag": tag, "type": "posts"}),
        "medium": ("/v1/search", {"medium": "digital-painting", "q": word, "type": "posts"}),
    }


def shows(client: httpx.Client, post_id: str, path: str, query: Query | None = None) -> bool:
    """Tell whether a post stands in a list."""
    return any(each["id"] == post_id for each in listed(client, path, query))


def eventually(
    client: httpx.Client, post_id: str, path: str, query: Query | None = None, *, shown: bool = True
) -> None:
    """Wait until a post stands, or stands no longer, in a list."""
    what = f"{post_id} {'in' if shown else 'gone from'} {path} {query}"
    until(lambda: shows(client, post_id, path, query) == shown, MINUTE, what)


@pytest.fixture
def ann(platform: PlatformProcess) -> Artist:
    return Artist(platform)


@pytest.fixture
def bob(platform: PlatformProcess) -> Artist:
    return Artist(platform)


def follow(one: Artist, other: Artist) -> None:
    answer = one.client.put(f"/v1/profiles/{other.name}/follow")
    assert answer.status_code in {200, 202, 204}, answer.text


def kinds(artist: Artist) -> set[str]:
    """Return the kinds of an artist's notifications."""
    return {each["kind"] for each in listed(artist.client, "/v1/notifications")}


def test_a_post_reaches_followers_and_what_they_do_reaches_its_artist(ann: Artist, bob: Artist) -> None:
    follow(bob, ann)
    post = ann.published(ann.post(ann.upload(picture(1)), text="An old barn")["id"])
    eventually(bob.client, post["id"], "/v1/feed")
    eventually(ann.client, post["id"], "/v1/feed")
    words_alone = ann.post(text="And a few words")
    assert shows(ann.client, words_alone["id"], "/v1/feed"), "what oneself published is in one's own feed at once"
    assert bob.client.put(f"/v1/posts/{post['id']}/like").status_code == 204
    assert bob.client.put(f"/v1/posts/{post['id']}/like").status_code == 204
    assert bob.client.put(f"/v1/posts/{post['id']}/bookmark").status_code == 204
    comment = bob.client.post(f"/v1/posts/{post['id']}/comments", json={"text": f"Fine light, @{ann.name}"})
    assert comment.status_code == 201, comment.text

    def counted() -> bool:
        counters = ann.client.get(f"/v1/posts/{post['id']}").json()["counters"]
        return (counters["likes"], counters["comments"]) == (1, 1)

    until(counted, MINUTE, "the counters")
    until(lambda: {"follow", "like", "comment"} <= kinds(ann), MINUTE, "the notifications")
    state = bob.client.post("/v1/viewer_state", json={"posts": [post["id"]], "handles": [ann.name]})
    assert state.status_code == 200, state.text
    assert shows(bob.client, post["id"], "/v1/me/likes")
    assert shows(bob.client, post["id"], "/v1/me/bookmarks")
    assert not listed(ann.client, "/v1/me/likes")


def public_post(artist: Artist, word: str, tag: str, **more: Any) -> dict[str, Any]:
    """Publish a post that stands in every public list."""
    fields: dict[str, Any] = {"tags": [tag], "mediums": ["digital-painting"], "portfolio": True, **more}
    made = artist.post(artist.upload(picture(len(word))), title=f"The {word}", **fields)
    return artist.published(made["id"])


def words() -> tuple[str, str]:
    """Return a word and a tag that nobody else uses."""
    return f"w{uuid4().hex[:12]}", f"t{uuid4().hex[:12]}"


def test_a_public_post_is_found_everywhere_and_gone_everywhere_once_deleted(
    someone: httpx.Client, ann: Artist, bob: Artist
) -> None:
    word, tag = words()
    follow(bob, ann)
    post = public_post(ann, word, tag)
    for path, query in places(ann.name, tag, word).values():
        eventually(someone, post["id"], path, query)
    eventually(bob.client, post["id"], "/v1/feed")
    assert bob.client.put(f"/v1/posts/{post['id']}/like").status_code == 204
    assert bob.client.put(f"/v1/posts/{post['id']}/repost").status_code == 204
    until(lambda: "like" in kinds(ann), MINUTE, "the notification of a like")
    assert someone.get(f"/posts/{post['id']}").status_code == 200
    addresses = [each["url"] for each in post["media"][0]["picture"]["renditions"]]
    assert someone.get(addresses[0]).status_code == 200

    assert ann.client.delete(f"/v1/posts/{post['id']}").status_code == 204
    for path, query in places(ann.name, tag, word).values():
        eventually(someone, post["id"], path, query, shown=False)
    for path in ("/v1/feed", "/v1/me/likes"):
        eventually(bob.client, post["id"], path, shown=False)
    eventually(bob.client, post["id"], f"/v1/profiles/{bob.name}/posts", shown=False)
    until(lambda: "like" not in kinds(ann), MINUTE, "no notification of what is gone")
    assert someone.get(f"/v1/posts/{post['id']}").status_code == 404
    assert someone.get(f"/posts/{post['id']}").status_code == 404
    assert post["id"] not in someone.get(f"/@{ann.name}/feed.atom").text
    until(lambda: someone.get(addresses[0]).status_code in {403, 404}, MINUTE, "no rendition any more")


@pytest.mark.parametrize(
    "fields",
    [{"publish": "draft"}, {"visibility": "private"}, {"visibility": "followers"}, {"visibility": "unlisted"}],
    ids=["draft", "private", "followers", "unlisted"],
)
def test_what_is_not_public_leaks_nowhere(someone: httpx.Client, ann: Artist, bob: Artist, fields: Any) -> None:
    word, tag = words()
    media_id = ann.upload(picture(7))
    ann.final_media(media_id)
    more = {"tags": [tag], "mediums": ["digital-painting"], "portfolio": True, "text": f"@{bob.name} {word}", **fields}
    made = ann.post(media_id, title=f"The {word}", **more)
    if "visibility" in fields:
        ann.published(made["id"])
    # a public one made later: once it is everywhere, the other one would be, too
    marker = public_post(ann, word, tag)
    for path, query in places(ann.name, tag, word).values():
        eventually(someone, marker["id"], path, query)
        for client in (someone, bob.client):
            assert not shows(client, made["id"], path, query), f"{path} {query}"
    reachable = 200 if fields.get("visibility") == "unlisted" else 404
    for path in (f"/v1/posts/{made['id']}", f"/posts/{made['id']}"):
        assert someone.get(path).status_code == reachable
    page = f"{someone.base_url}posts/{made['id']}"
    assert someone.get("/oembed", params={"url": page}).status_code in {401, 404}
    assert made["id"] not in someone.get(f"/@{ann.name}/feed.atom").text
    assert made["id"] not in someone.get(f"/@{ann.name}").text
    assert not shows(bob.client, made["id"], "/v1/feed")
    assert shows(ann.client, made["id"], "/v1/me/posts"), "its artist sees it"
    if reachable == 404:
        assert bob.client.put(f"/v1/posts/{made['id']}/like").status_code == 404
        assert bob.client.post(f"/v1/posts/{made['id']}/comments", json={"text": "hm"}).status_code == 404
        assert bob.client.post("/v1/posts", json={"title": "q", "quote_post_id": made["id"]}).status_code == 422
        assert not [each for each in listed(bob.client, "/v1/notifications") if made["id"] in str(each)]
        assert someone.get(f"/v1/media/{media_id}").status_code == 404


def test_a_followers_only_post_is_for_followers(someone: httpx.Client, ann: Artist, bob: Artist) -> None:
    follow(bob, ann)
    post = ann.published(ann.post(ann.upload(picture(3)), visibility="followers")["id"])
    eventually(bob.client, post["id"], "/v1/feed")
    seen = bob.client.get(f"/v1/posts/{post['id']}")
    assert seen.status_code == 200
    address = seen.json()["media"][0]["picture"]["renditions"][0]["url"]
    assert someone.get(address).status_code == 200, "whoever has a signed address may fetch it while it lasts"
    assert someone.get(address.partition("?")[0]).status_code == 403
    assert bob.client.delete(f"/v1/profiles/{ann.name}/follow").status_code == 204
    eventually(bob.client, post["id"], "/v1/feed", shown=False)
    assert bob.client.get(f"/v1/posts/{post['id']}").status_code == 404


def test_a_block_parts_two_people_everywhere(ann: Artist, bob: Artist) -> None:
    word, tag = words()
    follow(bob, ann)
    post = public_post(ann, word, tag)
    eventually(bob.client, post["id"], "/v1/feed")
    for path, query in places(ann.name, tag, word).values():
        eventually(bob.client, post["id"], path, query)
    made = bob.client.post(f"/v1/posts/{post['id']}/comments", json={"text": "Hello"})
    assert made.status_code == 201
    assert ann.client.put(f"/v1/profiles/{bob.name}/block").status_code == 204

    def same_as_nobody(ask: Callable[[str, str], httpx.Response]) -> None:
        """Compare what is answered about who blocked with what is about somebody who does not exist."""
        found, nobody = ask(ann.name, post["id"]), ask("nobody_of_this_name", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        assert found.status_code == nobody.status_code == 404, found.text
        told = {key: value for key, value in found.json().items() if key not in {"request_id", "detail", "instance"}}
        assert told == {key: value for key, value in nobody.json().items() if key in told}

    bobs = bob.client
    same_as_nobody(lambda handle, _: bobs.get(f"/v1/profiles/{handle}"))
    same_as_nobody(lambda handle, _: bobs.get(f"/v1/profiles/{handle}/posts"))
    same_as_nobody(lambda handle, _: bobs.get(f"/v1/profiles/{handle}/followers"))
    same_as_nobody(lambda handle, _: bobs.put(f"/v1/profiles/{handle}/follow"))
    same_as_nobody(lambda handle, _: bobs.post("/v1/conversations", json={"handle": handle}))
    same_as_nobody(lambda _, post_id: bobs.get(f"/v1/posts/{post_id}"))
    same_as_nobody(lambda _, post_id: bobs.put(f"/v1/posts/{post_id}/like"))
    same_as_nobody(lambda _, post_id: bobs.post(f"/v1/posts/{post_id}/comments", json={"text": "Hello?"}))
    lists = {name: place for name, place in places(ann.name, tag, word).items() if "profiles" not in place[0]}
    for path, query in [*lists.values(), ("/v1/feed", {})]:
        assert not shows(bobs, post["id"], path, query), f"{path} {query}"
    comments = [each["id"] for each in listed(ann.client, f"/v1/posts/{post['id']}/comments")]
    assert made.json()["id"] not in comments
    until(lambda: "comment" not in kinds(ann), MINUTE, "no notification of who is blocked")
    assert bob.name not in str(listed(ann.client, f"/v1/profiles/{ann.name}/followers"))
    assert ann.client.get(f"/v1/profiles/{bob.name}").status_code == 404, "it is mutual"
    assert bob.name in str(listed(ann.client, "/v1/me/blocks")), "but one may look up whom one blocked"
    assert ann.client.delete(f"/v1/profiles/{bob.name}/block").status_code == 204
    assert bobs.get(f"/v1/profiles/{ann.name}").status_code == 200


def test_a_cursor_of_one_person_is_no_use_to_another(ann: Artist, bob: Artist) -> None:
    posts = [ann.published(ann.post(title=f"{number}", media=[], text="words")["id"]) for number in range(3)]
    for post in posts:
        for artist in (ann, bob):
            assert artist.client.put(f"/v1/posts/{post['id']}/bookmark").status_code == 204
    first = ann.client.get("/v1/me/bookmarks", params={"limit": "1"}).json()
    assert first["next_cursor"]
    other = bob.client.get("/v1/me/bookmarks", params={"cursor": first["next_cursor"]})
    assert other.status_code == 400
    assert "application/problem+json" in other.headers["content-type"]
    tampered = first["next_cursor"][:-2] + ("A" if first["next_cursor"][-2] != "A" else "B") + first["next_cursor"][-1]
    assert ann.client.get("/v1/me/bookmarks", params={"cursor": tampered}).status_code == 400


def test_warnings_raised_later_are_raised_everywhere(someone: httpx.Client, ann: Artist, bob: Artist) -> None:
    word, tag = words()
    follow(bob, ann)
    post = public_post(ann, word, tag)
    lists = [(someone, *place) for place in places(ann.name, tag, word).values()] + [(bob.client, "/v1/feed", {})]
    for client, path, query in lists:
        eventually(client, post["id"], path, query)
    warnings = someone.get("/v1/config").json()
    assert "content_warnings" in str(warnings)
    answer = ann.client.patch(f"/v1/posts/{post['id']}", json={"content_warnings": ["nudity"]})
    assert answer.status_code == 200, answer.text
    for client, path, query in lists:

        def raised(client: httpx.Client = client, path: str = path, query: Query = query) -> bool:
            cards = [each for each in listed(client, path, query) if each["id"] == post["id"]]
            return [each["content_warnings"] for each in cards] == [["nudity"]]

        until(raised, MINUTE, f"the warning in {path} {query}")
