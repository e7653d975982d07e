"""Pictures that moderators remove, restore and label: nowhere, and then again where and what they were."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.ids import id_bytes
from chalicelib.links import Edge
from chalicelib.services.publication import PublicationService
from chalicelib.settings import settings
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.background import Background, in_background

MODERATOR = Account(groups=("moderators",))


@pytest.fixture
def background(api: Api) -> Iterator[Background]:
    del api
    with in_background() as found:
        found.settle()
        yield found


def decide(api: Api, action: str, media_id: str, by: Account = MODERATOR, **more: Any) -> Answer:
    body = {"action": action, "target": f"media/{media_id}", "reason": "It breaks rule 3.", **more}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def everywhere(api: Api, ada: Account, bob: Account, post: str) -> dict[str, Any]:
    """Return all that a stranger and a follower see of Ada's picture: a post, cards, her profile, lists of people."""
    paths = (
        f"/v1/posts/{post}",
        f"/v1/profiles/{ada.handle}",
        f"/v1/profiles/{ada.handle}/posts",
        f"/v1/profiles/{bob.handle}/reposts",
        "/v1/latest",
        f"/v1/profiles/{bob.handle}/following",
    )
    seen = {path: api.ask("GET", path).json for path in paths}
    seen["/v1/feed"] = api.ask("GET", "/v1/feed", by=bob).json
    seen["/v1/me/likes"] = api.ask("GET", "/v1/me/likes", by=bob).json
    for page in (f"/@{ada.handle}", f"/posts/{post}", f"/@{ada.handle}/feed.atom"):
        seen[page] = api.ask("GET", page).text
    return seen


def registered(media_id: str) -> int:
    found = boto3.client("dynamodb").scan(TableName=settings().works_table)["Items"]
    return sum(any(each.startswith(id_bytes(media_id)) for each in item["works"]["BS"]) for item in found)


def public_files(media_id: str) -> int:
    found = boto3.client("s3").list_objects_v2(Bucket=settings().derivatives_bucket, Prefix=f"media/{media_id}/")
    return int(found["KeyCount"])


def shown(api: Api, background: Background, ada: Account) -> tuple[Account, str, str]:
    """Have Ada show a picture wherever one can be shown, and Bob follow her."""
    bob, media_id = api.join(), api.ready(ada)
    api.join(ada, avatar_media_id=media_id, cover_media_id=media_id)
    api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=bob)
    api.ask("GET", "/v1/feed", by=bob)
    background.settle()
    post = api.post(ada, media_id, portfolio=True)["id"]
    for kind in ("like", "repost"):
        assert api.ask("PUT", f"/v1/posts/{post}/{kind}", by=bob).status == 204
    background.settle()
    return bob, media_id, post


def test_a_removed_picture_is_nowhere_and_comes_back_as_it_was(api: Api, background: Background, ada: Account) -> None:
    bob, media_id, post = shown(api, background, ada)
    before, files, works = everywhere(api, ada, bob, post), public_files(media_id), registered(media_id)
    without = [path for path, seen in before.items() if media_id not in str(seen)]
    assert (without, files > 0, works > 0) == ([], True, True), "the test is worth what it finds"
    url = before[f"/v1/posts/{post}"]["media"][0]["picture"]["renditions"][0]["url"]
    with mock.patch.object(Edge, "forget") as forgotten:
        removed = decide(api, "remove", media_id)
        assert removed.status == 201, removed.text
        background.settle()
    assert any(f"/media/{media_id}/*" in path for call in forgotten.call_args_list for path in call.args[0])
    assert decide(api, "remove", media_id).json == removed.json
    name = url.rpartition("/")[2]
    for path, seen in everywhere(api, ada, bob, post).items():
        assert name not in str(seen), path
        assert f"/{media_id}/" not in str(seen), path
    assert (public_files(media_id), registered(media_id)) == (0, 0)
    assert api.ask("GET", f"/v1/media/{media_id}").status == 404
    own = api.ask("GET", f"/v1/media/{media_id}", by=ada).json
    assert (own["state"], own["reason"]["code"], own["reason"]["message"]) == (
        *("refused", "removed"),
        "It breaks rule 3.",
    )
    draft = api.post(ada, media_id)
    assert draft["state"] == "refused", "it is published nowhere else"
    assert api.ask("DELETE", f"/v1/posts/{draft['id']}", by=ada).status == 204
    background.settle()

    assert decide(api, "restore", media_id).status == 201
    background.settle()
    after = everywhere(api, ada, bob, post)
    assert {path: str(seen).count(name) for path, seen in after.items()} == {
        path: str(seen).count(name) for path, seen in before.items()
    }
    for path in ("/v1/latest", "/v1/feed", f"/v1/profiles/{ada.handle}/posts"):
        assert after[path] == before[path]
    assert (public_files(media_id), registered(media_id)) == (files, works)
    log = api.ask("GET", f"/v1/moderation/log?target=media/{media_id}", by=MODERATOR).json["items"]
    assert [each["action"] for each in log] == ["restore", "remove"]


def test_labels_of_a_picture_stand_on_every_post_that_shows_it(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id, content_warnings=["spiders"])["id"]
    assert decide(api, "label", media_id, labels=["gore"]).status == 201
    later = api.post(ada, media_id)["id"]
    background.settle()
    cards = {each["id"]: each["content_warnings"] for each in api.ask("GET", "/v1/latest").json["items"]}
    assert (cards[post], cards[later]) == (["spiders", "gore"], ["gore"])
    assert api.ask("PATCH", f"/v1/posts/{later}", {"content_warnings": []}, by=ada).status == 200
    assert api.ask("GET", f"/v1/posts/{later}").json["content_warnings"] == ["gore"]
    other = api.ready(ada)
    assert api.ask("PATCH", f"/v1/posts/{later}", {"media": [{"id": other}]}, by=ada).status == 200
    assert api.ask("GET", f"/v1/posts/{later}").json["content_warnings"] == []
    assert decide(api, "restore", media_id).status == 201
    assert api.ask("GET", f"/v1/posts/{post}").json["content_warnings"] == ["spiders"]


def test_a_decision_that_was_cut_short_the_sweep_ends(api: Api, background: Background, ada: Account) -> None:
    del background
    media_id = api.ready(ada)
    post = api.post(ada, media_id)["id"]
    with mock.patch.object(PublicationService, "renew_users", side_effect=TemporaryError):
        assert decide(api, "remove", media_id).status == 201
    assert api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"][0]["cover"] is not None
    in_a_while = clock.now() + timedelta(minutes=5)
    replace(composition.sweep_service(), now=lambda: in_a_while).run(clock.now() - timedelta(hours=1))
    assert api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"][0]["cover"] is None
    assert api.ask("GET", f"/v1/posts/{post}").json["media"][0]["picture"] is None


def appeal(api: Api, by: Account, media_id: str, text: str = "It is a study.") -> Answer:
    return api.ask("POST", f"/v1/media/{media_id}/appeals", {"text": text}, by=by)


def told(api: Api, by: Account, media_id: str) -> Any:
    return api.ask("GET", f"/v1/media/{media_id}", by=by).json["appeal"]


def test_an_appeal_against_a_removal_brings_a_picture_back(api: Api, background: Background, ada: Account) -> None:
    media_id, sketch = api.ready(ada), api.ready(ada)
    post = api.post(ada, media_id)["id"]
    assert appeal(api, ada, media_id).code == "not-appealable"
    assert decide(api, "remove", media_id).status == 201
    background.settle()
    assert decide(api, "grant_appeal", media_id).status == 409, "nobody asked"
    body = {"text": "It is a study.", "process_media_ids": [sketch]}
    opened = api.ask("POST", f"/v1/media/{media_id}/appeals", body, by=ada)
    assert (opened.status, opened.json["state"]) == (201, "open"), opened.text
    assert told(api, ada, media_id) == opened.json
    assert appeal(api, ada, media_id).code == "appeal-open"
    assert decide(api, "label", media_id, labels=["gore"]).status == 201, "no word on the appeal"
    queue = api.ask("GET", "/v1/moderation/queue?kind=appeal&limit=50", by=MODERATOR).json["items"]
    [case] = [each for each in queue if each["target"] == f"media/{media_id}"]
    seen = api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=MODERATOR).json
    assert (seen["evidence"], len(seen["pictures"])) == (["It breaks rule 3."], 1)
    assert all(f"/held/{media_id}/" in each["url"] for each in seen["subject"]["files"])
    assert seen["subject"]["files"], "moderators see what they decide about"
    granted = decide(api, "grant_appeal", media_id)
    assert granted.status == 201, granted.text
    assert decide(api, "grant_appeal", media_id).json == granted.json
    assert decide(api, "refuse_appeal", media_id, by=Account(groups=("moderators",))).code == "already-decided"
    background.settle()
    assert api.ask("GET", f"/v1/posts/{post}").json["media"][0]["picture"] is not None
    assert told(api, ada, media_id)["state"] == "granted"

    assert decide(api, "remove", media_id, reason="Once more.").status == 201
    assert appeal(api, ada, media_id).status == 201, "another removal"
    refused = decide(api, "refuse_appeal", media_id)
    assert decide(api, "refuse_appeal", media_id).json == refused.json
    assert (told(api, ada, media_id)["state"], told(api, ada, media_id)["answer"]) == ("refused", "It breaks rule 3.")
    assert appeal(api, ada, media_id).code == "appeal-decided"
    assert decide(api, "restore", media_id).status == 201
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["state"] == "ready"


def test_restoring_a_picture_closes_the_appeal_and_other_refusals_stay(api: Api, ada: Account) -> None:
    """A picture that was refused, cleared, shown and removed has two appeals, each with its own word."""
    media_id = api.refused(ada)
    assert appeal(api, ada, media_id).status == 201
    assert decide(api, "grant_appeal", media_id).status == 201
    api.arrive(ada, media_id)
    assert decide(api, "remove", media_id).status == 201
    assert told(api, ada, media_id) is None
    assert appeal(api, ada, media_id, "Still mine.").status == 201
    assert decide(api, "restore", media_id).status == 201
    assert told(api, ada, media_id)["state"] == "granted"
    queue = api.ask("GET", "/v1/moderation/queue?kind=appeal&limit=50", by=MODERATOR).json["items"]
    assert f"media/{media_id}" not in [each["target"] for each in queue]


def test_what_cannot_be_decided_about_a_picture(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    assert decide(api, "restore", media_id).code == "nothing-to-decide"
    assert decide(api, "remove", media_id, by=Account(ada.account_id, groups=("moderators",))).fields == ["target"]
    assert decide(api, "remove", "0" * 26).status == 404
    assert decide(api, "remove", api.refused(ada)).code == "nothing-to-decide"
    assert decide(api, "remove", media_id).status == 201
    assert decide(api, "remove", media_id, by=Account(groups=("moderators",))).code == "already-decided"
    choice = api.ask("PUT", f"/v1/media/{media_id}/data_mining", {"data_mining": "all"}, by=ada)
    assert choice.code == "media-not-ready"
    assert api.ask("DELETE", f"/v1/media/{media_id}", by=ada).status == 204
