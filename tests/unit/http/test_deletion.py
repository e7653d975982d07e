"""Deletion of an account: asked for by its owner alone, and nothing of it is left anywhere."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.deletion import LAST_PASS_SECONDS
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.ids import id_bytes
from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions
from chalicelib.repositories.cases import CaseRepository
from chalicelib.services.deletion import KIND
from chalicelib.settings import settings
from chalicelib.sign_ins import SignIns
from chalicelib.storage import Derivatives
from tests.support.everywhere import traces
from tests.support.fakes import protected_picture
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.applying import applied, hiring
from tests.unit.http.background import Background, in_background
from tests.unit.http.lives import Life, artist, live, post, put
from tests.unit.http.studios import MODERATOR, decide


@pytest.fixture(autouse=True)
def signed_in() -> Iterator[list[str]]:
    """Take down whose sign-in is removed: there is no user pool in this process."""
    removed: list[str] = []
    with mock.patch.object(SignIns, "remove", lambda _, account_id: removed.append(account_id)):
        yield removed


@pytest.fixture
def background(api: Api) -> Iterator[Background]:
    del api
    s3 = boto3.client("s3")
    for bucket in (settings().originals_bucket, settings().derivatives_bucket):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with in_background() as found:
        found.settle()
        yield found


def delete(api: Api, account: Account) -> Answer:
    answer = api.ask("DELETE", "/v1/me", {"confirm": account.handle}, by=account)
    assert answer.status == 202, answer.text
    return answer


def finish(background: Background) -> None:
    """Have everything done that was put off, as if its time had come."""
    past = clock.to_text(clock.now() - timedelta(seconds=LAST_PASS_SECONDS + 1))
    for each in background.later:
        due = {**each.arguments, "begun_at": past} if each.kind == KIND else each.arguments
        background.errands.append(replace(each, arguments=due))
    background.later.clear()
    background.settle()


HOLDERS = (
    *("profiles", "handles", "media", "posts", "cases", "moderation-log", "accounts", "matches", "relations"),
    *("reactions", "comments", "counters", "notifications", "feeds", "directory", "messages", "errands", "studios"),
    "jobs",
)
"""Tables that may hold an account's id."""


def test_nothing_is_left_anywhere(api: Api, background: Background, signed_in: list[str]) -> None:
    life = live(api, background)
    dora, account_id = life.dora, life.dora.account_id
    held = {place.partition(" ")[0].partition("/")[0] for place in traces(account_id)}
    assert held >= {f"cara-local-{each}" for each in HOLDERS} | {
        settings().originals_bucket,
        settings().derivatives_bucket,
    }, "the test is worth what it finds"
    task = delete(api, dora).json
    background.settle()
    assert set(signed_in) == {account_id}
    assert traces(account_id) == ["cara-local-accounts"], "what keeps its tokens out"
    assert api.ask("GET", f"/v1/deletions/{task['id']}").json["state"] == "running"
    finish(background)
    assert traces(account_id) == []
    shown = api.ask("GET", f"/v1/deletions/{task['id']}").json
    assert (shown["state"], shown["steps_done"]) == ("done", shown["steps"])
    check_what_others_keep(api, life)


def check_what_others_keep(api: Api, life: Life) -> None:
    """Look at what stays of somebody among others."""
    ada, handle = life.ada, life.dora.handle
    for path in (f"/v1/profiles/{handle}", f"/v1/posts/{life.post}", f"/@{handle}", life.job, life.alone):
        assert api.ask("GET", path).status == 404, path
    [talk] = [each for each in api.ask("GET", "/v1/conversations", by=ada).json["items"] if each["id"] == life.talk]
    assert (talk["person"]["handle"], talk["person"]["display_name"]) == ("deleted", "Deleted artist")
    messages = api.ask("GET", f"/v1/conversations/{life.talk}/messages", by=ada).json["items"]
    assert [each["text"] for each in messages] == ["so I say"]
    assert api.ask("POST", f"/v1/conversations/{life.talk}/messages", {"text": "?"}, by=ada).status == 403
    thread = api.ask("GET", f"/v1/posts/{life.others}/comments").json["items"]
    assert [(each["deleted"], each["answers"]) for each in thread if each["id"] == life.comment] == [(True, 1)]
    assert {each["role"] for each in api.ask("GET", f"{life.shared}/members", by=ada).json["items"]} == {"owner"}
    followers = api.ask("GET", f"/v1/profiles/{ada.handle}").json["counters"]["followers"]
    assert (followers, api.ask("GET", f"/v1/posts/{life.others}").json["counters"]["comments"]) == (0, 3)
    for name in (handle, handle[:-1]):
        taken = api.ask("PUT", "/v1/me", {"handle": name, "display_name": "x"}, by=Account())
        assert (taken.status, taken.code) == (409, "handle-taken")
    [report] = CaseRepository().about(f"posts/{life.others}")
    assert api.ask("GET", f"/v1/moderation/cases/{report.case_id}", by=MODERATOR).json["text"] == "look"
    assert (report.opened_by or "").startswith("deleted-")


def test_nobody_takes_a_slug_and_reads_what_was_sent_to_who_had_it(api: Api, background: Background) -> None:
    place, ada, mallory = hiring(api), api.join(), api.join()
    application, slug = applied(api, ada, place.job), place.studio.rpartition("/")[2]
    delete(api, place.owner)
    background.settle()
    finish(background)
    assert api.ask("GET", place.studio).status == 404
    taken = api.ask("POST", "/v1/studios", {"name": "Mine now", "slug": slug}, by=mallory)
    assert (taken.status, taken.code) == (409, "slug-taken")
    for path in (application, f"{place.job}/applications", f"{place.job}/applications.csv", f"{place.job}/changes"):
        assert api.ask("GET", path, by=mallory).status == 404, path
    assert api.ask("GET", application, by=ada).json["state"] == "submitted"


def test_its_owner_alone_asks_and_says_so(api: Api, background: Background) -> None:
    ada, bare = api.join(), Account()
    for confirm in ("", "somebody", "delete", "@"):
        answer = api.ask("DELETE", "/v1/me", {"confirm": confirm}, by=ada)
        assert (answer.status, answer.fields) == (422, ["confirm"])
    assert api.ask("DELETE", "/v1/me", {}, by=ada).status == 422
    assert api.ask("DELETE", "/v1/me", {"confirm": "x"}).status == 401
    assert api.ask("DELETE", "/v1/me", {"confirm": "moderator"}, by=MODERATOR).code == "moderator"
    assert background.errands == []
    assert api.ask("DELETE", "/v1/me", {"confirm": f"@{ada.handle.upper()}"}, by=ada).status == 202
    assert api.ask("DELETE", "/v1/me", {"confirm": "delete"}, by=bare).status == 202
    assert api.ask("GET", "/v1/deletions/01KB0000000000000000000000").status == 404


def test_a_deleted_account_does_nothing_any_more(api: Api, background: Background) -> None:
    ada = api.join()
    task = delete(api, ada).json
    service = composition.deletion_service()
    assert service.begin(ada.account_id, "whatever", moderates=False).task_id == task["id"], "it is the same one"
    for method, path in (("GET", "/v1/me"), ("DELETE", "/v1/me"), ("GET", "/v1/feed")):
        assert api.ask(method, path, {"confirm": ada.handle} if method == "DELETE" else None, by=ada).status == 401
    assert decide(api, "unsuspend", f"accounts/{ada.account_id}").status == 404
    background.settle()
    assert decide(api, "unsuspend", f"accounts/{ada.account_id}").status == 404


def test_the_suspended_may_go(api: Api, background: Background) -> None:
    ada = api.join()
    assert decide(api, "suspend", f"accounts/{ada.account_id}").status == 201
    delete(api, ada)
    background.settle()
    finish(background)
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").status == 404


def test_what_is_written_meanwhile_goes_with_the_last_pass(api: Api, background: Background) -> None:
    """API Gateway admits the account for five minutes more, and its upload form is good for fifteen."""
    dora, ada, bob = artist(), api.join(), api.join()
    api.join(dora)
    announced, others = api.upload(dora), api.post(ada)["id"]
    delete(api, dora)
    background.settle()
    with admitted():
        api.join(dora, handle=f"{dora.handle}x")
        api.post(dora, api.ready(dora))
        for path in (f"/v1/posts/{others}/like", f"/v1/profiles/{ada.handle}/follow"):
            put(api, dora, path)
        put(api, bob, f"/v1/profiles/{dora.handle}x/block")
        post(api, dora, f"/v1/posts/{others}/comments", {"text": "still here"})
    api.arrive(dora, announced)
    background.settle()
    assert len(traces(dora.account_id)) > 5
    finish(background)
    assert traces(dora.account_id) == []
    assert api.ask("GET", f"/v1/posts/{others}").json["counters"]["likes"] == 0


def admitted() -> Any:
    """Have the authorizer's earlier word taken."""
    return mock.patch("chalicelib.composition.standing", return_value=None)


def test_a_picture_that_is_being_protected_stays_gone(api: Api, background: Background) -> None:
    dora = artist()
    api.join(dora)
    media_id = api.upload(dora)

    def protect(data: bytes, options: ProtectionOptions) -> ProtectedPicture:
        delete(api, dora)
        background.settle()
        return protected_picture(data, options)

    with pytest.raises(TemporaryError):
        api.arrive(dora, media_id, protect)
    api.arrive(dora, media_id)  # the queue brings the message again
    prefix = f"held/{media_id}/"
    s3, bucket = boto3.client("s3"), settings().derivatives_bucket
    assert s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"] > 0
    finish(background)
    assert s3.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", []) == []
    assert traces(dora.account_id) == []


def test_a_picture_that_is_being_shown_stays_gone(api: Api, background: Background) -> None:
    dora = artist()
    api.join(dora)
    media_id = api.ready(dora)
    expose = Derivatives.expose

    def exposed(store: Derivatives, prefix: str, media_id: str, names: Any) -> None:
        expose(store, prefix, media_id, names)
        delete(api, dora)
        background.settle()

    with mock.patch.object(Derivatives, "expose", exposed):
        api.ask("POST", "/v1/posts", {"title": "x", "media": [{"id": media_id}]}, by=dora)
    s3, bucket = boto3.client("s3"), settings().derivatives_bucket
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"media/{media_id}/")["KeyCount"] == 0
    assert works_of(media_id) == 0
    finish(background)
    assert traces(dora.account_id) == []


def works_of(media_id: str) -> int:
    """Return in how many buckets of the registry a picture is."""
    found = boto3.client("dynamodb").scan(TableName=settings().works_table)["Items"]
    return sum(any(each.startswith(id_bytes(media_id)) for each in item["works"]["BS"]) for item in found)


def test_done_twice_and_cut_short_it_comes_to_the_same(api: Api, background: Background) -> None:
    life = live(api, background)
    task = delete(api, life.dora).json
    [first] = background.errands
    background.errands.clear()
    service, errand, ran = composition.deletion_service(), first, 0
    in_small_pieces = replace(service, seconds=itertools.count(0, 100).__next__)
    while errand.cursor != "waiting":
        again = in_small_pieces.work(errand)
        assert again is not None
        in_small_pieces.work(errand)
        errand, ran = again, ran + 1
    assert ran >= len(service.places)
    background.settle()
    service.work(errand)
    finish(background)
    assert traces(life.dora.account_id) == []
    assert api.ask("GET", f"/v1/deletions/{task['id']}").json["state"] == "done"
