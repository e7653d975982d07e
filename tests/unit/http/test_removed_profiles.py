"""What a profile says, removed by moderators, restored and labelled: wherever it is named."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.settings import settings
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.background import Background, in_background

MODERATOR = Account(groups=("moderators",))
SAID = ("Rude Name", "Rude words", "Rude place", "rude.test")


@pytest.fixture
def background(api: Api) -> Iterator[Background]:
    del api
    with in_background() as found:
        found.settle()
        yield found


def decide(api: Api, action: str, target: str, by: Account = MODERATOR, **more: Any) -> Answer:
    body = {"action": action, "target": target, "reason": "It breaks rule 3.", **more}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def everywhere(api: Api, ada: Account, bob: Account, post: str) -> dict[str, Any]:
    paths = (
        f"/v1/profiles/{ada.handle}",
        f"/v1/profiles/{ada.handle}/posts",
        f"/v1/profiles/{bob.handle}/following",
        f"/v1/profiles/{bob.handle}/reposts",
        f"/v1/posts/{post}",
        f"/v1/posts/{post}/comments",
        "/v1/latest",
        "/v1/search?type=profiles&q=rude",
    )
    seen = {path: api.ask("GET", path).json for path in paths}
    seen["/v1/feed"] = api.ask("GET", "/v1/feed", by=bob).json
    for page in (f"/@{ada.handle}", f"/posts/{post}", f"/@{ada.handle}/feed.atom"):
        seen[page] = api.ask("GET", page).text
    return seen


def loud(avatar: str, cover: str) -> dict[str, Any]:
    name, bio, location, link = SAID
    links = [{"label": "x", "url": f"https://{link}/"}]
    fields = {"display_name": name, "bio": bio, "location": location, "links": links}
    return fields | {"avatar_media_id": avatar, "cover_media_id": cover, "mediums": ["oil"]}


def public_files(media_id: str) -> int:
    found = boto3.client("s3").list_objects_v2(Bucket=settings().derivatives_bucket, Prefix=f"media/{media_id}/")
    return int(found["KeyCount"])


def test_what_a_profile_says_is_nowhere_and_comes_back(api: Api, background: Background, ada: Account) -> None:
    bob, avatar, cover = api.join(), api.ready(ada), api.ready(ada)
    api.join(ada, **loud(avatar, cover))
    for method, path in (("PUT", f"/v1/profiles/{ada.handle}/follow"), ("GET", "/v1/feed")):
        api.ask(method, path, by=bob)
    background.settle()
    post = api.post(ada)["id"]
    api.ask("POST", f"/v1/posts/{post}/comments", {"text": "hello"}, by=ada)
    api.ask("PUT", f"/v1/posts/{post}/repost", by=bob)
    background.settle()
    before = everywhere(api, ada, bob, post)
    assert [path for path, seen in before.items() if SAID[0] not in str(seen)] == [], "the test is worth what it finds"
    report = {"target": f"profiles/{ada.handle}", "reason": "hate"}
    case = api.ask("POST", "/v1/reports", report, by=bob).json["id"]

    removed = decide(api, "remove", f"profiles/{ada.handle}")
    assert (removed.status, removed.json["target"]) == (201, f"accounts/{ada.account_id}")
    assert decide(api, "remove", f"accounts/{ada.account_id}").json == removed.json
    assert api.ask("GET", f"/v1/moderation/cases/{case}", by=MODERATOR).json["state"] == "decided"
    background.settle()
    for path, seen in everywhere(api, ada, bob, post).items():
        assert [said for said in (*SAID, avatar, cover) if said in str(seen)] == [], path
    assert (public_files(avatar), public_files(cover)) == (0, 0)
    own = api.ask("GET", "/v1/me", by=ada).json
    assert (own["removed"], own["display_name"], own["bio"]) == ("It breaks rule 3.", ada.handle, "")

    again = {"handle": ada.handle, **loud(avatar, cover)}
    assert api.ask("PUT", "/v1/me", again, by=ada).code == "profile-removed"
    quiet = {"handle": ada.handle, "display_name": ada.handle, "mediums": ["ink"]}
    assert api.ask("PUT", "/v1/me", quiet, by=ada).status == 200, "what it does not say can be chosen"
    assert decide(api, "restore", f"profiles/{ada.handle}").status == 201
    background.settle()
    after = everywhere(api, ada, bob, post)
    assert after["/v1/latest"] == before["/v1/latest"]
    assert after["/v1/feed"] == before["/v1/feed"]
    shown, was = after[f"/v1/profiles/{ada.handle}"], before[f"/v1/profiles/{ada.handle}"]
    assert shown | {"updated_at": was["updated_at"], "mediums": ["oil"]} == was
    assert {path for path, seen in after.items() if SAID[0] not in str(seen)} == set()
    assert api.ask("GET", "/v1/me", by=ada).json["removed"] is None
    assert public_files(avatar) > 0


def test_a_picture_that_was_deleted_meanwhile_stays_gone(api: Api, background: Background, ada: Account) -> None:
    avatar, cover = api.ready(ada), api.ready(ada)
    api.join(ada, **loud(avatar, cover))
    assert decide(api, "remove", f"profiles/{ada.handle}").status == 201
    assert api.ask("DELETE", f"/v1/media/{avatar}", by=ada).status == 204
    background.settle()
    assert decide(api, "restore", f"profiles/{ada.handle}").status == 201
    own = api.ask("GET", "/v1/me", by=ada).json
    assert (own["avatar_media_id"], own["cover_media_id"], own["display_name"]) == (None, cover, SAID[0])


def test_labels_of_a_profile_cover_its_pictures(api: Api, ada: Account) -> None:
    avatar = api.ready(ada)
    api.join(ada, avatar_media_id=avatar)
    path, page = f"/v1/profiles/{ada.handle}", f"/@{ada.handle}"
    assert decide(api, "label", f"profiles/{ada.handle}", labels=["nudity"]).status == 201
    assert api.ask("GET", path).json["content_warnings"] == ["nudity"]
    text = api.ask("GET", page).text
    assert ("Content warning: nudity" in text, avatar in text) == (True, False)
    api.join(ada, avatar_media_id=avatar, bio="new")
    assert api.ask("GET", path).json["content_warnings"] == ["nudity"], "its owner cannot take them off"
    assert decide(api, "restore", f"profiles/{ada.handle}").status == 201
    assert api.ask("GET", path).json["content_warnings"] == []
    assert avatar in api.ask("GET", page).text


def test_what_cannot_be_decided_about_a_profile(api: Api, ada: Account) -> None:
    target = f"profiles/{ada.handle}"
    assert decide(api, "restore", target).code == "nothing-to-decide"
    assert decide(api, "remove", target, by=Account(ada.account_id, groups=("moderators",))).fields == ["target"]
    assert decide(api, "remove", "profiles/nobody-at-all").status == 404
    assert decide(api, "remove", "studios/x").fields == ["target"]
    assert decide(api, "remove", target).status == 201
    assert decide(api, "remove", target, by=Account(groups=("moderators",))).code == "already-decided"
