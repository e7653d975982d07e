"""An artist appeals, a moderator decides, and what was asked for comes true."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.errors import ConflictError, DomainError, InvalidError, NotFoundError, TemporaryError
from chalicelib.domain.media import APPEAL_DAYS, DECLARED_AI, HELD_FOR_REVIEW
from chalicelib.domain.moderation import Action, Case, CaseKind, Decision
from chalicelib.domain.protection import PictureRejectedError, Reason
from chalicelib.services.protection import Arrival
from tests.support.fakes import ARTIST, World, unknown_id

MODERATOR, ANOTHER = "moderator-1", "moderator-2"


def appeal(world: World, media_id: str, *pictures: str, account_id: str = ARTIST) -> None:
    world.appeal_service.appeal(account_id, media_id, "I painted it.", pictures)


def decide(world: World, action: Action, media_id: str, by: str = MODERATOR, replaces: str | None = None) -> Decision:
    return world.decisions.decide(by, action, f"media/{media_id}", "Because.", replaces)


def conflict(work: Callable[[], object]) -> str:
    with pytest.raises(ConflictError) as caught:
        work()
    assert len(caught.value.detail) > 20, "it says what to do in words"
    return caught.value.code


def queued(world: World) -> list[str]:
    return [case.target for case in world.moderation.queue(None, limit=20, position=None).cases]


# ---------------------------------------------------------------------- appeals


def test_an_appeal_stands_in_the_queue_with_what_was_found(world: World) -> None:
    media_id, sketch = world.refused(), world.ready()
    appeal(world, media_id, sketch)
    noted = world.media.rows[media_id].appeal
    assert noted is not None
    assert (noted.state, noted.answer) == ("open", None)
    [queued_case] = world.moderation.queue("appeal", limit=20, position=None).cases
    view = world.moderation.case(queued_case.case_id)
    assert (view.case.text, view.case.evidence, view.case.opened_by) == ("I painted it.", ("xmp",), ARTIST)
    assert view.subject is not None
    [(small, address)] = view.subject.files
    assert (small.width, f"/held/{media_id}/{small.name}?" in address) == (640, True)
    [shown] = view.pictures
    assert shown.media.media_id == sketch
    assert [item.format for item, _ in shown.files] == ["webp"]
    assert not world.is_public(sketch), "a moderator's looking publishes nothing"


def test_there_is_one_appeal(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    assert conflict(lambda: appeal(world, media_id)) == "appeal-open"
    decide(world, "refuse_appeal", media_id)
    assert conflict(lambda: appeal(world, media_id)) == "appeal-decided"
    assert len(world.cases.rows) == 1


def test_what_cannot_be_appealed(world: World) -> None:
    assert conflict(lambda: appeal(world, world.ready())) == "not-appealable"
    assert conflict(lambda: appeal(world, world.refused("too-large"))) == "not-appealable"
    late, gone = world.refused(), world.refused()
    del world.originals.files[world.media.rows[gone].original_key]
    assert conflict(lambda: appeal(world, gone)) == "original-gone"
    world.now.advance(APPEAL_DAYS * 86400 - 60)
    appeal(world, world.refused())
    world.now.advance(120)
    assert conflict(lambda: appeal(world, late)) == "appeal-too-late"
    assert len(world.cases.rows) == 1


def test_nobody_appeals_for_others(world: World) -> None:
    media_id = world.refused()
    for account_id, key in (("artist-2", media_id), (ARTIST, unknown_id()), (ARTIST, "nonsense")):
        with pytest.raises(NotFoundError):
            appeal(world, key, account_id=account_id)
    assert not world.cases.rows


def test_pictures_of_an_appeal_are_the_artists_own(world: World) -> None:
    media_id, other, sketch = world.refused(), world.ready("artist-2"), world.ready()
    with pytest.raises(InvalidError) as caught:
        appeal(world, media_id, other, sketch, unknown_id(), media_id, sketch, world.refused(), "nonsense")
    wrong = [error.field for error in caught.value.errors]
    assert wrong == [f"process_media_ids[{index}]" for index in (0, 2, 3, 4, 5, 6)]
    assert world.media.rows[media_id].appeal is None


# ---------------------------------------------------------------------- decisions


def test_a_granted_appeal_publishes_what_was_asked_for(world: World) -> None:
    media_id = world.refused()
    post_id, draft = world.post(media_id, world.ready()), world.post(media_id, publish="draft")
    assert world.state(post_id) == "refused"
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    assert (world.media.rows[media_id].state, world.state(post_id)) == ("queued", "processing")
    assert world.queue.sent == [(world.media.rows[media_id].original_key, "v1")], "the very bytes that were refused"
    world.deliver()
    media = world.media.rows[media_id]
    assert (media.state, media.cleared, media.recalled, media.reason) == ("ready", True, False, None)
    assert media.appeal is not None
    assert (media.appeal.state, media.appeal.answer) == ("granted", "Because.")
    assert (world.state(post_id), world.state(draft)) == ("published", "draft")
    assert world.is_public(media_id)
    assert queued(world) == []


def test_a_refused_appeal_tells_the_artist_why(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    decide(world, "refuse_appeal", media_id)
    media = world.media.rows[media_id]
    assert media.appeal is not None
    assert (media.state, media.cleared, media.appeal.state, media.appeal.answer) == (
        *("refused", False),
        *("refused", "Because."),
    )
    assert world.queue.sent == []
    assert queued(world) == []


def test_every_decision_is_in_the_log(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    refusal = decide(world, "refuse_appeal", media_id)
    granted = decide(world, "grant_appeal", media_id, ANOTHER, replaces=refusal.decision_id)
    newest, oldest = world.moderation.entries(f"media/{media_id}", limit=20, position=None).entries
    assert (newest.decision, oldest.decision) == (granted, refusal)
    assert (oldest.before["appeal"], oldest.after["appeal"]) == ("open", "refused")
    assert newest.before == {"state": "refused", "cleared": "false", "reason": DECLARED_AI, "appeal": "refused"}
    assert newest.after == {"state": "queued", "cleared": "true", "appeal": "granted"}
    assert newest.cases == oldest.cases == tuple(world.cases.rows)
    first = world.moderation.entries(f"media/{media_id}", limit=1, position=None)
    second = world.moderation.entries(f"media/{media_id}", limit=1, position=first.position)
    assert ([*first.entries, *second.entries], second.position) == ([newest, oldest], None)


def test_of_two_moderators_the_second_learns_what_the_first_decided(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    world.steps.interrupt_at(1, lambda: decide(world, "refuse_appeal", media_id, ANOTHER), "cases.decide")
    with pytest.raises(ConflictError, match=r"refuse_appeal.*Because") as caught:
        decide(world, "grant_appeal", media_id)
    assert caught.value.code == "already-decided"
    assert world.media.rows[media_id].state == "refused"
    assert len(world.cases.entries) == 1


def test_the_same_decision_once_more_is_the_same_decision(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    first = decide(world, "grant_appeal", media_id)
    assert decide(world, "grant_appeal", media_id) == first
    assert conflict(lambda: decide(world, "refuse_appeal", media_id)) == "already-decided"
    assert conflict(lambda: decide(world, "grant_appeal", media_id, ANOTHER)) == "already-decided"
    assert len(world.cases.entries) == 1


def test_a_refusal_can_be_taken_back_and_a_grant_cannot(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    refusal = decide(world, "refuse_appeal", media_id)
    assert conflict(lambda: decide(world, "grant_appeal", media_id, replaces=unknown_id())) == "already-decided"
    granted = decide(world, "grant_appeal", media_id, ANOTHER, replaces=refusal.decision_id)
    world.deliver()
    assert world.media.rows[media_id].state == "ready"
    again = lambda: decide(world, "refuse_appeal", media_id, replaces=granted.decision_id)  # noqa: E731
    assert conflict(again) == "already-decided"


def test_a_picture_that_was_held_for_review(world: World) -> None:
    media_id, other = world.refused(HELD_FOR_REVIEW), world.refused(HELD_FOR_REVIEW)
    decide(world, "grant_appeal", media_id)
    world.deliver()
    assert world.media.rows[media_id].state == "ready"
    decide(world, "refuse_appeal", other)
    appeal(world, other)  # nobody has heard its artist yet
    decide(world, "grant_appeal", other)
    assert queued(world) == []


def test_what_is_held_for_review_opens_a_case_by_itself(world: World) -> None:
    world.steps.fail_at(1, TemporaryError("throttled"), "cases.open")
    with pytest.raises(TemporaryError):
        world.refused(HELD_FOR_REVIEW)
    world.steps.forget()
    [media] = world.media.rows.values()
    assert (media.state, queued(world)) == ("refused", [])
    for _ in range(2):  # redelivered, and once more
        world.protection.handle(Arrival(media.original_key, "v1"), last_try=False)
    [case] = world.cases.rows.values()
    assert (case.kind, case.target, case.opened_by) == ("held", f"media/{media.media_id}", None)
    assert (case.evidence, case.opened_at) == (("xmp",), media.updated_at)


def test_another_version_that_is_held_for_review_is_another_case(world: World) -> None:
    media_id = world.refused(HELD_FOR_REVIEW)
    key = world.media.rows[media_id].original_key
    decide(world, "grant_appeal", media_id)
    world.imaging.error = PictureRejectedError("refused", Reason(HELD_FOR_REVIEW, "Why.", ("another",)))
    world.protection.handle(Arrival(key, "v2"), last_try=False)
    assert queued(world) == [f"media/{media_id}"]
    world.imaging.error = None
    decide(world, "grant_appeal", media_id, by="moderator-2")
    assert world.queue.sent[-1] == (key, "v2")
    world.deliver()
    assert (world.media.rows[media_id].state, queued(world)) == ("ready", [])


def test_nothing_is_cleared_of_which_nobody_knows_the_version(world: World) -> None:
    media_id = world.refused()
    media = world.media.rows[media_id]
    world.media.rows[media_id] = replace(media, refused_version=None)
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    world.protection.handle(Arrival(media.original_key), last_try=False)
    assert not world.imaging.options[-1].cleared


def test_only_the_version_that_was_cleared_is_cleared(world: World) -> None:
    media_id = world.refused()
    key = world.media.rows[media_id].original_key
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    world.protection.handle(Arrival(key, "v2"), last_try=False)
    assert not world.imaging.options[-1].cleared, "nobody looked at what was posted by the form since"
    world.media_service.choose(media_id, ARTIST, "all")
    world.deliver()
    assert not world.imaging.options[-1].cleared
    assert not world.media.rows[media_id].cleared


def test_what_was_cleared_stays_so_when_its_files_are_made_anew(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    world.deliver()
    world.media_service.choose(media_id, ARTIST, "all")
    assert world.queue.sent == [(world.media.rows[media_id].original_key, "v1")]
    world.deliver()
    assert world.imaging.options[-1].cleared


def test_a_refusal_of_another_version_clears_nothing(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    world.imaging.error = PictureRejectedError("refused", Reason(DECLARED_AI, "Why.", ("xmp",)))
    world.protection.handle(Arrival(world.media.rows[media_id].original_key, "v2"), last_try=False)
    media = world.media.rows[media_id]
    assert (media.state, media.cleared) == ("refused", False)


def test_nobody_decides_about_an_own_picture(world: World) -> None:
    media_id, reported = world.refused(), world.ready()
    appeal(world, media_id)
    world.cases.open(Case("report", f"media/{reported}", "artist-2", "", (), "2026-11-22T12:00:00.000Z"))
    actions: list[tuple[Action, str]] = [
        *(("grant_appeal", media_id), ("refuse_appeal", media_id), ("dismiss", reported)),
    ]
    for action, each in actions:
        with pytest.raises(InvalidError, match="ask a colleague"):
            decide(world, action, each, by=ARTIST)
    assert len(queued(world)) == 2
    assert not world.cases.entries


def test_nothing_is_decided_that_nobody_asked_for(world: World) -> None:
    media_id = world.refused()
    assert conflict(lambda: decide(world, "grant_appeal", media_id)) == "nothing-to-decide"
    assert conflict(lambda: decide(world, "dismiss", media_id)) == "nothing-to-decide"
    with pytest.raises(NotFoundError):
        decide(world, "refuse_appeal", unknown_id())
    with pytest.raises(InvalidError):
        world.decisions.decide(MODERATOR, "grant_appeal", "posts/1", "Because.")
    appeal(world, media_id)
    assert conflict(lambda: decide(world, "dismiss", media_id)) == "nothing-to-decide"
    assert queued(world) == [f"media/{media_id}"]
    with pytest.raises(NotFoundError):
        world.moderation.case("nonsense")


def test_what_is_no_concern_is_dismissed(world: World) -> None:
    media_id = world.ready()
    for opener in (None, "artist-2", "artist-3"):
        kind: CaseKind = "report" if opener else "near-duplicate"
        world.cases.open(Case(kind, f"media/{media_id}", opener, "", (), "2026-11-22T12:00:00.000Z"))
    dismissed = decide(world, "dismiss", media_id)
    assert queued(world) == []
    assert len(world.cases.entries[dismissed.decision_id].cases) == 3
    assert decide(world, "dismiss", media_id) == dismissed
    assert conflict(lambda: decide(world, "dismiss", media_id, ANOTHER)) == "already-decided"


def test_an_original_that_went_meanwhile_is_told(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    world.originals.files.clear()
    assert conflict(lambda: decide(world, "grant_appeal", media_id)) == "original-gone"
    assert world.media.rows[media_id].state == "refused"
    decide(world, "refuse_appeal", media_id)


# ---------------------------------------------------------------------- accounts


def test_an_account_is_suspended_and_let_in_again(world: World) -> None:
    world.cases.open(Case("report", f"accounts/{ARTIST}", "artist-2", "Spam.", (), "2026-11-22T12:00:00.000Z"))
    suspended = world.decisions.decide(MODERATOR, "suspend", "profiles/Ada", "Because.")
    assert suspended.target == f"accounts/{ARTIST}", "a handle may be somebody else's next year"
    assert world.cases.accounts[ARTIST].suspended
    assert queued(world) == []
    again = world.decisions.decide(MODERATOR, "suspend", f"accounts/{ARTIST}", "Because.")
    assert again == suspended
    assert conflict(lambda: world.decisions.decide(ANOTHER, "suspend", "profiles/ada", "x")) == "already-decided"
    world.decisions.decide(ANOTHER, "unsuspend", "profiles/ada", "It was a mistake.")
    assert not world.cases.accounts[ARTIST].suspended
    entries = world.moderation.entries(f"accounts/{ARTIST}", limit=20, position=None).entries
    assert [(each.before["suspended"], each.after["suspended"]) for each in entries] == [
        ("true", "false"),
        ("false", "true"),
    ]


def test_of_two_who_decide_about_an_account_one_wins(world: World) -> None:
    def other() -> object:
        return world.decisions.decide(ANOTHER, "suspend", "profiles/ada", "Because.")

    world.steps.interrupt_at(1, other, "cases.decide")
    assert conflict(lambda: world.decisions.decide(MODERATOR, "suspend", "profiles/ada", "x")) == "already-decided"
    assert world.cases.accounts[ARTIST].decision.decided_by == ANOTHER
    assert len(world.cases.entries) == 1


def test_accounts_that_cannot_be_suspended(world: World) -> None:
    assert conflict(lambda: world.decisions.decide(MODERATOR, "unsuspend", "profiles/ada", "x")) == "nothing-to-decide"
    with pytest.raises(InvalidError):
        world.decisions.decide(ARTIST, "suspend", "profiles/ada", "I want to see what happens.")
    for target in ("profiles/nobody", "profiles/!", "accounts/nobody"):
        with pytest.raises(NotFoundError):
            world.decisions.decide(MODERATOR, "suspend", target, "x")
    with pytest.raises(InvalidError):
        world.decisions.decide(MODERATOR, "suspend", "media/x", "x")


# ---------------------------------------------------------------------- what happens at the same time, or not at all


@pytest.mark.parametrize("number", range(1, 8))
def test_an_appeal_in_the_middle_of_an_appeal(world: World, number: int) -> None:
    media_id = world.refused()
    outcomes: list[str] = []

    def try_appeal() -> None:
        try:
            appeal(world, media_id)
            outcomes.append("opened")
        except DomainError as error:
            outcomes.append(error.code)

    world.steps.interrupt_at(number, try_appeal)
    try_appeal()
    world.steps.forget()
    assert sorted(outcomes)[-1] == "opened"
    assert outcomes.count("opened") == 1
    assert len(world.cases.rows) == 1


def test_a_queue_that_does_not_answer_takes_no_decision_back(world: World) -> None:
    media_id = world.refused()
    post_id = world.post(media_id)
    appeal(world, media_id)
    world.steps.fail_at(1, TemporaryError("SQS"), "queue.announce")
    decide(world, "grant_appeal", media_id)
    world.steps.forget()
    assert (world.media.rows[media_id].state, world.queue.sent) == ("queued", [])
    assert world.sweep(61).rescued == 1
    world.deliver()
    assert (world.media.rows[media_id].state, world.state(post_id)) == ("ready", "published")


def test_a_message_that_comes_twice_changes_nothing(world: World) -> None:
    media_id = world.refused()
    appeal(world, media_id)
    decide(world, "grant_appeal", media_id)
    world.queue.sent *= 2
    world.deliver()
    assert (world.media.rows[media_id].state, world.media.rows[media_id].tries) == ("ready", 2)
