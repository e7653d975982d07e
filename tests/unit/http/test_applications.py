"""Applications through the API: sent once, seen by two sides, moved by one, withdrawn by the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.handlers import applications as handlers
from chalicelib.services.applications import MOST_LOOKED_AT
from chalicelib.settings import settings
from tests.support.units import read_units
from tests.unit.http.api import Account, Api
from tests.unit.http.applying import Hiring, applied, hiring, move, piece, send
from tests.unit.http.studios import add_member, closing, make_job, open_job


@pytest.fixture
def place(api: Api) -> Hiring:
    return hiring(api)


@pytest.fixture
def rival(api: Api) -> Account:
    """A recruiter of another studio."""
    return hiring(api).owner


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Have the routes of applications look at another clock."""
    later = replace(composition.application_service(), now=lambda: moment)
    with mock.patch.object(handlers, "application_service", return_value=later):
        yield


# ---------------------------------------------------------------- sending


def test_an_application_holds_what_was_sent(api: Api, ada: Account, place: Hiring) -> None:
    pieces = [piece(api, ada), piece(api, ada, visibility="private")]
    made = send(api, ada, place.job, posts=pieces, letter="  I paint skies. ")
    assert made.status == 201
    assert made.json["state"] == "submitted"
    assert (made.json["letter"], made.json["post_ids"]) == ("I paint skies.", pieces)
    own = api.ask("GET", made.headers["location"], by=ada)
    assert own.json["artist"]["handle"] == ada.handle
    [listed] = api.ask("GET", "/v1/me/applications", by=ada).json["items"]
    assert (listed["id"], listed["job_title"], listed["state"]) == (made.json["id"], "Painter of skies", "submitted")


def test_the_studio_sees_the_pieces_whoever_may_see_them_else(api: Api, ada: Account, place: Hiring) -> None:
    post = api.post(ada, api.ready(ada), visibility="private")["id"]
    application = applied(api, ada, place.job, posts=[post])
    seen = api.ask("GET", application, by=place.owner).json
    [media] = seen["posts"][0]["media"]
    assert "/held/" in media["picture"]["renditions"][0]["url"]
    assert api.ask("GET", f"/v1/posts/{post}", by=place.owner).status == 404  # that one alone, and there alone


def test_a_deleted_piece_is_left_out(api: Api, ada: Account, place: Hiring) -> None:
    gone, kept = piece(api, ada), piece(api, ada)
    application = applied(api, ada, place.job, posts=[gone, kept])
    assert api.ask("DELETE", f"/v1/posts/{gone}", by=ada).status == 204
    assert [each["id"] for each in api.ask("GET", application, by=place.owner).json["posts"]] == [kept]


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"posts": []}, ["posts"]),
        ({"posts": ["x", "x"]}, ["posts"]),
        ({"posts": ["x"] * 11}, ["posts"]),
        ({"posts": ["x", "01M81YTG8EVXBV8JRTEB2CGT1R"]}, ["posts[0]", "posts[1]"]),
        ({"letter": " "}, ["letter"]),
        ({"letter": "x" * 5001}, ["letter"]),
        ({"resume_id": "x"}, ["resume_id"]),
    ],
)
def test_what_is_wrong_is_named(
    api: Api, ada: Account, place: Hiring, fields: dict[str, Any], blamed: list[str]
) -> None:
    answer = send(api, ada, place.job, **fields)
    assert (answer.status, answer.fields) == (422, blamed)
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []


def test_pieces_are_own_and_published(api: Api, ada: Account, place: Hiring) -> None:
    others, draft = piece(api, api.join()), piece(api, ada, publish="draft")
    answer = send(api, ada, place.job, posts=[others, draft])
    assert answer.fields == ["posts[0]", "posts[1]"]


def test_one_application_a_job(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    again = send(api, ada, place.job)
    assert (again.status, again.code) == (409, "already-applied")
    assert application.rpartition("/")[2] in again.json["detail"]
    other = open_job(api, place.owner, place.studio)
    assert send(api, ada, other).status == 201
    assert len(api.ask("GET", "/v1/me/applications", by=ada).json["items"]) == 2


def test_the_same_request_again_has_the_same_answer(api: Api, ada: Account, place: Hiring) -> None:
    body = {"posts": [piece(api, ada)], "letter": "x"}
    first, second = (send(api, ada, place.job, key="k1", **body) for _ in range(2))
    assert (first.status, first.json) == (second.status, second.json) == (201, first.json)
    assert len(api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"]) == 1


def test_a_job_that_takes_no_applications_says_so(api: Api, ada: Account, place: Hiring) -> None:
    elsewhere = open_job(api, place.owner, place.studio, apply="https://studio.example/jobs")
    assert send(api, ada, elsewhere).code == "applies-elsewhere"
    draft = make_job(api, place.owner, place.studio, publish="draft")
    assert send(api, ada, draft).status == 404
    assert send(api, ada, "/v1/jobs/01M81YTG8EVXBV8JRTEB2CGT1R").status == 404
    assert send(api, place.owner, place.job).code == "own-studio"
    assert api.ask("POST", f"{place.job}/applications", {"posts": ["x"], "letter": "x"}, by=Account()).code == (
        "profile-needed"
    )
    assert api.ask("POST", f"{place.job}/close", by=place.owner).status == 200
    over = send(api, ada, place.job)
    assert (over.status, over.code) == (410, "job-over")


def test_the_closing_moment_counts_and_not_when_it_was_begun(api: Api, ada: Account) -> None:
    place = hiring(api, closes_at=closing(1))
    post = piece(api, ada)
    ends = clock.from_text(api.ask("GET", place.job, by=ada).json["closes_at"])
    with at(ends):
        assert send(api, ada, place.job, posts=[post]).code == "job-over"
    assert api.ask("GET", "/v1/me/applications", by=ada).json["items"] == []
    with at(ends - timedelta(milliseconds=1)):
        assert send(api, ada, place.job, posts=[post]).status == 201


# ---------------------------------------------------------------- who sees it


def test_nobody_else_finds_one(api: Api, ada: Account, place: Hiring, rival: Account) -> None:
    application = applied(api, ada, place.job)
    name = application.rpartition("/")[2]
    for stranger in (rival, api.join()):
        for method, path, body in (
            ("GET", application, None),
            ("PATCH", application, {"state": "declined"}),
            ("PATCH", application, {"state": "withdrawn"}),
            ("GET", f"{application}/changes", None),
            ("GET", f"{application}/resume", None),
            ("POST", f"{application}/conversation", None),
            ("GET", f"{place.job}/applications", None),
            ("GET", f"{place.job}/applications.csv", None),
        ):
            answer = api.ask(method, path, body, by=stranger)
            assert answer.status == 404, (method, path)
            assert ada.handle not in answer.text
        assert api.ask("GET", f"{place.studio}/dashboard", by=stranger).status == 403
        assert name not in api.ask("GET", "/v1/me/applications", by=stranger).text
    assert api.ask("GET", application, by=ada).json["state"] == "submitted"


def test_who_leaves_the_studio_sees_nothing_any_more(api: Api, ada: Account, place: Hiring) -> None:
    recruiter = add_member(api, place.owner, place.studio)
    application = applied(api, ada, place.job)
    assert api.ask("GET", application, by=recruiter).status == 200
    assert api.ask("DELETE", f"{place.studio}/members/{recruiter.handle}", by=place.owner).status == 204
    assert api.ask("GET", application, by=recruiter).status == 404
    assert api.ask("GET", f"{place.job}/applications", by=recruiter).status == 404
    assert move(api, recruiter, application, "viewed").status == 404


def test_who_is_only_invited_sees_nothing_yet(api: Api, ada: Account, place: Hiring) -> None:
    invited = api.join()
    api.ask("POST", f"{place.studio}/members", {"handle": invited.handle}, by=place.owner)
    application = applied(api, ada, place.job)
    assert api.ask("GET", application, by=invited).status == 404
    assert api.ask("GET", f"{place.job}/applications", by=invited).status == 404


def test_a_block_does_not_tell_who_applied(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    assert api.ask("PUT", f"/v1/profiles/{place.owner.handle}/block", by=ada).status == 204
    assert len(api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"]) == 1
    assert move(api, place.owner, application, "shortlisted").status == 200
    parted = api.ask("POST", f"{application}/conversation", by=place.owner)
    assert (parted.status, parted.code) == (404, "not-found")


# ---------------------------------------------------------------- states


def test_the_studio_moves_it_and_the_artist_sees_where_it_is(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    assert api.ask("GET", application, by=place.owner).json["state"] == "submitted"  # reading is no change
    for state in ("viewed", "shortlisted", "interview", "offered", "hired"):
        assert move(api, place.owner, application, state).json["state"] == state
        assert api.ask("GET", application, by=ada).json["state"] == state
    changes = api.ask("GET", f"{application}/changes", by=place.owner).json["items"]
    assert [(each["before"], each["after"]) for each in changes][::-1] == [
        (None, "submitted"),
        ("submitted", "viewed"),
        ("viewed", "shortlisted"),
        ("shortlisted", "interview"),
        ("interview", "offered"),
        ("offered", "hired"),
    ]
    assert [each["by"] for each in changes][::-1] == ["artist"] + [place.owner.handle] * 5
    own = api.ask("GET", f"{application}/changes", by=ada)
    assert [each["by"] for each in own.json["items"]][::-1] == ["you"] + ["studio"] * 5
    assert place.owner.handle not in own.text


def test_a_long_history_comes_in_pages(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    for state in ("viewed", "declined", "shortlisted", "declined"):
        move(api, place.owner, application, state)
    found = pages(api, f"{application}/changes?limit=2", ada, "version")
    assert found == [[5, 4], [3, 2], [1]]


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ([], "hired"),
        (["interview"], "shortlisted"),
        (["viewed"], "submitted"),
        (["offered", "hired"], "declined"),
        ([], "withdrawn"),
        (["declined"], "viewed"),
    ],
)
def test_what_may_not_follow_is_refused(api: Api, ada: Account, place: Hiring, path: list[str], state: str) -> None:
    application = applied(api, ada, place.job)
    for each in path:
        move(api, place.owner, application, each)
    refused = move(api, place.owner, application, state)
    assert (refused.status, refused.code) == (409, "state-not-allowed")
    assert api.ask("GET", application, by=ada).json["state"] == (path or ["submitted"])[-1]


def test_the_same_state_again_is_no_change(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    for _ in range(2):
        assert move(api, place.owner, application, "viewed").status == 200
    assert len(api.ask("GET", f"{application}/changes", by=ada).json["items"]) == 2


def test_what_was_declined_may_be_taken_up_again(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    move(api, place.owner, application, "declined")
    assert move(api, place.owner, application, "interview").status == 200


def test_two_members_at_once_do_not_overwrite_each_other(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    tag = api.ask("GET", application, by=place.owner).headers["etag"]
    assert move(api, place.owner, application, "shortlisted", if_match=tag).status == 200
    assert move(api, place.owner, application, "declined", if_match=tag).status == 412


def test_the_artist_moves_it_nowhere_but_away(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    assert move(api, ada, application, "hired").code == "state-not-allowed"
    assert move(api, ada, application, "withdrawn").json["state"] == "withdrawn"
    assert move(api, place.owner, application, "offered").code == "state-not-allowed"


def test_a_withdrawn_one_tells_the_studio_nothing(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job, letter="a private matter")
    move(api, ada, application, "withdrawn")
    seen = api.ask("GET", application, by=place.owner).json
    assert (seen["letter"], seen["posts"], seen["post_ids"], seen["resume"]) == ("", [], [], None)
    assert api.ask("GET", application, by=ada).json["letter"] == "a private matter"


def test_who_withdrew_may_apply_again_but_not_for_ever(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    for round_ in (2, 3):
        move(api, ada, application, "withdrawn")
        assert applied(api, ada, place.job, letter=f"round {round_}") == application
        assert api.ask("GET", application, by=place.owner).json["letter"] == f"round {round_}"
    assert len(api.ask("GET", "/v1/me/applications", by=ada).json["items"]) == 1
    assert len(api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"]) == 1
    move(api, ada, application, "withdrawn")
    assert send(api, ada, place.job).code == "applied-too-often"


def test_what_was_decided_cannot_be_withdrawn(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    move(api, place.owner, application, "declined")
    assert move(api, ada, application, "withdrawn").code == "state-not-allowed"
    assert send(api, ada, place.job).code == "already-applied"


def test_a_studio_goes_on_with_applications_once_the_job_is_closed(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    api.ask("POST", f"{place.job}/close", by=place.owner)
    assert move(api, place.owner, application, "interview").status == 200
    assert len(api.ask("GET", f"{place.job}/applications", by=place.owner).json["items"]) == 1


# ---------------------------------------------------------------- lists


def pages(api: Api, path: str, by: Account, field: str = "id") -> list[list[Any]]:
    """Return one field of what a list holds, page by page."""
    found: list[list[Any]] = []
    cursor = None
    while True:
        page = api.ask("GET", path + (f"&cursor={cursor}" if cursor else ""), by=by).json
        found.append([each[field] for each in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_lists_are_newest_first_and_by_state(api: Api, place: Hiring) -> None:
    artists = [api.join() for _ in range(5)]
    names = [applied(api, each, place.job).rpartition("/")[2] for each in artists]
    assert pages(api, f"{place.job}/applications?limit=2", place.owner) == [
        [names[4], names[3]],
        [names[2], names[1]],
        [names[0]],
    ]
    for each in (0, 3):
        move(api, place.owner, f"/v1/applications/{names[each]}", "shortlisted")
    found = pages(api, f"{place.job}/applications?limit=1&state=shortlisted", place.owner)
    assert [each for page in found for each in page] == [names[3], names[0]]
    found = pages(api, f"{place.job}/applications?limit=50&state=hired", place.owner)
    assert found == [[]]
    card = api.ask("GET", f"{place.job}/applications?limit=1", by=place.owner).json["items"][0]
    assert (card["artist"]["handle"], card["pieces"], card["resume"]) == (artists[4].handle, 1, False)


def test_an_artists_list_comes_in_pages(api: Api, ada: Account) -> None:
    place = hiring(api)
    jobs = [place.job, *(open_job(api, place.owner, place.studio) for _ in range(2))]
    names = [applied(api, ada, job).rpartition("/")[2] for job in jobs]
    assert pages(api, "/v1/me/applications?limit=2", ada) == [[names[2], names[1]], [names[0]]]


def test_a_page_is_read_for_two_units(api: Api, place: Hiring) -> None:
    """By the sizes of what the index and the lines hold: as many as a page looks at, with long names and faces."""
    ada = api.join()
    api.join(ada, display_name="Æ" * 40, avatar_media_id=api.ready(ada))
    name = applied(api, ada, place.job, posts=[piece(api, ada) for _ in range(10)]).rpartition("/")[2]
    items = boto3.client("dynamodb").scan(TableName=settings().applications_table)["Items"]
    [whole] = [each for each in items if each["partition"]["S"] == f"application#{name}" and "card" in each]
    listed = {key: whole[key] for key in ("partition", "position", "list", "rank", "card")}
    [line] = [each for each in items if each["partition"]["S"] == f"account#{ada.account_id}" and "line" in each]
    assert read_units([listed] * (MOST_LOOKED_AT + 1)) <= 2
    assert read_units([line] * 21) <= 2


# ---------------------------------------------------------------- the conversation


def test_the_studio_writes_into_the_inbox_of_who_applied(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    api.ask("PUT", "/v1/me/message_preferences", {"who_may_write": "nobody"}, by=ada, described=False)
    assert api.ask("POST", f"{application}/conversation", by=ada).code == "members-only"
    talk = api.ask("POST", f"{application}/conversation", by=place.owner).json["id"]
    assert api.ask("GET", "/v1/conversations", by=ada).json["items"] == []  # nothing was said yet
    said = api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "Hello"}, by=place.owner)
    assert said.status == 201
    [line] = api.ask("GET", "/v1/conversations", by=ada).json["items"]
    assert (line["id"], line["excerpt"]) == (talk, "Hello")
    assert api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "Hi"}, by=ada).status == 201
    assert api.ask("POST", f"{application}/conversation", by=place.owner).json["id"] == talk


def test_nobody_begins_a_conversation_about_what_was_withdrawn(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    move(api, ada, application, "withdrawn")
    assert api.ask("POST", f"{application}/conversation", by=place.owner).code == "application-withdrawn"


def test_who_left_the_conversation_is_not_brought_back(api: Api, ada: Account, place: Hiring) -> None:
    application = applied(api, ada, place.job)
    talk = api.ask("POST", f"{application}/conversation", by=place.owner).json["id"]
    api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "Hello"}, by=place.owner)
    api.ask("DELETE", f"/v1/conversations/{talk}", by=ada)
    api.ask("POST", f"{application}/conversation", by=place.owner)
    assert api.ask("GET", "/v1/conversations", by=ada).json["items"] == []
