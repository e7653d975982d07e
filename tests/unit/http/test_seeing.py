"""Who sees which post, wherever it could show: one rule for all of it."""

from typing import Any

import pytest

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.repositories.posts import PostRepository
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.test_lists import pages


def follow(api: Api, follower: Account, artist: Account) -> None:
    assert api.ask("PUT", f"/v1/profiles/{artist.handle}/follow", by=follower).status == 204


def listed(api: Api, artist: Account, by: Account | None = None, query: str = "") -> list[str]:
    return [post for page in pages(api, f"/v1/profiles/{artist.handle}/posts{query}", by) for post in page]


def sees(api: Api, post: str, by: Account | None) -> bool:
    """Whether somebody sees a post, and may do with it what those may who see it: the one as the other."""
    found = api.ask("GET", f"/v1/posts/{post}", by=by).status == 200
    assert (api.ask("GET", f"/v1/posts/{post}/comments", by=by).status == 200) == found
    if by is not None:
        assert (api.ask("PUT", f"/v1/posts/{post}/like", by=by).status == 204) == found
        written = api.ask("POST", f"/v1/posts/{post}/comments", {"text": "x"}, by=by)
        assert (written.status == 201) == found
    return found


def test_a_post_for_followers(api: Api, ada: Account) -> None:
    fan, other = api.join(), api.join()
    follow(api, fan, ada)
    post, public = api.post(ada, visibility="followers")["id"], api.post(ada, portfolio=True)["id"]
    assert [sees(api, post, by) for by in (ada, fan, other, None)] == [True, True, False, False]
    assert listed(api, ada, ada) == listed(api, ada, fan) == [public, post]
    assert listed(api, ada, other) == listed(api, ada) == [public]
    assert listed(api, ada, fan, "?portfolio=true") == [public]
    assert api.ask("DELETE", f"/v1/profiles/{ada.handle}/follow", by=fan).status == 204
    assert not sees(api, post, fan)
    assert listed(api, ada, fan) == [public]
    assert pages(api, "/v1/me/likes", fan) == [[]]


def test_posts_of_an_artist_who_approves_followers(api: Api, ada: Account) -> None:
    fan, other = api.join(), api.join()
    follow(api, fan, ada)
    public, unlisted = api.post(ada)["id"], api.post(ada, visibility="unlisted")["id"]
    for by in (fan, other):
        api.ask("PUT", f"/v1/posts/{public}/bookmark", by=by)
    api.join(ada, protected=True)
    assert [sees(api, public, by) for by in (ada, fan, other, None)] == [True, True, False, False]
    assert [sees(api, unlisted, by) for by in (ada, fan, other, None)] == [True, True, True, True]
    assert set(listed(api, ada, ada)) == {public, unlisted}
    assert listed(api, ada, fan) == [public]
    assert listed(api, ada, other) == listed(api, ada) == []
    answer = api.ask("PUT", f"/v1/posts/{public}/repost", by=fan)
    assert (answer.status, answer.code) == (409, "not-public")


def test_the_owner_sees_the_own_private_gallery(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id, visibility="private", portfolio=True)["id"]
    shown = api.ask("GET", f"/v1/posts/{post}", by=ada).json
    assert shown["media"][0]["picture"]["renditions"]
    assert listed(api, ada, ada, "?portfolio=true") == [post]
    (card,) = api.ask("GET", f"/v1/profiles/{ada.handle}/posts", by=ada).json["items"]
    assert card["cover"]["media_id"] == media_id
    fan = api.join()
    follow(api, fan, ada)
    for by in (None, fan):
        assert not sees(api, post, by)
        for query in ("", "?portfolio=true"):
            assert listed(api, ada, by, query) == []


@pytest.mark.parametrize("who", ["blocker", "blocked"])
def test_whom_a_block_parts(api: Api, ada: Account, who: str) -> None:
    bob = api.join()
    post = api.post(ada)["id"]
    api.ask("PUT", f"/v1/posts/{post}/like", by=bob)
    assert api.ask("GET", f"/v1/posts/{post}", by=bob).json["counters"]["likes"] >= 0
    one, two = (ada, bob) if who == "blocker" else (bob, ada)
    assert api.ask("PUT", f"/v1/profiles/{two.handle}/block", by=one).status in {200, 204}
    missing = "01M81YTG8EVXBV8JRTEB2CGT1R"

    def said(method: str, path: str, by: Account, body: Any = None) -> list[Any]:
        answers: list[Answer] = [api.ask(method, path.format(each), body, by=by) for each in (post, missing)]
        return [
            (each.status, each.text.replace(post, missing).replace(each.json["request_id"], "")) for each in answers
        ]

    for method, path, body in (
        ("GET", "/v1/posts/{}", None),
        ("GET", "/v1/posts/{}/comments", None),
        ("PUT", "/v1/posts/{}/like", None),
        ("PUT", "/v1/posts/{}/repost", None),
        ("POST", "/v1/posts/{}/comments", {"text": "x"}),
        ("POST", "/v1/posts", {"title": "x", "quote_post_id": "{}"}),
    ):
        filled = [{**body, "quote_post_id": each} for each in (post, missing)] if body and "title" in body else None
        if filled:
            quotes = [api.ask(method, path, each, by=bob) for each in filled]
            assert [(each.status, each.fields) for each in quotes] == [(422, ["quote_post_id"])] * 2
            continue
        of_post, of_missing = said(method, path, bob, body)
        assert of_post == of_missing
        assert of_post[0] == 404
    assert api.ask("GET", f"/v1/profiles/{ada.handle}/posts", by=bob).status == 404
    assert pages(api, "/v1/me/likes", bob) == [[]]
    state = api.ask("POST", "/v1/viewer_state", {"posts": [post]}, by=bob).json["posts"][post]
    assert not any(state.values())
    assert sees(api, post, None), "everyone else sees it as before"


def test_a_quote_shows_what_its_reader_may_see(api: Api, ada: Account) -> None:
    bob, fan = api.join(), api.join()
    follow(api, fan, ada)
    media_id = api.ready(ada)
    quoted = api.post(ada, media_id, title="Harbour")["id"]
    quote = api.post(bob, title="Look", quote_post_id=quoted)
    assert quote["quote"]["post"]["title"] == "Harbour"

    def shown(by: Account | None) -> str | None:
        answer = api.ask("GET", f"/v1/posts/{quote['id']}", by=by)
        told = answer.json["quote"]
        assert (told["state"] == "shown") == (told["post"] is not None)
        assert ("Harbour" in answer.text) == (media_id in answer.text) == (told["post"] is not None)
        return str(told["state"])

    assert [shown(by) for by in (None, bob, fan, ada)] == ["shown"] * 4
    api.ask("PATCH", f"/v1/posts/{quoted}", {"visibility": "followers"}, by=ada)
    assert [shown(by) for by in (None, bob, fan, ada)] == ["unavailable", "unavailable", "shown", "shown"]
    api.ask("PATCH", f"/v1/posts/{quoted}", {"visibility": "private"}, by=ada)
    assert [shown(by) for by in (None, bob, fan, ada)] == ["unavailable", "unavailable", "unavailable", "shown"]
    api.ask("DELETE", f"/v1/posts/{quoted}", by=ada)
    assert [shown(by) for by in (None, bob, fan, ada)] == ["unavailable"] * 4
    assert api.ask("PATCH", f"/v1/posts/{quote['id']}", {"title": "Still"}, by=bob).status == 200


@pytest.mark.parametrize("hidden", [{"publish": "draft"}, {"visibility": "private"}, {"visibility": "followers"}])
def test_what_one_cannot_see_cannot_be_quoted(api: Api, ada: Account, hidden: dict[str, str]) -> None:
    quoted = api.post(ada, **hidden)["id"]
    answer = api.ask("POST", "/v1/posts", {"title": "x", "quote_post_id": quoted}, by=api.join())
    assert (answer.status, answer.fields) == (422, ["quote_post_id"])


def test_people_named_in_a_post(api: Api, ada: Account) -> None:
    bob = api.join()
    post = api.post(ada, text=f"With @{bob.handle} and @nobody_at_all")
    assert post["mentions"] == [bob.handle]
    changed = api.ask("PATCH", f"/v1/posts/{post['id']}", {"title": "x"}, by=ada)
    assert changed.json["mentions"] == [bob.handle]
    assert api.ask("PATCH", f"/v1/posts/{post['id']}", {"text": "Alone"}, by=ada).json["mentions"] == []
    crowd = " ".join(f"@somebody{number}" for number in range(21))
    assert api.ask("PATCH", f"/v1/posts/{post['id']}", {"text": crowd}, by=ada).fields == ["text"]
    assert bob.account_id not in api.ask("GET", f"/v1/posts/{post['id']}").text


def test_a_draft_is_published_once(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = api.post(ada, api.ready(ada), publish="draft")["id"]
    path = f"/v1/posts/{draft}"
    save = PostRepository.save
    times: list[int] = []

    def another_first(store: PostRepository, *args: Any) -> None:
        times.append(1)
        if len(times) == 1:
            assert api.ask("PATCH", path, {"publish": "now"}, by=ada).json["state"] == "published"
        save(store, *args)

    monkeypatch.setattr(PostRepository, "save", another_first)
    published = api.ask("PATCH", path, {"publish": "now"}, by=ada).json
    assert published["state"] == "published"
    assert len(times) > 2, "the first try lost its race"
    monkeypatch.undo()
    assert pages(api, "/v1/me/posts?state=draft", ada) == [[]]
    assert listed(api, ada) == [draft]
    again = api.ask("PATCH", path, {"publish": "now"}, by=ada)
    assert (again.status, again.json["published_at"]) == (200, published["published_at"])
    for when in ("draft", "2026-12-31T00:00:00Z"):
        assert api.ask("PATCH", path, {"publish": when}, by=ada).status == 409
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").json["counters"]["posts"] == 1


def test_viewer_state(api: Api, ada: Account) -> None:
    bob, eve = api.join(), api.join()
    liked, kept, other = (api.post(ada)["id"] for _ in range(3))
    api.ask("PUT", f"/v1/posts/{liked}/like", by=bob)
    for kind in ("bookmark", "repost"):
        api.ask("PUT", f"/v1/posts/{kept}/{kind}", by=bob)
    follow(api, bob, ada)
    api.ask("PUT", f"/v1/profiles/{eve.handle}/mute", by=bob)
    body = {
        "posts": [liked, kept, other, "nonsense", liked],
        "handles": [f"@{ada.handle.upper()}", eve.handle, "no one"],
    }
    answer = api.ask("POST", "/v1/viewer_state", body, by=bob)
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
    nothing = {"liked": False, "bookmarked": False, "reposted": False}
    assert answer.json["posts"] == {
        liked: {**nothing, "liked": True},
        kept: {"liked": False, "bookmarked": True, "reposted": True},
        other: nothing,
        "nonsense": nothing,
    }
    nobody = {"following": False, "requested": False, "blocked": False, "muted": False}
    assert answer.json["handles"] == {
        ada.handle: {**nobody, "following": True},
        eve.handle: {**nobody, "muted": True},
        "no one": nobody,
    }
    assert api.ask("POST", "/v1/viewer_state", {}, by=bob).json == {"posts": {}, "handles": {}}
    many = {"posts": ["x"] * 60, "handles": ["y"] * 41}
    assert api.ask("POST", "/v1/viewer_state", many, by=bob).status == 422


def test_views(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    for each in (post, "01M81YTG8EVXBV8JRTEB2CGT1R"):
        answer = api.ask("POST", f"/v1/posts/{each}/views")
        assert (answer.status, answer.text) == (204, "")
    assert api.ask("POST", "/v1/posts/nonsense/views").status == 404
    assert set(api.ask("GET", f"/v1/posts/{post}").json["counters"]) == {"likes", "comments", "reposts", "views"}


def test_reposts_stand_on_a_profile_for_those_who_see_what_was_passed_on(api: Api, ada: Account) -> None:
    bob, eve = api.join(), api.join()
    first, second = (api.post(ada, title=title)["id"] for title in ("first", "second"))
    for post in (first, second):
        api.ask("PUT", f"/v1/posts/{post}/repost", by=bob)
    path = f"/v1/profiles/{bob.handle}/reposts"
    assert pages(api, f"{path}?limit=1") == [[second], [first]]
    assert pages(api, path, eve) == [[second, first]]
    assert api.ask("GET", path).json["items"][0]["author"]["handle"] == ada.handle
    api.ask("PUT", f"/v1/profiles/{eve.handle}/block", by=ada)
    assert pages(api, path, eve) == [[]]
    api.ask("PUT", f"/v1/profiles/{eve.handle}/block", by=bob)
    assert api.ask("GET", path, by=eve).status == 404
    api.join(bob, protected=True)
    assert pages(api, path) == [[]]
    assert pages(api, path, bob) == [[second, first]]
    assert api.ask("GET", "/v1/profiles/nobody_at_all/reposts").status == 404


def test_the_cover_is_the_picture_that_its_artist_chose(api: Api, ada: Account) -> None:
    one, two = api.ready(ada), api.ready(ada)
    post = api.post(ada, one, two, cover_media_id=two)["id"]

    def cover() -> str:
        (card,) = api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"]
        return str(card["cover"]["media_id"])

    assert cover() == two
    assert api.ask("PATCH", f"/v1/posts/{post}", {"cover_media_id": None}, by=ada).json["cover_media_id"] is None
    assert cover() == one
    assert api.ask("PATCH", f"/v1/posts/{post}", {"cover_media_id": "another"}, by=ada).fields == ["cover_media_id"]
    api.ask("PATCH", f"/v1/posts/{post}", {"cover_media_id": two}, by=ada)
    focus = [{"id": one, "alt": "A boat", "focus": {"x": 0.25, "y": 1}}]
    changed = api.ask("PATCH", f"/v1/posts/{post}", {"media": focus}, by=ada)
    assert (changed.status, changed.json["cover_media_id"], cover()) == (200, None, one)
    (card,) = api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"]
    assert (card["cover"]["alt"], card["cover"]["focus"]) == ("A boat", {"x": 0.25, "y": 1.0})


def test_a_warning_that_is_raised_later_shows_everywhere(api: Api, ada: Account) -> None:
    bob = api.join()
    post = api.post(ada, api.ready(ada), portfolio=True, tags=["sea"])["id"]
    quote = api.post(bob, title="Look", quote_post_id=post)["id"]
    for kind in ("like", "repost"):
        api.ask("PUT", f"/v1/posts/{post}/{kind}", by=bob)
    warned = api.ask("PATCH", f"/v1/posts/{post}", {"content_warnings": ["Nudity"]}, by=ada)
    assert warned.json["content_warnings"] == ["nudity"]
    upkeep = composition.errand_workers()["follow-post"]
    assert upkeep(Errand("follow-post", post)) is None
    lists = (
        *((f"/v1/profiles/{ada.handle}/posts{query}", None) for query in ("", "?portfolio=true")),
        ("/v1/me/likes", bob),
        (f"/v1/profiles/{bob.handle}/reposts", None),
    )
    for path, by in lists:
        (card,) = api.ask("GET", path, by=by).json["items"]
        assert card["content_warnings"] == ["nudity"], path
    assert api.ask("GET", f"/v1/posts/{quote}").json["quote"]["post"]["content_warnings"] == ["nudity"]
