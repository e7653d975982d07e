"""Studios, their members and their verification, through the API."""

from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.studios import MAX_INVITATIONS, MAX_STUDIOS
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.studios import StudioRepository
from tests.unit.http.api import Account, Api
from tests.unit.http.studios import (
    MODERATOR,
    add_member,
    ask_to_verify,
    decide,
    make_job,
    make_studio,
    new_name,
    verified_studio,
)

FULL: dict[str, Any] = {
    "name": "Blue Sky",
    "about": "We paint skies.",
    "links": [{"label": "Site", "url": "https://blue.example/"}],
    "locations": [{"country": "de", "city": "Köln"}, {"country": "JP"}],
    "size": "11-50",
    "mediums": ["Concept Art"],
    "time_zone": "Europe/Berlin",
}


def roles(api: Api, by: Account, studio: str) -> list[tuple[str, str, str]]:
    items = api.ask("GET", f"{studio}/members", by=by).json["items"]
    return [(each["handle"], each["role"], each["state"]) for each in items]


def queue(api: Api, studio: str) -> list[Any]:
    items = api.ask("GET", "/v1/moderation/queue?kind=studio&limit=50", by=MODERATOR).json["items"]
    return [each for each in items if each["target"] == studio.removeprefix("/v1/")]


# ---------------------------------------------------------------- the page


def test_a_studio_is_made_and_seen(api: Api, ada: Account) -> None:
    slug = new_name()
    made = api.ask("POST", "/v1/studios", {**FULL, "name": slug, "slug": slug.upper()}, by=ada)
    assert (made.status, made.headers["location"]) == (201, f"/v1/studios/{slug}")
    seen = api.ask("GET", f"/v1/studios/{slug}")
    assert seen.headers["cache-control"].startswith("public")
    assert seen.json["locations"] == [{"country": "DE", "city": "Köln"}, {"country": "JP", "city": ""}]
    assert (seen.json["mediums"], seen.json["size"], seen.json["time_zone"]) == (
        ["concept-art"],
        "11-50",
        "Europe/Berlin",
    )
    assert (seen.json["verified"], seen.json["membership"], seen.json["verification"]) == (False, None, None)
    own = api.ask("GET", f"/v1/studios/{slug}", by=ada)
    assert own.headers["cache-control"] == "private, no-store"
    assert own.json["membership"] == {"role": "owner", "state": "member"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("slug", "a b"),
        ("slug", "admin"),
        ("about", "x" * 5001),
        ("links", [{"url": "javascript:alert(1)"}]),
        ("links", [{"url": "https://blue.example@evil.example/"}]),
        ("locations", [{"country": "XX"}]),
        ("locations", [{"country": "D"}]),
        ("size", "many"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("logo_media_id", "nonsense"),
        ("verified", True),
        ("held", False),
    ],
)
def test_wrong_fields_are_named(api: Api, ada: Account, field: str, value: Any) -> None:
    answer = api.ask("POST", "/v1/studios", {"name": "x", "slug": new_name(), field: value}, by=ada)
    assert answer.status == 422
    assert answer.fields[0].startswith(field)


def test_a_slug_is_one_studios(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    body = {"name": "x", "slug": studio.rpartition("/")[2]}
    answer = api.ask("POST", "/v1/studios", body, by=api.join())
    assert (answer.status, answer.code) == (409, "slug-taken")
    assert api.ask("GET", studio, by=ada).json["membership"]["role"] == "owner"


def test_nobody_gathers_studios(api: Api, ada: Account) -> None:
    for _ in range(5):
        make_studio(api, ada)
    answer = api.ask("POST", "/v1/studios", {"name": "x", "slug": new_name()}, by=ada)
    assert (answer.status, answer.code) == (409, "too-many-studios")


def test_owners_change_what_they_name(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada, **{**FULL, "name": "Before"})
    tag = api.ask("GET", studio, by=ada).headers["etag"]
    changed = api.ask("PATCH", studio, {"about": "New."}, by=ada, if_match=tag)
    assert (changed.status, changed.json["about"], changed.json["size"]) == (200, "New.", "11-50")
    assert api.ask("PATCH", studio, {"about": "Late."}, by=ada, if_match=tag).status == 412
    assert api.ask("PATCH", studio, {"name": ""}, by=ada).status == 422
    recruiter = add_member(api, ada, studio)
    assert api.ask("PATCH", studio, {"about": "x"}, by=recruiter).code == "owners-only"
    assert api.ask("PATCH", studio, {"about": "x"}, by=api.join()).code == "members-only"
    assert api.ask("GET", studio).json["about"] == "New."


def test_a_logo_is_ones_own_and_ready(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    for media_id, why in ((api.ready(api.join()), "is no media of yours"), (api.upload(ada), "is not ready")):
        answer = api.ask("PATCH", studio, {"logo_media_id": media_id}, by=ada)
        assert (answer.status, answer.json["errors"][0]["message"]) == (422, why)
    mine = api.ready(ada)
    assert api.ask("PATCH", studio, {"logo_media_id": mine}, by=ada).status == 200
    assert api.ask("GET", studio).json["logo"]["media_id"] == mine
    assert api.ask("GET", studio).json["logo_media_id"] is None


def exposure(media_id: str) -> str:
    media = MediaRepository().get(media_id, consistent=True)
    assert media is not None
    return media.exposure


def test_a_logo_is_public_as_long_as_a_studio_has_it(api: Api, ada: Account) -> None:
    first, second = api.ready(ada), api.ready(ada)
    studio = make_studio(api, ada, logo_media_id=first)
    other = make_studio(api, ada, logo_media_id=first)
    assert exposure(first) == "public"
    for each, left in ((studio, "public"), (other, "held")):
        assert api.ask("PATCH", each, {"logo_media_id": second}, by=ada).status == 200
        assert (exposure(first), exposure(second)) == (left, "public")
    post = api.post(ada, second)
    for each in (studio, other):
        assert api.ask("PATCH", each, {"logo_media_id": None}, by=ada).status == 200
    assert exposure(second) == "public", "the post shows it on"
    assert api.ask("DELETE", f"/v1/posts/{post['id']}", by=ada).status == 204
    assert exposure(second) == "held"


def test_who_changes_nothing_of_the_logo_leaves_it(api: Api, ada: Account) -> None:
    mine = api.ready(ada)
    studio = make_studio(api, ada, logo_media_id=mine)
    assert api.ask("PATCH", studio, {"about": "New."}, by=ada).json["logo"]["media_id"] == mine
    body = {"name": "x", "slug": studio.rpartition("/")[2], "logo_media_id": mine}
    taken = api.ask("POST", "/v1/studios", body, by=ada)
    assert taken.code == "slug-taken"
    assert exposure(mine) == "public"
    unshown = api.ready(ada)
    assert api.ask("POST", "/v1/studios", body | {"logo_media_id": unshown}, by=ada).code == "slug-taken"
    assert exposure(unshown) == "held"


@pytest.mark.parametrize("slug", ["nothing-here", "..", "%00", "a"])
def test_no_such_studio(api: Api, slug: str) -> None:
    assert api.ask("GET", f"/v1/studios/{slug}").status == 404


# ---------------------------------------------------------------- members


def test_who_is_invited_speaks_once_they_accept(api: Api, ada: Account) -> None:
    studio, bob = make_studio(api, ada), api.join()
    slug = studio.rpartition("/")[2]
    assert api.ask("POST", f"{studio}/members", {"handle": f"@{bob.handle}"}, by=bob).code == "members-only"
    for _ in range(2):
        invited = api.ask("POST", f"{studio}/members", {"handle": f"@{bob.handle}"}, by=ada)
        assert (invited.status, invited.json["state"]) == (201, "invited")
    assert api.ask("GET", f"{studio}/members", by=bob).code == "members-only"
    [offered] = api.ask("GET", "/v1/me/studios", by=bob).json["items"]
    assert (offered["slug"], offered["membership"]["state"]) == (slug, "invited")
    for _ in range(2):
        assert api.ask("PUT", f"/v1/me/studios/{slug}", by=bob).status == 204
        assert roles(api, bob, studio) == [
            (ada.handle, "owner", "member"),
            (bob.handle, "recruiter", "member"),
        ]
    assert api.ask("PUT", f"/v1/me/studios/{slug}", by=api.join()).code == "no-invitation"
    assert (
        api.ask("POST", f"{studio}/members", {"handle": bob.handle, "role": "owner"}, by=ada).code == "member-already"
    )
    assert api.ask("POST", f"{studio}/members", {"handle": "nobody_here"}, by=ada).status == 404


def test_the_last_owner_stays(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    bob = add_member(api, ada, studio)
    mine = f"{studio}/members/{ada.handle}"
    assert api.ask("DELETE", mine, by=ada).code == "last-owner"
    assert api.ask("PATCH", mine, {"role": "recruiter"}, by=ada).code == "last-owner"
    assert api.ask("DELETE", mine, by=bob).code == "owners-only"
    assert api.ask("PATCH", f"{studio}/members/{bob.handle}", {"role": "owner"}, by=bob).code == "owners-only"
    invited = api.join()
    api.ask("POST", f"{studio}/members", {"handle": invited.handle, "role": "owner"}, by=ada)
    assert api.ask("DELETE", mine, by=ada).code == "last-owner"  # an invitation owns nothing
    assert api.ask("PATCH", f"{studio}/members/{bob.handle}", {"role": "owner"}, by=ada).status == 200
    assert api.ask("DELETE", mine, by=ada).status == 204
    assert api.ask("GET", f"{studio}/members", by=ada).code == "members-only"
    assert api.ask("DELETE", f"{studio}/members/{bob.handle}", by=bob).code == "last-owner"


def test_of_two_owners_who_go_at_once_one_stays(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    bob = add_member(api, ada, studio, "owner")
    change = StudioRepository.change_member
    left: list[int] = []

    def first(*args: Any) -> Any:
        if not left:  # bob goes between ada's reading and her writing
            left.append(0)
            left[0] = api.ask("DELETE", f"{studio}/members/{bob.handle}", by=bob).status
        return change(*args)

    with mock.patch.object(StudioRepository, "change_member", first):
        answer = api.ask("DELETE", f"{studio}/members/{ada.handle}", by=ada)
    assert (left, answer.code) == ([204], "last-owner")
    assert roles(api, ada, studio) == [(ada.handle, "owner", "member")]


def test_an_invitation_is_declined_or_taken_back(api: Api, ada: Account) -> None:
    studio, bob = make_studio(api, ada), api.join()
    for by in (bob, ada):
        api.ask("POST", f"{studio}/members", {"handle": bob.handle}, by=ada)
        assert api.ask("DELETE", f"{studio}/members/{bob.handle}", by=by).status == 204
        assert roles(api, ada, studio) == [(ada.handle, "owner", "member")]
        assert api.ask("PUT", f"/v1/me/studios/{studio.rpartition('/')[2]}", by=bob).status == 404


def test_nobody_invites_whom_a_block_parts_from_them(api: Api, ada: Account) -> None:
    studio, bob = make_studio(api, ada), api.join()
    for blocker, blocked in ((bob, ada), (ada, bob)):
        assert api.ask("PUT", f"/v1/profiles/{blocked.handle}/block", by=blocker).status == 204
        answer = api.ask("POST", f"{studio}/members", {"handle": bob.handle}, by=ada)
        nobody = api.ask("POST", f"{studio}/members", {"handle": "nobody_here"}, by=ada)
        assert (answer.status, answer.json["detail"]) == (404, nobody.json["detail"].replace("nobody_here", bob.handle))
        assert api.ask("GET", "/v1/me/studios", by=bob).json["items"] == []
        assert api.ask("DELETE", f"/v1/profiles/{blocked.handle}/block", by=blocker).status == 204


def test_invitations_of_others_keep_nobody_from_making_a_studio(api: Api, ada: Account) -> None:
    bob = api.join()
    for _ in range(MAX_STUDIOS):
        assert api.ask("POST", f"{make_studio(api, ada)}/members", {"handle": bob.handle}, by=ada).status == 201
    make_studio(api, bob)


def test_nobody_is_flooded_with_invitations(api: Api) -> None:
    bob = api.join()
    for _ in range(MAX_INVITATIONS // MAX_STUDIOS):
        owner = api.join()
        for _ in range(MAX_STUDIOS):
            assert api.ask("POST", f"{make_studio(api, owner)}/members", {"handle": bob.handle}, by=owner).status == 201
    owner = api.join()
    studio = make_studio(api, owner)
    assert api.ask("POST", f"{studio}/members", {"handle": bob.handle}, by=owner).code == "too-many-invitations"
    first = api.ask("GET", "/v1/me/studios", by=bob).json["items"][0]["slug"]
    assert api.ask("DELETE", f"/v1/studios/{first}/members/{bob.handle}", by=bob).status == 204
    assert api.ask("POST", f"{studio}/members", {"handle": bob.handle}, by=owner).status == 201


def test_a_held_studio_shows_itself_to_nobody_by_inviting_them(api: Api, ada: Account) -> None:
    slug, mallory, bob = new_name(), api.join(), api.join()
    verified_studio(api, ada, slug)
    fake = make_studio(api, mallory, new_name(), name=slug.upper())
    answer = api.ask("POST", f"{fake}/members", {"handle": bob.handle}, by=mallory)
    assert (answer.status, answer.code) == (409, "studio-held")
    assert api.ask("GET", fake, by=bob).status == 404
    assert decide(api, "release_studio", fake).status == 201
    assert api.ask("POST", f"{fake}/members", {"handle": bob.handle}, by=mallory).status == 201


# ---------------------------------------------------------------- verification


def test_a_moderator_verifies(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    asked = ask_to_verify(api, ada, studio)
    token = asked.json["verification"]["token"]
    assert token in asked.json["verification"]["instructions"]
    assert ask_to_verify(api, ada, studio).json["verification"]["token"] == token
    assert ask_to_verify(api, ada, studio, "other.example").code == "verification-pending"
    [case] = queue(api, studio)
    evidence = api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=MODERATOR).json["evidence"]
    assert any(token in each for each in evidence)
    assert api.ask("GET", studio).json["verified"] is False
    assert decide(api, "dismiss", studio).code == "nothing-to-decide"
    first = decide(api, "verify_studio", studio)
    assert first.status == 201
    assert decide(api, "verify_studio", studio).json["id"] == first.json["id"]
    assert decide(api, "refuse_studio", studio, Account(groups=("moderators",))).code == "already-decided"
    seen = api.ask("GET", studio).json
    assert (seen["verified"], seen["verified_domain"]) == (True, f"{studio.rpartition('/')[2]}.example")
    assert queue(api, studio) == []
    assert ask_to_verify(api, ada, studio).code == "studio-verified"
    log = api.ask("GET", f"/v1/moderation/log?target={studio.removeprefix('/v1/')}", by=MODERATOR).json["items"]
    assert [(each["action"], each["after"]["verification"]) for each in log] == [("verify_studio", "verified")]


def test_a_refusal_is_told_and_one_may_ask_again(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    first = ask_to_verify(api, ada, studio).json["verification"]["token"]
    assert decide(api, "refuse_studio", studio).status == 201
    told = api.ask("GET", studio, by=ada).json["verification"]
    assert (told["state"], told["reason"]) == ("refused", "We looked.")
    again = ask_to_verify(api, ada, studio, method="email")
    assert again.json["verification"]["token"] != first
    assert len(queue(api, studio)) == 1
    assert decide(api, "verify_studio", studio).status == 201
    assert api.ask("GET", studio).json["verified"]


def test_a_verification_is_taken_back(api: Api, ada: Account) -> None:
    studio, who = verified_studio(api, ada), api.join()
    job = make_job(api, ada, studio, publish="draft")
    body = {"target": studio.removeprefix("/v1/"), "reason": "impersonation"}
    assert api.ask("POST", "/v1/reports", body, by=who).status == 201
    assert decide(api, "restore", studio).fields == ["action"]
    for _ in range(2):
        assert decide(api, "remove", studio).status == 201
    assert decide(api, "remove", studio, Account(groups=("moderators",))).code == "already-decided"
    seen = api.ask("GET", studio).json
    assert (seen["verified"], seen["verified_domain"]) == (False, None)
    assert api.ask("GET", studio, by=ada).json["verification"]["reason"] == "We looked."
    assert api.ask("PATCH", job, {"publish": "now"}, by=ada).code == "studio-not-verified"
    assert ask_to_verify(api, ada, studio).status == 201
    assert decide(api, "verify_studio", studio).status == 201
    assert api.ask("GET", studio).json["verified"]


def test_the_token_is_the_owners_alone(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    recruiter = add_member(api, ada, studio)
    token = ask_to_verify(api, ada, studio).json["verification"]["token"]
    for by in (None, api.join(), recruiter):
        assert token not in api.ask("GET", studio, by=by).text
    assert ask_to_verify(api, recruiter, studio).code == "owners-only"


def test_what_is_verified_stays_what_it_was(api: Api, ada: Account) -> None:
    studio = make_studio(api, ada)
    ask_to_verify(api, ada, studio)
    for _ in range(2):
        assert api.ask("PATCH", studio, {"name": "Another Name"}, by=ada).code == "name-verified"
        decide(api, "verify_studio", studio)
    assert api.ask("PATCH", studio, {"about": "Free."}, by=ada).status == 200


def test_only_moderators_decide_and_not_about_their_own(api: Api, ada: Account) -> None:
    mine = Account(groups=("moderators",))
    api.join(mine)
    studio = make_studio(api, mine)
    ask_to_verify(api, mine, studio)
    assert decide(api, "verify_studio", studio, mine).fields == ["target"]
    assert decide(api, "verify_studio", studio, ada).status == 403
    assert decide(api, "verify_studio", "/v1/studios/nothing-here").status == 404
    assert decide(api, "verify_studio", "/v1/profiles/ada").fields == ["target"]
    assert decide(api, "verify_studio", make_studio(api, ada)).code == "nothing-to-decide"


# ---------------------------------------------------------------- squatting


@pytest.mark.parametrize("what", ["slug", "look", "domain", "name"])
def test_who_looks_like_a_verified_studio_waits_for_a_moderator(api: Api, ada: Account, what: str) -> None:
    name = new_name()
    verified_studio(api, ada, name)
    slug, title = {
        "slug": (f"{name[:5]}-{name[5:]}", "Something else"),
        "look": (name.replace("e", "3"), "Something else"),
        "domain": (f"{name}-example", "Something else"),
        "name": (new_name(), name.upper()),
    }[what]
    eve = api.join()
    if what == "look" and slug == name:
        slug = f"{name[:5]}-{name[5:]}"
    held = make_studio(api, eve, slug, name=title)
    assert api.ask("GET", held, by=eve).json["held"] is True
    for by in (None, ada):
        assert api.ask("GET", held, by=by).status == 404
    assert "It looks like" in queue(api, held)[0]["excerpt"]
    assert decide(api, "release_studio", held).status == 201
    assert api.ask("GET", held).status == 200
    assert queue(api, held) == []


def test_a_held_studio_that_is_verified_is_seen(api: Api, ada: Account) -> None:
    name = new_name()
    verified_studio(api, ada, name)
    eve = api.join()
    held = make_studio(api, eve, f"{name}-example")
    assert ask_to_verify(api, eve, held, f"x{name}.example").status == 201
    assert decide(api, "release_studio", held).status == 201
    assert queue(api, held)  # the verification still waits
    assert decide(api, "verify_studio", held).status == 201
    assert api.ask("GET", held).json["verified"]
    assert queue(api, held) == []


def test_nobody_takes_a_verified_name_later(api: Api, ada: Account) -> None:
    name = new_name()
    verified_studio(api, ada, name)
    eve = api.join()
    studio = make_studio(api, eve)
    assert api.ask("PATCH", studio, {"name": f" {name.upper()}! "}, by=eve).code == "name-held"


def test_who_was_there_first_is_shown_to_the_moderator(api: Api, ada: Account) -> None:
    name = new_name()
    verified_studio(api, ada, name)
    eve = api.join()
    squatter = make_studio(api, eve)
    ask_to_verify(api, eve, squatter, f"{name}.example.org")
    [case] = queue(api, squatter)
    evidence = api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=MODERATOR).json["evidence"]
    assert f"looks like the verified studio {name}" in evidence
