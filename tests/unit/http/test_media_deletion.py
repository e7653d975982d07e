"""Deletion of one picture: nothing of it is left, and nothing that shows it loses it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions
from chalicelib.links import Edge
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.services.media_deletion import KIND, MediaDeletion, MediaRemover
from chalicelib.settings import settings
from tests.support.everywhere import traces
from tests.support.fakes import protected_picture
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.background import Background, in_background
from tests.unit.http.studios import add_member, make_studio


@pytest.fixture
def background(api: Api) -> Iterator[Background]:
    del api
    for bucket in (settings().originals_bucket, settings().derivatives_bucket):
        status: Any = {"Status": "Enabled"}
        boto3.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
    with in_background() as found:
        found.settle()
        yield found


MARK = ["cara-local-media", "cara-local-media/by_owner", "cara-local-media/due"]


def delete(api: Api, account: Account, media_id: str) -> Answer:
    return api.ask("DELETE", f"/v1/media/{media_id}", by=account)


def finish(background: Background) -> None:
    """Have done what was put off, as if an hour had passed."""
    later = clock.now() + timedelta(hours=1)
    real = MediaRemover.__init__

    def aged(self: MediaRemover, pictures: Any, errands: Any) -> None:
        real(self, pictures, errands, lambda: later)

    with mock.patch.object(MediaRemover, "__init__", aged):
        background.errands += background.later
        background.later.clear()
        background.settle()


def test_nothing_of_it_is_left(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id)
    background.settle()
    assert api.ask("GET", f"/v1/media/{media_id}").status == 200
    assert api.ask("DELETE", f"/v1/posts/{post['id']}", by=ada).status == 204
    background.settle()
    assert traces(media_id)
    assert delete(api, ada, media_id).status == 204
    for by in (ada, None):
        assert api.ask("GET", f"/v1/media/{media_id}", by=by).status == 404
    with mock.patch.object(Edge, "forget") as forgotten:
        background.settle()
    assert any(f"/media/{media_id}/*" in path for call in forgotten.call_args_list for path in call.args[0])
    assert traces(media_id) == MARK, "what tells that it was deleted"
    assert delete(api, ada, media_id).status == 204  # asked once more
    finish(background)
    assert traces(media_id) == []
    assert delete(api, ada, media_id).status == 404


def test_others_delete_nothing(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    assert delete(api, api.join(), media_id).status == 404
    assert api.ask("DELETE", f"/v1/media/{media_id}").status == 401
    background.settle()
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["state"] == "ready"


@pytest.mark.parametrize("publish", ["now", "draft", "2099"])
def test_a_post_that_shows_it_is_named(api: Api, background: Background, ada: Account, publish: str) -> None:
    media_id = api.ready(ada)
    when = clock.later(clock.now(), 3600) if publish == "2099" else publish
    post = api.post(ada, media_id, publish=when)
    refused = delete(api, ada, media_id)
    assert (refused.status, refused.code) == (409, "media-in-use")
    assert f"posts/{post['id']}" in refused.json["detail"]
    other = api.ready(ada)
    assert api.ask("PATCH", f"/v1/posts/{post['id']}", {"media": [{"id": other}]}, by=ada).status == 200
    assert delete(api, ada, media_id).status == 204
    background.settle()
    assert [each["id"] for each in api.ask("GET", f"/v1/posts/{post['id']}", by=ada).json["media"]] == [other]


def test_profile_and_studio_that_show_it_are_named(api: Api, background: Background, ada: Account) -> None:
    avatar, cover, logo = (api.ready(ada) for _ in range(3))
    api.join(ada, avatar_media_id=avatar, cover_media_id=cover)
    studio = make_studio(api, ada)
    assert api.ask("PATCH", studio, {"logo_media_id": logo}, by=ada).status == 200
    for media_id, named in {avatar: "your avatar", cover: "your cover", logo: studio.removeprefix("/v1/")}.items():
        refused = delete(api, ada, media_id)
        assert (refused.code, named in refused.json["detail"]) == ("media-in-use", True)
    api.join(ada)
    assert api.ask("PATCH", studio, {"logo_media_id": None}, by=ada).status == 200
    assert [delete(api, ada, each).status for each in (avatar, cover, logo)] == [204, 204, 204]
    finish(background)
    assert [traces(each) for each in (avatar, cover, logo)] == [[], [], []]


def test_who_left_a_studio_deletes_its_logo(api: Api, background: Background, ada: Account) -> None:
    logo, bob = api.ready(ada), api.join()
    studio = make_studio(api, ada, logo_media_id=logo)
    add_member(api, ada, studio, "owner", bob)
    assert api.ask("GET", studio).json["logo"] is not None
    assert api.ask("DELETE", f"{studio}/members/{ada.handle}", by=ada).status == 204
    assert delete(api, ada, logo).status == 204
    finish(background)
    assert api.ask("GET", studio).json["logo"] is None
    assert api.ask("PATCH", studio, {"about": "We go on."}, by=bob).status == 200
    assert api.ask("PATCH", studio, {"logo_media_id": api.ready(bob)}, by=bob).json["logo"] is not None


def test_a_post_in_the_making_keeps_its_picture(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    create, answers = PostRepository.create, []

    def slowly(*args: Any) -> None:
        answers.append(delete(api, ada, media_id))
        create(*args)

    with mock.patch.object(PostRepository, "create", slowly):
        post = api.post(ada, media_id)
    assert [(each.status, each.code) for each in answers] == [(409, "media-in-use")]
    background.settle()
    assert api.ask("GET", f"/v1/posts/{post['id']}").json["media"][0]["id"] == media_id


def test_a_post_begun_after_the_deletion_is_refused(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    add, answers = MediaRepository.add_use, []

    def late(*args: Any) -> None:
        answers.append(delete(api, ada, media_id))
        add(*args)

    with mock.patch.object(MediaRepository, "add_use", late):
        refused = api.ask("POST", "/v1/posts", {"media": [{"id": media_id}]}, by=ada)
    assert ([each.status for each in answers], refused.status, refused.fields) == ([204], 422, ["media"])
    finish(background)
    assert traces(media_id) == []


def show(api: Api, account: Account, post: Any, media_id: str) -> Answer:
    return api.ask("PATCH", f"/v1/posts/{post['id']}", {"media": [{"id": media_id}]}, by=account)


def test_a_change_that_is_stored_as_the_picture_is_marked_keeps_it(
    api: Api, background: Background, ada: Account
) -> None:
    media_id, post = api.ready(ada), api.post(ada, publish="draft")
    # the use was noted a moment ago already, so that the change adds none to the set
    MediaRepository().add_use(media_id, ada.account_id, post["id"])
    look, answers = MediaDeletion._shown_by, []

    def overlooked(self: MediaDeletion, media: Any) -> list[str]:
        found = look(self, media)
        answers.append(show(api, ada, post, media_id))
        return found

    with mock.patch.object(MediaDeletion, "_shown_by", overlooked):
        refused = delete(api, ada, media_id)
    assert (answers[0].status, refused.status, refused.code) == (200, 409, "media-in-use")
    finish(background)
    shown = api.ask("GET", f"/v1/posts/{post['id']}", by=ada).json
    assert [each["state"] for each in shown["media"]] == ["ready"]


def test_a_change_that_comes_after_the_mark_finds_the_picture_gone(
    api: Api, background: Background, ada: Account
) -> None:
    media_id, post = api.ready(ada), api.post(ada, publish="draft")
    add = MediaRepository.add_use
    answers: list[Answer] = []

    def noted(*args: Any) -> None:
        add(*args)
        if not answers:
            answers.append(delete(api, ada, media_id))

    with mock.patch.object(MediaRepository, "add_use", noted):
        refused = show(api, ada, post, media_id)
    assert (answers[0].status, refused.status) == (204, 422)
    finish(background)
    assert traces(media_id) == []
    assert api.ask("GET", f"/v1/posts/{post['id']}", by=ada).json["media"] == []


def test_deleted_while_it_is_being_protected(api: Api, background: Background, ada: Account) -> None:
    media_id = api.upload(ada)

    def protect(data: bytes, options: ProtectionOptions) -> ProtectedPicture:
        assert delete(api, ada, media_id).status == 204
        background.settle()
        return protected_picture(data, options)

    with pytest.raises(TemporaryError):
        api.arrive(ada, media_id, protect)
    api.arrive(ada, media_id)  # the queue brings the message again, and the form is posted once more
    assert traces(media_id) != MARK
    finish(background)
    assert traces(media_id) == []


def test_until_no_form_can_be_posted_files_are_looked_for_again(api: Api, background: Background, ada: Account) -> None:
    media_id = api.upload(ada)
    assert delete(api, ada, media_id).status == 204
    background.settle()
    assert [each.kind for each in background.later] == [KIND]
    background.errands += background.later
    background.later.clear()
    background.settle()  # quarter of an hour later the form may just have been posted
    assert [each.kind for each in background.later] == [KIND]
    api.arrive(ada, media_id)
    finish(background)
    assert traces(media_id) == []


def test_what_a_lost_errand_left_the_sweep_brings(api: Api, background: Background, ada: Account) -> None:
    media_id = api.ready(ada)
    assert delete(api, ada, media_id).status == 204
    background.errands.clear()
    in_two_hours = clock.now() + timedelta(hours=2)
    replace(composition.sweep_service(), now=lambda: in_two_hours).run(clock.now() - timedelta(hours=1))
    assert Errand(KIND, media_id) in background.errands
    finish(background)
    assert traces(media_id) == []
