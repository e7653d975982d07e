"""Profiles, uploads, media and posts, as clients use them."""

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.domain import clock
from chalicelib.domain.screening import Evidence, Screening
from chalicelib.repositories.media import MediaRepository
from chalicelib.settings import settings
from chalicelib.triggers.uploads import arrivals
from tests.support.fakes import protected_picture
from tests.unit.http.api import UPLOAD, Account, Answer, Api

PUBLIC = "public, max-age=0, s-maxage=60"
PRIVATE = "private, no-store"


def public_files() -> list[str]:
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings().derivatives_bucket)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [key for key in keys if not key.startswith("held/")]


def profile(account: Account, **changes: object) -> dict[str, object]:
    return {"handle": account.handle, "display_name": "Ada", **changes}


# ---------------------------------------------------------------------- profiles


def test_profile(api: Api) -> None:
    ada = Account()
    body = profile(
        ada,
        handle=f" @{ada.handle.upper()} ",
        bio="Line\nLine",
        location="Berlin",
        links=[{"label": "Site", "url": "https://ada.test/x?y=1"}],
        mediums=["Oil Painting", "ink", "INK"],
        software=["Krita"],
        account_type="portfolio",
        availability="freelance",
    )
    created = api.ask("PUT", "/v1/me", body, by=ada)
    assert (created.status, created.headers["location"]) == (201, f"/v1/profiles/{ada.handle}")
    assert (created.headers["cache-control"], created.headers["etag"]) == (PRIVATE, '"1"')
    assert created.json["handle"] == ada.handle
    assert created.json["mediums"] == ["oil-painting", "ink"]
    assert created.json["counters"] == {"posts": 0, "followers": 0, "following": 0}

    own = api.ask("GET", "/v1/me", by=ada)
    assert (own.json, own.headers["cache-control"], own.headers["etag"]) == (created.json, PRIVATE, '"1"')
    for handle in (ada.handle, ada.handle.upper(), f"@{ada.handle}", f"%40{ada.handle}"):
        public = api.ask("GET", f"/v1/profiles/{handle}")
        assert public.headers["cache-control"] == PUBLIC
        own_alone = {
            *("account_id", "avatar_media_id", "cover_media_id"),
            *("rights", "watermark", "suspended", "removed", "suspension_appeal", "removal_appeal"),
        }
        assert public.json == {name: value for name, value in created.json.items() if name not in own_alone}
    replaced = api.ask("PUT", "/v1/me", profile(ada), by=ada)
    assert (replaced.status, replaced.headers["etag"], replaced.json["bio"]) == (200, '"2"', "")
    assert "location" not in replaced.headers


def test_rights_are_for_their_owner_and_lead_to_https(api: Api, ada: Account) -> None:
    rights = {"creator": "Ada L.", "rights": "© Ada", "web_statement": "https://ada.test/rights"}
    own = api.ask("PUT", "/v1/me", profile(ada, rights=rights), by=ada).json
    assert own["rights"] == {"credit": "", "usage_terms": "", **rights}
    assert api.ask("GET", "/v1/me", by=ada).json["rights"] == own["rights"]
    assert "rights" not in api.ask("GET", f"/v1/profiles/{ada.handle}").json
    for field, value in {"web_statement": "http://ada.test/", "creator": "x" * 101, "credit": "a\nb"}.items():
        refused = api.ask("PUT", "/v1/me", profile(ada, rights={field: value}), by=ada)
        assert (refused.status, refused.fields) == (422, [f"rights.{field}"])
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada).json["rights"]["creator"] == ""


def test_handle_that_is_taken(api: Api, ada: Account) -> None:
    answer = api.ask("PUT", "/v1/me", profile(Account(), handle=ada.handle.upper()), by=Account())
    assert (answer.status, answer.code) == (409, "handle-taken")


def test_handle_changes_once(api: Api, ada: Account) -> None:
    assert api.ask("PUT", "/v1/me", profile(ada, handle=ada.handle + "2"), by=ada).status == 200
    answer = api.ask("PUT", "/v1/me", profile(ada, handle=ada.handle + "3"), by=ada)
    assert (answer.status, answer.code) == (409, "handle-locked")
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").status == 404


def test_profile_if_match(api: Api, ada: Account) -> None:
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada, if_match='"7"').status == 412
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada, if_match='"1"').status == 200
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada, if_match='"1"').status == 412
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada, if_match="*").status == 200
    assert api.ask("PUT", "/v1/me", profile(ada), by=ada, if_match="9" * 6000).status == 412
    nobody = Account()
    assert api.ask("PUT", "/v1/me", profile(nobody), by=nobody, if_match="*").status == 412


def test_profile_not_modified(api: Api, ada: Account) -> None:
    first = api.ask("GET", f"/v1/profiles/{ada.handle}")
    again = api.ask("GET", f"/v1/profiles/{ada.handle}", if_none_match=first.headers["etag"])
    assert (again.status, again.headers["etag"]) == (304, first.headers["etag"])
    assert again.headers["cache-control"] == PUBLIC
    api.post(ada)
    changed = api.ask("GET", f"/v1/profiles/{ada.handle}", if_none_match=first.headers["etag"])
    assert (changed.status, changed.json["counters"]) == (200, {"posts": 1, "followers": 0, "following": 0})


def test_avatar(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    answer = api.ask("PUT", "/v1/me", profile(ada, avatar_media_id=media_id), by=ada)
    assert answer.json["avatar"]["media_id"] == answer.json["avatar_media_id"] == media_id
    shown = api.ask("GET", f"/v1/profiles/{ada.handle}").json["avatar"]["renditions"]
    keys = [rendition["url"].removeprefix("https://media.cara.test/") for rendition in shown]
    assert set(keys) <= set(public_files())
    api.ask("PUT", "/v1/me", profile(ada), by=ada)
    assert not set(keys) & set(public_files())


# ---------------------------------------------------------------------- uploads and media


def test_upload_and_media(api: Api, ada: Account) -> None:
    created = api.ask("POST", "/v1/uploads", {**UPLOAD, "cloak": "high", "content_type": " IMAGE/PNG "}, by=ada)
    media_id = created.json["media_id"]
    assert created.status == 201
    assert created.headers["location"] == f"/v1/media/{media_id}"
    assert created.headers["cache-control"] == PRIVATE
    form = created.json["upload"]
    assert form["fields"]["key"] == f"originals/{ada.account_id}/{media_id}"
    assert form["fields"]["Content-Type"] == "image/png"
    assert {"policy", "x-amz-signature"} <= set(form["fields"])

    waiting = api.ask("GET", f"/v1/media/{media_id}", by=ada)
    assert (waiting.json["state"], waiting.json["cloak"]) == ("awaiting_upload", "high")
    assert waiting.headers["cache-control"] == PRIVATE
    protection = api.ask("GET", f"/v1/media/{media_id}/protection", by=ada)
    assert (protection.status, protection.code) == (409, "media-not-ready")
    for asker in (None, Account()):
        assert api.ask("GET", f"/v1/media/{media_id}", by=asker).status == 404
        assert api.ask("GET", f"/v1/media/{media_id}/protection", by=asker).status == 404

    api.arrive(ada, media_id)
    ready = api.ask("GET", f"/v1/media/{media_id}", by=ada)
    assert (ready.json["state"], ready.json["public"]) == ("ready", False)
    assert ready.headers["etag"] != waiting.headers["etag"]
    assert [each["width"] for each in ready.json["renditions"]] == [320, 640]
    assert api.ask("GET", f"/v1/media/{media_id}").status == 404
    record = api.ask("GET", f"/v1/media/{media_id}/protection", by=ada)
    assert record.headers["cache-control"] == PRIVATE
    cloak = record.json["cloak"]
    assert (cloak["level"], cloak["applied"], cloak["psnr_db"], cloak["floor_reached"]) == ("high", True, 33.333, True)
    assert cloak["encoders"] == {"lite0": {"none": 1.1, "jpeg75": 1.0, "jpeg75_half": 0.75}}
    assert any("Not shown" in limit for limit in cloak["limits"])
    assert not any(media_id in key for key in public_files())

    api.post(ada, media_id)
    public = api.ask("GET", f"/v1/media/{media_id}")
    assert (public.status, public.headers["cache-control"]) == (200, PUBLIC)
    assert not {"filename", "content_type", "bytes", "cloak"} & set(public.json)
    assert api.ask("GET", f"/v1/media/{media_id}", by=Account()).headers["cache-control"] == PRIVATE
    assert api.ask("GET", f"/v1/media/{media_id}/protection").headers["cache-control"] == PUBLIC
    files = [each["url"].removeprefix("https://media.cara.test/") for each in public.json["renditions"]]
    assert sorted(key for key in public_files() if media_id in key) == sorted(files)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("media", {}),
        ("media", {"data_mining": "all-but-search"}),
        ("unindexed", {"data_mining": "all"}),
        ("open", {"data_mining": "allowed", "confirm_ai_training": True}),
    ],
)
def test_a_picture_is_published_where_its_artists_choice_is_said(
    api: Api, ada: Account, path: str, fields: dict[str, object]
) -> None:
    media_id = api.ready(ada, **fields)
    post = api.post(ada, media_id)
    start = f"https://media.cara.test/{path}/{media_id}/"
    [cover] = [each["cover"] for each in api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"]]
    shown = api.ask("GET", f"/v1/media/{media_id}").json["renditions"]
    record = api.ask("GET", f"/v1/media/{media_id}/protection").json["renditions"]
    for each in [*shown, *record, *cover["thumbnails"], *post["media"][0]["picture"]["renditions"]]:
        assert each["url"].startswith(start)
    keys = {each["url"].removeprefix("https://media.cara.test/") for each in shown}
    assert {key for key in public_files() if media_id in key} == keys
    api.ask("PATCH", f"/v1/posts/{post['id']}", {"visibility": "private"}, by=ada)
    assert not [key for key in public_files() if media_id in key]


def test_training_is_prohibited_unless_its_artist_allows_and_confirms_it(api: Api, ada: Account) -> None:
    refused = api.ask("POST", "/v1/uploads", {**UPLOAD, "data_mining": "allowed"}, by=ada)
    assert (refused.status, refused.fields) == (422, ["confirm_ai_training"])
    assert "train artificial intelligence on this picture" in refused.json["errors"][0]["message"]
    assert api.ask("POST", "/v1/uploads", {**UPLOAD, "data_mining": "some"}, by=ada).fields == ["data_mining"]

    given: dict[str, dict[str, object]] = {
        "allowed": {"data_mining": "allowed", "confirm_ai_training": True},
        "all": {"data_mining": "all"},
    }
    shown = {}
    for choice, body in [("ai-training", {}), *given.items()]:
        media_id = api.ask("POST", "/v1/uploads", {**UPLOAD, **body}, by=ada).json["media_id"]
        assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["data_mining"] == choice
        api.arrive(ada, media_id)
        assert api.ask("GET", f"/v1/media/{media_id}/protection", by=ada).json["data_mining"] == choice
        shown[choice] = media_id
    assert api.post(ada, shown["allowed"])["data_mining"] == "allowed"
    post = api.post(ada, shown["allowed"], shown["all"], shown["ai-training"])
    assert api.ask("GET", f"/v1/posts/{post['id']}").json["data_mining"] == "all"
    assert api.post(ada)["data_mining"] == "ai-training"


def test_another_choice_for_a_picture(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    path = f"/v1/media/{media_id}/data_mining"
    assert api.ask("PUT", path, {"data_mining": "allowed"}, by=ada).fields == ["confirm_ai_training"]
    assert api.ask("PUT", path, {"data_mining": "all"}, by=Account()).status == 404
    chosen = api.ask("PUT", path, {"data_mining": "allowed", "confirm_ai_training": True}, by=ada)
    assert (chosen.status, chosen.headers["cache-control"]) == (200, PRIVATE)
    assert (chosen.json["state"], chosen.json["data_mining"]) == ("queued", "ai-training")
    assert chosen.json["data_mining_chosen"] == "allowed"
    [message] = boto3.client("sqs").receive_message(QueueUrl=settings().protect_queue_url)["Messages"]
    [arrival] = arrivals(message["Body"])
    assert arrival.key == f"originals/{ada.account_id}/{media_id}"
    api.arrive(ada, media_id)
    assert api.ask("GET", f"/v1/media/{media_id}/protection", by=ada).json["data_mining"] == "allowed"
    post = api.post(ada, media_id)
    assert api.ask("PUT", path, {"data_mining": "all"}, by=ada).json["state"] == "queued"
    seen = api.ask("GET", f"/v1/media/{media_id}").json
    assert (seen["state"], seen["data_mining"], "data_mining_chosen" in seen) == ("ready", "allowed", False)
    api.arrive(ada, media_id)
    shown = api.ask("GET", f"/v1/posts/{post['id']}").json
    assert shown["data_mining"] == "all"
    assert all("/unindexed/" in each["url"] for each in shown["media"][0]["picture"]["renditions"])


def test_a_posts_choice(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    body = {"title": "x", "media": [{"id": media_id}], "data_mining": "allowed"}
    assert api.ask("POST", "/v1/posts", body, by=ada).fields == ["confirm_ai_training"]
    post = api.ask("POST", "/v1/posts", body | {"confirm_ai_training": True}, by=ada).json
    assert post["state"] == "processing"
    api.arrive(ada, media_id)
    path = f"/v1/posts/{post['id']}"
    assert api.ask("GET", path).json["data_mining"] == "allowed"
    assert api.ask("PATCH", path, {"data_mining": "all"}, by=ada).json["state"] == "published"
    api.arrive(ada, media_id)
    assert api.ask("GET", path).json["data_mining"] == "all"


def test_waiting_for_what_is_ready_answers_at_once(api: Api, ada: Account) -> None:
    assert api.ask("GET", f"/v1/media/{api.ready(ada)}?wait=20", by=ada).json["state"] == "ready"


# ---------------------------------------------------------------------- posts


def test_post(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    body = {
        "title": " Harbour ",
        "text": "One\r\nTwo",
        "media": [{"id": media_id, "alt": "Boats", "focus": {"x": 0.25, "y": 1}}],
        "tags": ["#Plein Air"],
        "mediums": ["Oil Painting"],
        "portfolio": True,
    }
    created = api.ask("POST", "/v1/posts", body, by=ada)
    assert created.status == 201
    post = created.json
    assert created.headers["location"] == f"/v1/posts/{post['id']}"
    assert created.headers["cache-control"] == PRIVATE
    assert (post["state"], post["title"], post["text"]) == ("published", "Harbour", "One\nTwo")
    assert (post["tags"], post["mediums"]) == (["plein-air"], ["oil-painting"])
    (picture,) = post["media"]
    assert (picture["alt"], picture["focus"], picture["state"]) == ("Boats", {"x": 0.25, "y": 1}, "ready")
    assert picture["picture"]["media_id"] == media_id

    read = api.ask("GET", f"/v1/posts/{post['id']}")
    assert read.json == post
    assert (read.headers["cache-control"], read.headers["etag"]) == (PUBLIC, created.headers["etag"])
    assert api.ask("GET", f"/v1/posts/{post['id']}", by=ada).headers["cache-control"] == PRIVATE
    again = api.ask("GET", f"/v1/posts/{post['id']}", if_none_match=f"W/{read.headers['etag']}")
    assert (again.status, again.text) == (304, "")


def test_answers_that_may_be_kept_are_the_same_for_all(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id)["id"]
    for path in (f"/v1/posts/{post}", f"/v1/media/{media_id}/protection", f"/v1/profiles/{ada.handle}/posts"):
        stranger = api.ask("GET", path)
        assert stranger.headers["cache-control"] == PUBLIC
        for asker in (ada, Account()):
            answer = api.ask("GET", path, by=asker)
            assert (answer.json, answer.headers["cache-control"]) == (stranger.json, PRIVATE)
        for word in (ada.account_id, "liked", "following", "bookmarked"):
            assert word not in stranger.text


def test_disclosure_is_shown_and_filtered(api: Api, ada: Account) -> None:
    def ready(**said: str) -> str:
        media_id = str(api.ask("POST", "/v1/uploads", {**UPLOAD, **said}, by=ada).json["media_id"])
        api.arrive(ada, media_id)
        return media_id

    assisted = ready(ai_disclosure="assisted")
    with_ai, without = api.post(ada, assisted), api.post(ada, ready())
    assert (with_ai["ai_disclosure"], without["ai_disclosure"]) == ("assisted", None)
    for own in (ada, None):
        media = api.ask("GET", f"/v1/media/{assisted}", by=own).json
        assert media["ai_disclosure"] == "assisted"
        assert media["screening"] == {"verdict": "none", "cleared": False, "evidence": []}
    record = api.ask("GET", f"/v1/media/{assisted}/protection").json
    assert (record["ai_disclosure"], record["screening"]["verdict"]) == ("assisted", "none")

    path = f"/v1/profiles/{ada.handle}/posts"
    for asker in (ada, None):
        listed = api.ask("GET", path, by=asker).json["items"]
        assert {each["id"]: each["ai_disclosure"] for each in listed} == {
            with_ai["id"]: "assisted",
            without["id"]: None,
        }
        assert api.ask("GET", f"{path}?ai=include", by=asker).json["items"] == listed
        kept = api.ask("GET", f"{path}?ai=exclude", by=asker).json["items"]
        assert [each["id"] for each in kept] == [without["id"]]
    assert api.ask("GET", f"{path}?ai=perhaps").status == 422


def test_disclosure_that_contradicts_itself(api: Api, ada: Account) -> None:
    answer = api.ask("POST", "/v1/uploads", {**UPLOAD, "ai_disclosure": "assisted", "human_made": True}, by=ada)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "human_made")
    assert api.ask("POST", "/v1/uploads", {**UPLOAD, "ai_disclosure": "none", "human_made": True}, by=ada).status == 201


def test_label_of_a_picture_that_declares_edits(api: Api, ada: Account) -> None:
    found = Screening("edited", (Evidence("apple", "JPEG XMP Credit", "Apple Photos Generative Edit"),))
    media_id = api.upload(ada)
    api.arrive(ada, media_id, lambda data, _: replace(protected_picture(data), screening=found))
    assert api.post(ada, media_id)["ai_disclosure"] == "assisted"
    evidence = {"signal": "apple", "where": "JPEG XMP Credit", "value": "Apple Photos Generative Edit"}
    own = api.ask("GET", f"/v1/media/{media_id}", by=ada).json["screening"]
    assert own == {"verdict": "edited", "cleared": False, "evidence": [evidence]}
    shown = {"verdict": "edited", "cleared": False, "evidence": [{**evidence, "value": None}]}
    assert api.ask("GET", f"/v1/media/{media_id}").json["screening"] == shown
    assert api.ask("GET", f"/v1/media/{media_id}/protection").json["screening"] == shown

    media = MediaRepository().get(media_id)
    assert media is not None
    MediaRepository().save_state(media, replace(media, cleared=True), clock.now())
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["screening"] == {**own, "cleared": True}
    cleared = {"verdict": "none", "cleared": True, "evidence": []}
    assert api.ask("GET", f"/v1/media/{media_id}").json["screening"] == cleared


def test_post_waits_for_its_picture(api: Api, ada: Account) -> None:
    media_id = api.upload(ada)
    post = api.post(ada, media_id)
    assert (post["state"], post["media"][0]["picture"]) == ("processing", None)
    own = api.ask("GET", f"/v1/posts/{post['id']}", by=ada)
    assert api.ask("GET", f"/v1/posts/{post['id']}", by=ada, if_none_match=own.headers["etag"]).status == 200
    assert api.ask("GET", f"/v1/posts/{post['id']}").status == 404
    api.arrive(ada, media_id)
    assert api.ask("GET", f"/v1/posts/{post['id']}").json["state"] == "published"


def test_change_and_delete(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    created = api.ask("POST", "/v1/posts", {"title": "x", "media": [{"id": media_id}]}, by=ada)
    path, tag = f"/v1/posts/{created.json['id']}", created.headers["etag"]
    assert api.ask("PATCH", path, {"title": "y"}, by=ada, if_match='"999"').status == 412
    assert api.ask("PATCH", path, {"title": "y"}, by=ada, if_match='"x"').status == 412
    assert api.ask("PATCH", path, {"title": "y"}, by=Account()).status == 404
    changed = api.ask("PATCH", path, {"title": "y", "visibility": "private"}, by=ada, if_match=tag)
    assert (changed.status, changed.json["title"], changed.json["visibility"]) == (200, "y", "private")
    assert [each["id"] for each in changed.json["media"]] == [media_id]
    assert "/held/" in changed.json["media"][0]["picture"]["renditions"][0]["url"]
    assert changed.headers["etag"] != tag
    assert api.ask("GET", path).status == 404
    assert not any(media_id in key for key in public_files())
    assert api.ask("PATCH", path, {"title": "z"}, by=ada, if_match=tag).status == 412
    assert api.ask("DELETE", path, by=ada, if_match=tag).status == 412
    assert api.ask("DELETE", path, by=Account()).status == 404
    gone = api.ask("DELETE", path, by=ada, if_match=changed.headers["etag"])
    assert (gone.status, gone.text) == (204, "")
    assert api.ask("DELETE", path, by=ada).status == 404
    assert api.ask("GET", path, by=ada).status == 404


def test_change_of_what_is_published(api: Api, ada: Account) -> None:
    path = f"/v1/posts/{api.post(ada)['id']}"
    assert api.ask("PATCH", path, {"publish": "draft"}, by=ada).status == 409
    answer = api.ask("PATCH", path, {"media": [{"id": api.upload(ada)}]}, by=ada)
    assert (answer.status, answer.code) == (409, "media-not-ready")
    assert api.ask("PATCH", path, {"media": [{"id": "x"}]}, by=ada).fields == ["media[0].id"]
    assert api.ask("PATCH", path, {"nonsense": 1}, by=ada).fields == ["nonsense"]
    assert api.ask("PATCH", path, {"title": ""}, by=ada).fields == ["text"]
    assert api.ask("PATCH", path, {}, by=ada).status == 200


def test_schedule(api: Api, ada: Account) -> None:
    moment = datetime.now(UTC) + timedelta(days=1)
    post = api.post(ada, publish=moment.isoformat())
    assert (post["state"], post["publish_at"]) == ("scheduled", clock.to_text(moment))
    changed = api.ask("PATCH", f"/v1/posts/{post['id']}", {"publish": "now"}, by=ada)
    assert (changed.json["state"], changed.json["publish_at"]) == ("published", None)


# ---------------------------------------------------------------------- idempotency


@pytest.mark.parametrize(
    ("path", "body", "another"),
    [("/v1/posts", {"title": "once"}, {"title": "another"}), ("/v1/uploads", UPLOAD, {**UPLOAD, "bytes": 5})],
)
def test_idempotency(api: Api, ada: Account, path: str, body: dict[str, object], another: dict[str, object]) -> None:
    first = api.ask("POST", path, body, by=ada, idempotency_key="k" * 255)
    again = api.ask("POST", path, body, by=ada, idempotency_key="k" * 255)
    assert (again.status, again.text) == (first.status, first.text) == (201, first.text)
    for name in ("location", "cache-control", "content-type", "etag"):
        assert again.headers.get(name) == first.headers.get(name)
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    other_body = api.ask("POST", path, another, by=ada, idempotency_key="k" * 255)
    assert (other_body.status, other_body.code) == (422, "idempotency-key-reused")
    other_key = api.ask("POST", path, body, by=ada, idempotency_key="k2")
    assert (other_key.status, other_key.text != first.text) == (201, True)


def test_keys_belong_to_an_account(api: Api, ada: Account) -> None:
    mine = api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="same")
    theirs = api.ask("POST", "/v1/posts", {"title": "x"}, by=api.join(), idempotency_key="same")
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.json["id"] != theirs.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_keys_of_another_form(api: Api, ada: Account, key: str) -> None:
    assert api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key=key).status == 400


@pytest.mark.parametrize(("path", "body"), [("/v1/posts", {"title": "x"}), ("/v1/uploads", UPLOAD)])
def test_request_in_flight(
    api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, object]
) -> None:
    from chalicelib import composition

    seen: list[Answer] = []
    name = "post" if path == "/v1/posts" else "media"
    make = getattr(composition, f"{name}_service")

    def meanwhile() -> object:
        if not seen:
            seen.append(api.ask("POST", path, body, by=ada, idempotency_key="flight"))
        return make()

    monkeypatch.setattr(
        f"chalicelib.handlers.{name}s.{name}_service" if name == "post" else "chalicelib.handlers.media.media_service",
        meanwhile,
    )
    assert api.ask("POST", path, body, by=ada, idempotency_key="flight").status == 201
    assert (seen[0].status, seen[0].code) == (409, "conflict")


def test_largest_post_is_remembered_once(api: Api, ada: Account) -> None:
    """Twenty pictures with the longest texts, in the dearest of characters: one post, however often it is asked for."""
    media = [{"id": api.ready(ada), "alt": "😀" * 1500} for _ in range(20)]
    body = {"text": "😀" * 5000, "media": media, "publish": "draft"}
    answers = [api.ask("POST", "/v1/posts", body, by=ada, idempotency_key="large") for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    assert len(api.ask("GET", "/v1/me/posts", by=ada).json["items"]) == 1


def test_another_name_of_the_author_is_another_answer(api: Api, ada: Account) -> None:
    post_id = api.ask("POST", "/v1/posts", {"title": "x"}, by=ada).json["id"]
    tag = api.ask("GET", f"/v1/posts/{post_id}").headers["etag"]
    assert api.ask("GET", f"/v1/posts/{post_id}", if_none_match=tag).status == 304
    api.ask("PUT", "/v1/me", {"handle": ada.handle, "display_name": "Renamed"}, by=ada)
    renamed = api.ask("GET", f"/v1/posts/{post_id}", if_none_match=tag)
    assert (renamed.status, renamed.json["author"]["display_name"]) == (200, "Renamed")
    assert api.ask("PATCH", f"/v1/posts/{post_id}", {"title": "y"}, by=ada, if_match=tag).status == 200


def test_answers_that_a_token_changes_say_so(api: Api, ada: Account) -> None:
    assert api.ask("GET", f"/v1/profiles/{ada.handle}/posts").headers["vary"] == "Authorization"


@pytest.mark.parametrize(
    ("path", "body", "seconds"), [("/v1/posts", {"title": "x"}, 86400), ("/v1/uploads", UPLOAD, 900)]
)
def test_answer_is_kept_no_longer_than_it_is_of_use(api: Api, path: str, body: dict[str, object], seconds: int) -> None:
    """A form that has expired helps nobody, however the request for it is repeated."""
    asked = time.time()
    assert api.ask("POST", path, body, by=api.join(), idempotency_key="kept").status == 201
    items = boto3.client("dynamodb").scan(TableName=settings().idempotency_table)["Items"]
    items = [item for item in items if "in_progress_expiration" in item]  # allowances stand there as well
    newest = max(items, key=lambda item: int(item["in_progress_expiration"]["N"]))
    assert asked + seconds - 1 <= int(newest["expiration"]["N"]) <= time.time() + seconds + 1


def test_options_of_an_upload_are_recorded(api: Api) -> None:
    mark = {"text": "© Ada", "position": "top-left", "opacity": 0.3}
    ada = api.join(watermark=mark)
    assert api.ask("GET", "/v1/me", by=ada).json["watermark"] == mark
    media_id = api.ready(ada, display_size=1280, watermark=True)
    media = api.ask("GET", f"/v1/media/{media_id}", by=ada).json
    assert (media["display_size"], media["watermark"]) == (1280, True)
    record = api.ask("GET", f"/v1/media/{media_id}/protection", by=ada).json
    assert (record["display_size"], record["watermark"]) == (1280, mark)
    signed = json.loads(base64.urlsafe_b64decode(record["signature"].split(".")[1] + "=="))
    assert (signed["display_size"], signed["watermark"]) == (1280, mark)
    plain = api.ask("GET", f"/v1/media/{api.ready(ada)}/protection", by=ada).json
    assert (plain["display_size"], plain["watermark"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/uploads", {**UPLOAD, "display_size": 900}, "display_size"),
        ("/v1/me", {"watermark": {"text": "Ада"}}, "watermark.text"),
        ("/v1/me", {"watermark": {"text": ""}}, "watermark.text"),
        ("/v1/me", {"watermark": {"text": "x", "opacity": 0}}, "watermark.opacity"),
        ("/v1/me", {"watermark": {"text": "x", "position": "left"}}, "watermark.position"),
    ],
)
def test_options_that_there_are_not(api: Api, ada: Account, path: str, body: dict[str, Any], field: str) -> None:
    method = "POST" if path == "/v1/uploads" else "PUT"
    whole = body if method == "POST" else {"handle": ada.handle, "display_name": "Ada", **body}
    assert api.ask(method, path, whole, by=ada).fields == [field]
