"""Pinned posts: first on their author's profile, to those who may see them."""

import pytest

from tests.unit.http.api import Account, Api


def pin(api: Api, by: Account, post: str, method: str = "PUT") -> int:
    return api.ask(method, f"/v1/posts/{post}/pin", by=by).status


def pinned(api: Api, artist: Account, by: Account | None = None) -> list[str]:
    return [each["id"] for each in api.ask("GET", f"/v1/profiles/{artist.handle}", by=by).json["pinned"]]


def test_the_newest_pin_stands_first_and_three_are_pinned_at_most(api: Api, ada: Account) -> None:
    first, second, third, fourth = (api.post(ada)["id"] for _ in range(4))
    assert [pin(api, ada, each) for each in (first, second, second, third)] == [204] * 4
    assert pinned(api, ada) == pinned(api, ada, ada) == [third, second, first]
    assert [each["id"] for each in api.ask("GET", "/v1/me", by=ada).json["pinned"]] == [third, second, first]
    refused = api.ask("PUT", f"/v1/posts/{fourth}/pin", by=ada)
    assert (refused.status, refused.code) == (409, "too-many-pinned")
    assert [pin(api, ada, second, "DELETE") for _ in range(2)] == [204, 204]
    assert pin(api, ada, fourth) == 204
    assert pinned(api, ada) == [fourth, third, first]
    assert api.ask("DELETE", f"/v1/posts/{third}", by=ada).status == 204
    assert pinned(api, ada) == [fourth, first]
    assert pin(api, ada, second) == 204, "what is deleted takes no place"
    api.join(ada, bio="another")
    assert pinned(api, ada) == [second, fourth, first], "another profile has the same pins"


def test_only_own_published_posts_are_pinned(api: Api, ada: Account) -> None:
    bob = api.join()
    post, draft = api.post(ada)["id"], api.post(ada, publish="draft")["id"]
    assert pin(api, bob, post) == 404
    assert pin(api, ada, "nonsense") == 404
    assert api.ask("PUT", f"/v1/posts/{draft}/pin", by=ada).code == "post-not-published"
    assert api.ask("PUT", f"/v1/posts/{post}/pin").status == 401
    assert (pinned(api, ada), pinned(api, bob)) == ([], [])


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [
        ("public", (True, True, True, True)),
        ("followers", (True, True, False, False)),
        ("unlisted", (True, False, False, False)),
        ("private", (True, False, False, False)),
    ],
)
def test_what_was_narrowed_is_shown_to_nobody_else(
    api: Api, ada: Account, visibility: str, seen: tuple[bool, ...]
) -> None:
    fan, other = api.join(), api.join()
    assert api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=fan).status == 204
    post = api.post(ada, api.ready(ada))["id"]
    assert pin(api, ada, post) == 204
    api.ask("PATCH", f"/v1/posts/{post}", {"visibility": visibility}, by=ada)
    assert tuple(pinned(api, ada, by) == [post] for by in (ada, fan, other, None)) == seen
    page = api.ask("GET", f"/@{ada.handle}").text
    assert (f"/posts/{post}" in page) == seen[3]
    if visibility == "followers":
        [card] = api.ask("GET", f"/v1/profiles/{ada.handle}", by=fan).json["pinned"]
        assert all("/held/" in each["url"] for each in card["cover"]["thumbnails"])


def test_a_protected_artist_shows_pins_to_followers_alone(api: Api, ada: Account) -> None:
    fan = api.join()
    post = api.post(ada)["id"]
    pin(api, ada, post)
    api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=fan)
    api.join(ada, protected=True)
    assert [pinned(api, ada, by) for by in (ada, fan, None)] == [[post], [post], []]


def test_what_a_moderator_removed_is_pinned_no_more(api: Api, ada: Account) -> None:
    post = api.post(ada)["id"]
    pin(api, ada, post)
    decision = {"action": "remove", "target": f"posts/{post}", "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", decision, by=Account(groups=("moderators",))).status == 201
    assert (pinned(api, ada), pinned(api, ada, ada)) == ([], [])


def test_the_page_shows_them_before_all_others(api: Api, ada: Account) -> None:
    old, new = api.post(ada, title="An old one")["id"], api.post(ada, title="A new one")["id"]
    assert "Pinned" not in api.ask("GET", f"/@{ada.handle}").text
    pin(api, ada, old)
    page = api.ask("GET", f"/@{ada.handle}?show=posts").text
    assert page.index("Pinned") < page.index(f"/posts/{old}") < page.index(f"/posts/{new}")
