"""An upload's way from its announcement to protected renditions."""

import hashlib
from contextlib import suppress
from dataclasses import fields, replace

import pytest

from chalicelib.domain import clock
from chalicelib.domain.allowances import WAITS, TooManyRequestsError, client_key
from chalicelib.domain.errors import ConflictError, NotFoundError, TemporaryError
from chalicelib.domain.media import (
    EXHAUSTED_REASON,
    MAX_UPLOAD_BYTES,
    REPLACED_SECONDS,
    UPLOAD_SECONDS,
    MediaState,
    UploadRequest,
)
from chalicelib.domain.posts import PostFields, PostMedia
from chalicelib.domain.profiles import Rights
from chalicelib.domain.protection import PictureRejectedError, Reason
from chalicelib.services.media import CHANGES
from chalicelib.services.protection import Arrival
from tests.support.fakes import ARTIST, LEASE_SECONDS, World, protected_picture, unknown_id
from tests.unit.services.invariants import check_always, check_at_rest


def test_from_announcement_to_publication(world: World) -> None:
    media = world.announce()
    assert media.state == "awaiting_upload"
    assert media.expires_at == clock.later(clock.from_text(media.created_at), UPLOAD_SECONDS)
    post = world.post(media.media_id)
    assert world.state(post) == "processing"

    world.originals.files[media.original_key] = b"bytes"
    assert world.media_service.get(media.media_id, ARTIST).state == "queued"
    world.handle(media.media_id)

    done = world.media_service.get(media.media_id, ARTIST)
    assert done.state == "ready"
    assert (done.tries, done.attempt, done.lease_until, done.reason) == (1, None, None, None)
    assert done.picture is not None
    assert done.picture.original_sha256 == hashlib.sha256(b"bytes").hexdigest()
    made = protected_picture(b"bytes").renditions
    assert [item.sha256 for item in done.picture.renditions] == [item.sha256 for item in made]
    assert [item.name for item in done.picture.renditions] == [
        f"{made[0].sha256[:32]}.webp",
        f"{made[1].sha256[:32]}.jpg",
    ]
    assert [item.bytes for item in done.picture.renditions] == [len(item.data) for item in made]
    assert world.state(post) == "published"
    assert world.is_public(media.media_id)
    check_at_rest(world)


def test_form_names_exactly_the_announced_file(world: World) -> None:
    new = world.media_service.start_upload(ARTIST, UploadRequest("a.png", "image/png", 4))
    assert new.form["fields"] == {"key": f"originals/{ARTIST}/{new.media.media_id}", "Content-Type": "image/png"}


def test_files_say_what_the_artist_filled_in(world: World) -> None:
    rights = Rights("Zoë", "Studio Zoë", "© Zoë", "Ask me.", "https://zoe.example/")
    world.join(ARTIST, rights=rights)
    world.ready()
    options = world.imaging.options[-1]
    assert Rights(*(getattr(options, each.name) for each in fields(Rights))) == rights


def test_policy_that_reserves_is_not_named_where_training_is_allowed(world: World) -> None:
    request = UploadRequest("a.png", "image/png", 4, data_mining="allowed", human_made=True)
    media = world.media_service.start_upload(ARTIST, request).media
    world.originals.files[media.original_key] = b"x"
    world.handle(media.media_id)
    options = world.imaging.options[-1]
    assert (options.data_mining, options.web_statement, options.human_made) == ("allowed", None, True)


def test_protection_knows_creator_level_and_policy(world: World) -> None:
    world.ready()
    (options,) = world.imaging.options
    assert (options.creator, options.cloak, options.web_statement) == (
        "Ada",
        "default",
        "https://cara.test/policies/tdm.json",
    )
    world.ready("somebody-without-a-profile")
    assert world.imaging.options[-1].creator is None


@pytest.mark.parametrize("last_try", [False, True])
def test_event_that_comes_twice_changes_nothing(world: World, last_try: bool) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    before, files = world.media.rows[media_id], dict(world.derivatives.held)
    world.handle(media_id, last_try=last_try)
    assert world.media.rows[media_id] == before
    assert world.derivatives.held == files
    assert world.state(post) == "published"
    assert len(world.imaging.options) == 1


def test_event_after_a_refusal_changes_nothing(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    reason = Reason("declared-ai", "It says that it was made by a machine.", ("xmp",))
    world.imaging.error = PictureRejectedError("refused", reason)
    world.handle(media_id)
    refused = world.media.rows[media_id]
    assert (refused.state, refused.reason, refused.attempt) == ("refused", reason, None)
    assert world.state(post) == "refused"
    why = world.posts.rows[post].reason
    assert why is not None
    assert why.code == "media-refused"
    assert "made by a machine" in why.message
    assert why.evidence == (f"media {media_id}: declared-ai",)

    world.imaging.error = None
    world.handle(media_id)
    assert world.media.rows[media_id] == refused
    assert not world.protection.requeue(media_id)
    check_at_rest(world)


def test_event_after_a_picture_could_not_be_read_changes_nothing(world: World) -> None:
    media_id = world.upload().media_id
    world.imaging.error = PictureRejectedError("failed", Reason("unreadable", "It is damaged."))
    world.handle(media_id)
    failed = world.media.rows[media_id]
    world.imaging.error = None
    world.handle(media_id, last_try=True)
    assert world.media.rows[media_id] == failed
    assert failed.state == "failed"
    assert not world.protection.requeue(media_id)


def test_event_before_anybody_asked_for_the_media(world: World) -> None:
    media = world.upload()
    assert world.media.rows[media.media_id].state == "awaiting_upload"
    world.handle(media.media_id)
    assert world.media.rows[media.media_id].state == "ready"


@pytest.mark.parametrize(
    "key", ["", "other/x", "originals", "originals/", "originals/artist-1/", "a/b/c/d", "originals/a/b/c"]
)
def test_objects_that_nobody_announced_are_ignored(world: World, key: str) -> None:
    world.protection.handle(Arrival(key), last_try=True)
    assert not world.imaging.options


def test_keys_under_another_account_are_ignored(world: World) -> None:
    media = world.upload()
    world.originals.files[f"originals/mallory/{media.media_id}"] = b"another picture"
    world.protection.handle(Arrival(f"originals/mallory/{media.media_id}"), last_try=True)
    world.protection.handle(Arrival(f"originals/{ARTIST}/{unknown_id()}"), last_try=True)
    assert world.media.rows[media.media_id].state == "awaiting_upload"
    assert not world.imaging.options


def test_upload_that_is_gone_fails_for_good(world: World) -> None:
    media_id = world.announce().media_id
    world.handle(media_id)
    failed = world.media.rows[media_id]
    assert failed.reason is not None
    assert (failed.state, failed.reason.code) == ("failed", "upload-missing")


def test_upload_larger_than_announced_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.services.protection.MAX_UPLOAD_BYTES", 10)
    assert MAX_UPLOAD_BYTES == 50 * 1024 * 1024
    media = world.upload()
    world.originals.files[media.original_key] = b"eleven char"
    world.handle(media.media_id)
    refused = world.media.rows[media.media_id]
    assert refused.reason is not None
    assert (refused.state, refused.reason.code) == ("refused", "too-large")


def test_temporary_fault_is_tried_again(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    world.imaging.error = MemoryError()
    with pytest.raises(TemporaryError):
        world.handle(media_id)
    assert world.media.rows[media_id].state == "queued"
    assert world.state(post) == "processing"
    world.imaging.error = None
    world.handle(media_id)
    assert (world.media.rows[media_id].state, world.media.rows[media_id].tries) == ("ready", 2)
    assert world.state(post) == "published"


def test_last_try_fails_visibly_and_redrive_brings_it_back(world: World) -> None:
    media_id = world.upload().media_id
    post, private = world.post(media_id), world.post(media_id, visibility="private")
    world.steps.fail_at(1, TemporaryError("S3"), "derivatives.put")
    with pytest.raises(TemporaryError):
        world.handle(media_id, last_try=True)
    failed = world.media.rows[media_id]
    assert failed.reason is not None
    assert (failed.state, failed.reason.code) == ("failed", "processing-exhausted")
    assert (world.state(post), world.state(private)) == ("refused", "refused")
    check_at_rest(world)

    world.steps.forget()
    assert world.protection.requeue(media_id)
    assert (world.media.rows[media_id].state, world.media.rows[media_id].reason) == ("queued", None)
    assert world.state(post) == "processing"
    assert world.posts.rows[post].reason is None
    assert world.protection.requeue(media_id), "a second redrive has something to bring as well"
    world.handle(media_id)
    assert (world.state(post), world.state(private)) == ("published", "published")
    assert not world.protection.requeue(media_id)
    assert not world.protection.requeue(unknown_id())
    check_at_rest(world)


def test_message_that_comes_after_all_tries_is_still_worked_on(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    world.imaging.error = OSError()
    with pytest.raises(TemporaryError):
        world.handle(media_id, last_try=True)
    world.imaging.error = None
    world.handle(media_id)
    assert world.state(post) == "published"


def test_second_try_waits_while_the_first_holds_the_picture(world: World) -> None:
    media_id = world.upload().media_id
    answers: list[object] = []

    def second() -> None:
        with pytest.raises(TemporaryError) as caught:
            world.handle(media_id, last_try=True)
        answers.append(caught.value)

    world.steps.interrupt_at(1, second, "imaging.protect")
    world.handle(media_id)
    assert len(answers) == 1
    assert (world.media.rows[media_id].state, world.media.rows[media_id].tries) == ("ready", 1)


def test_try_whose_lease_ran_out_changes_nothing_anymore(world: World) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)
    attempts: list[str | None] = []

    def second() -> None:
        attempts.append(world.media.rows[media_id].attempt)
        world.now.advance(LEASE_SECONDS)
        world.steps.interrupt_at(1, lambda: attempts.append(world.media.rows[media_id].attempt), "imaging.protect")
        world.handle(media_id)

    world.steps.interrupt_at(1, second, "imaging.protect")
    with pytest.raises(TemporaryError):
        world.handle(media_id)
    done = world.media.rows[media_id]
    assert (done.state, done.tries) == ("ready", 2)
    assert len(set(attempts)) == 2
    assert world.state(post) == "published"
    check_at_rest(world)


@pytest.mark.parametrize("last_try", [False, True])
def test_failure_of_a_try_whose_lease_ran_out_does_not_undo_the_next(world: World, last_try: bool) -> None:
    media_id = world.upload().media_id
    post = world.post(media_id)

    def second_then_fail() -> None:
        world.now.advance(LEASE_SECONDS)
        world.handle(media_id)
        raise OSError("the first try fails at last")

    world.steps.interrupt_at(1, second_then_fail, "imaging.protect")
    with pytest.raises(TemporaryError):
        world.handle(media_id, last_try=last_try)
    assert world.media.rows[media_id].state == "ready"
    assert world.state(post) == "published"


def test_refusal_by_a_try_whose_lease_ran_out_does_not_undo_the_next(world: World) -> None:
    media_id = world.upload().media_id

    def second_then_refuse() -> None:
        world.now.advance(LEASE_SECONDS)
        world.handle(media_id)
        raise PictureRejectedError("refused", Reason("x", "y"))

    world.steps.interrupt_at(1, second_then_refuse, "imaging.protect")
    with pytest.raises(TemporaryError):
        world.handle(media_id)
    assert world.media.rows[media_id].state == "ready"


def test_files_are_stored_before_the_picture_is_ready(world: World) -> None:
    media_id = world.upload().media_id
    world.handle(media_id)
    names = world.steps.names
    last_put = max(index for index, name in enumerate(names) if name == "derivatives.put")
    last_state = max(index for index, name in enumerate(names) if name == "media.save_state")
    assert last_put < last_state


def test_strangers_see_a_media_only_while_it_is_public(world: World) -> None:
    media_id = world.ready()
    for asker in (None, "another"):
        with pytest.raises(NotFoundError):
            world.media_service.get(media_id, asker)
    assert world.media_service.get(media_id, ARTIST).media_id == media_id
    world.post(media_id)
    assert world.media_service.get(media_id, None).state == "ready"


@pytest.mark.parametrize("media_id", ["", "x", "../x", "01J" * 20, unknown_id()])
def test_media_that_is_not(world: World, media_id: str) -> None:
    with pytest.raises(NotFoundError):
        world.media_service.get(media_id, ARTIST)


def test_waiting_ends_with_a_change(world: World) -> None:
    media = world.upload()
    world.media_service.get(media.media_id, ARTIST)
    begun = world.now.moment
    looks = 0

    def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        world.now.advance(seconds)
        if looks == 3:
            world.handle(media.media_id)

    object.__setattr__(world.media_service, "sleep", sleep)
    assert world.media_service.wait(media.media_id, ARTIST, 20).state == "ready"
    assert looks == 3
    assert (world.now.moment - begun).total_seconds() < 3


@pytest.mark.parametrize(("asked", "held"), [(0, 0), (-5, 0), (7, 7), (20, 20), (1000, 20)])
def test_waiting_ends_in_time(world: World, asked: float, held: float) -> None:
    media = world.announce()
    begun = world.now.moment
    assert world.media_service.wait(media.media_id, ARTIST, asked).state == "awaiting_upload"
    assert held <= (world.now.moment - begun).total_seconds() < held + 1


def test_nobody_takes_up_all_processes_by_waiting(world: World) -> None:
    media, began = world.announce(), world.now()
    for _ in range(WAITS.number):
        world.allowances.use(f"waits#{client_key(ARTIST, '')}#{int(began.timestamp()) // WAITS.seconds}", 0)
    assert world.media_service.wait(media.media_id, ARTIST, 20).state == "awaiting_upload"
    assert (world.now() - began).total_seconds() < 1
    world.now.advance(WAITS.seconds)
    world.media_service.wait(media.media_id, ARTIST, 20)
    assert (world.now() - began).total_seconds() >= WAITS.seconds + 20


def test_strangers_are_not_kept_waiting(world: World) -> None:
    media_id = world.ready()
    world.post(media_id)
    world.media_service.choose(media_id, ARTIST, "all")
    began = world.now()
    assert world.media_service.wait(media_id, None, 20).state == "queued"
    assert (world.now() - began).total_seconds() < 1


def test_waiting_for_what_is_final_ends_at_once(world: World) -> None:
    media_id = world.ready()
    begun = world.now.moment
    assert world.media_service.wait(media_id, ARTIST, 20).state == "ready"
    assert (world.now.moment - begun).total_seconds() < 1


def test_arrival_noted_by_two_at_once(world: World) -> None:
    media = world.upload()
    world.steps.interrupt_at(1, lambda: world.handle(media.media_id), "media.save_state")
    assert world.media_service.get(media.media_id, ARTIST).state == "ready"


# ---------------------------------------------------------------- another choice


def test_another_choice_makes_the_files_anew(world: World) -> None:
    media_id = world.ready()
    draft = world.post(media_id, publish="draft")
    before = world.media.rows[media_id]
    chosen = world.media_service.choose(media_id, ARTIST, "all")
    assert (chosen.state, chosen.data_mining, chosen.request.data_mining) == ("queued", "ai-training", "all")
    world.change(draft, publish="now")
    assert world.state(draft) == "processing"
    world.deliver()
    after = world.media.rows[media_id]
    assert after.picture is not None
    assert before.picture is not None
    assert (after.state, after.data_mining, after.picture.data_mining) == ("ready", "all", "all")
    assert after.picture.record != before.picture.record
    assert world.imaging.options[-1].data_mining == "all"
    assert world.state(draft) == "published"
    assert world.is_public(media_id)
    check_at_rest(world)


def test_the_same_choice_changes_nothing(world: World) -> None:
    media_id = world.ready()
    before = world.media.rows[media_id]
    assert world.media_service.choose(media_id, ARTIST, "ai-training") == before
    assert not world.queue.sent


def test_another_choice_before_the_files_are_made_is_theirs(world: World) -> None:
    announced = world.announce()
    world.media_service.choose(announced.media_id, ARTIST, "all-but-search")
    assert not world.queue.sent
    world.originals.files[announced.original_key] = b"x"
    world.handle(announced.media_id)
    assert world.media.rows[announced.media_id].data_mining == "all-but-search"


REJECTED = PictureRejectedError("refused", Reason("too-large", "It is too large by now."))


def served(world: World, media_id: str) -> set[str]:
    return {each.partition("/")[0] for each in world.derivatives.public[media_id]}


def registered(world: World, media_id: str) -> set[str]:
    rows = world.registered.rows.items()
    return {key for key, works in rows if key.startswith("sha256") and media_id in {each.media_id for each in works}}


def test_what_is_shown_is_shown_on_and_then_swapped(world: World) -> None:
    media_id = world.ready()
    post, avatar = world.post(media_id, publish="draft"), world.ready()
    world.change(post, publish="now")
    world.join(ARTIST, "ada", avatar_media_id=avatar)
    before, card = world.media.rows[media_id], world.posts.cards[post]
    known = registered(world, media_id)
    world.steps.after = lambda _: check_always(world)
    for each in (media_id, avatar):
        world.media_service.choose(each, ARTIST, "all")
    assert (world.media.rows[media_id].picture, served(world, media_id)) == (before.picture, {"media"})
    unlisted = world.post(media_id, visibility="unlisted")
    assert world.state(unlisted) == "processing", "it waits for the new files"
    assert world.state(post) == "published"
    world.deliver()
    after = world.media.rows[media_id]
    assert (after.state, after.data_mining, after.exposure) == ("ready", "all", "public")
    assert served(world, media_id) == {"media", "unindexed"}, "answers that caches keep name the old addresses"
    cover = world.posts.cards[post].cover
    assert cover is not None
    assert (cover.data_mining, cover != card.cover) == ("all", True)
    world.sweep(REPLACED_SECONDS)
    assert served(world, media_id) == served(world, avatar) == {"unindexed"}
    assert len(registered(world, media_id) - known) == 2
    assert len(registered(world, media_id) & known) == 1, "the upload itself"
    assert world.state(unlisted) == world.state(post) == "published"
    check_at_rest(world)


@pytest.mark.parametrize("error", [TemporaryError("S3"), NotFoundError(), REJECTED])
def test_what_cannot_be_made_anew_is_shown_as_it_was(world: World, error: Exception) -> None:
    media_id = world.ready()
    post = world.post(media_id)
    world.media_service.choose(media_id, ARTIST, "all")
    world.imaging.error = error
    with suppress(TemporaryError):
        world.handle(media_id, last_try=True)
    failed = world.media.rows[media_id]
    assert (failed.state in {"failed", "refused"}, failed.data_mining) == (True, "ai-training")
    assert world.is_public(media_id)
    assert world.state(world.post(media_id)) == world.state(post) == "published"
    world.imaging.error = None
    assert world.media_service.choose(media_id, ARTIST, "allowed").state == "queued"
    world.deliver()
    world.sweep(REPLACED_SECONDS)
    assert served(world, media_id) == {"open"}
    check_at_rest(world)


def test_a_choice_that_is_taken_back_changes_no_file(world: World) -> None:
    media_id = world.ready()
    world.post(media_id)
    before = world.media.rows[media_id]
    world.media_service.choose(media_id, ARTIST, "all")
    taken_back = world.media_service.choose(media_id, ARTIST, "ai-training")
    world.deliver()
    assert (taken_back.state, world.media.rows[media_id].picture) == ("ready", before.picture)
    world.sweep(1000)
    check_at_rest(world)


def test_a_choice_in_the_middle_of_a_try_is_made_by_another(world: World) -> None:
    media = world.upload()
    world.steps.interrupt_at(1, lambda: world.media_service.choose(media.media_id, ARTIST, "all"), "imaging.protect")
    with pytest.raises(TemporaryError):
        world.handle(media.media_id)
    world.deliver()
    assert (world.media.rows[media.media_id].state, world.media.rows[media.media_id].data_mining) == ("ready", "all")
    world.sweep(1000)
    check_at_rest(world)


def test_files_are_made_anew_so_many_times_a_day(world: World) -> None:
    media_id = world.ready()
    for number in range(CHANGES):
        world.media_service.choose(media_id, ARTIST, "allowed" if number % 2 else "all")
        world.deliver()
    with pytest.raises(TooManyRequestsError):
        world.media_service.choose(media_id, ARTIST, "all")
    world.media_service.choose(world.announce().media_id, ARTIST, "all")
    other = world.ready("artist-2")
    world.media_service.choose(other, "artist-2", "all")
    world.now.advance(24 * 3600)
    assert world.media_service.choose(media_id, ARTIST, "all").state == "queued"


def test_a_posts_choice_is_that_of_all_its_pictures(world: World) -> None:
    first, second = world.ready(), world.upload().media_id
    made = world.post_service.create(ARTIST, PostFields(media=(PostMedia(first), PostMedia(second))), "now", "allowed")
    assert made.post.state == "processing"
    world.handle(second)
    world.deliver()
    assert served(world, first) - {"media"} == served(world, second) == {"open"}
    assert world.state(made.post.post_id) == "published"
    world.post_service.change(made.post.post_id, ARTIST, {}, None, set(), choice="all")
    world.deliver()
    assert {world.media.rows[each].data_mining for each in (first, second)} == {"all"}
    world.sweep(1000)
    assert served(world, first) == served(world, second) == {"unindexed"}
    check_at_rest(world)


def test_a_choice_whose_message_was_lost_is_announced_by_the_next(world: World) -> None:
    media_id = world.ready()
    world.steps.fail_at(1, TemporaryError("no queue"), "queue.announce")
    with pytest.raises(TemporaryError):
        world.media_service.choose(media_id, ARTIST, "all")
    world.steps.forget()
    assert world.media.rows[media_id].state == "queued"
    world.media_service.choose(media_id, ARTIST, "all")
    world.deliver()
    assert world.media.rows[media_id].state == "ready"


def test_a_choice_that_was_cut_short_is_brought_by_the_sweep(world: World) -> None:
    media_id = world.ready()
    world.steps.fail_at(1, TemporaryError("no queue"), "queue.announce")
    with pytest.raises(TemporaryError):
        world.media_service.choose(media_id, ARTIST, "all")
    world.steps.forget()
    assert world.sweep(61).rescued == 1
    world.deliver()
    assert (world.media.rows[media_id].state, world.media.rows[media_id].data_mining) == ("ready", "all")


def test_another_choice_brings_the_version_that_was_protected(world: World) -> None:
    media = world.upload()
    world.protection.handle(Arrival(media.original_key, "v1"), last_try=False)
    world.media_service.choose(media.media_id, ARTIST, "all")
    world.media_service.choose(media.media_id, ARTIST, "allowed")
    assert world.queue.sent == [(media.original_key, "v1")], "what is queued already needs no second message"
    world.deliver()
    assert world.imaging.options[-1].data_mining == "allowed"


def test_a_choice_for_what_failed_by_our_fault_tries_it_again(world: World) -> None:
    media_id = world.ready()
    failed = replace(world.media.rows[media_id], state="failed", reason=EXHAUSTED_REASON, picture=None)
    world.media.rows[media_id] = failed
    assert world.media_service.choose(media_id, ARTIST, failed.data_mining).state == "queued"
    world.deliver()
    assert world.media.rows[media_id].state == "ready"


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_no_choice_changes_what_has_ended(world: World, state: MediaState) -> None:
    """Its time for an appeal goes on running from the refusal."""
    media_id = world.refused()
    before = world.media.rows[media_id] = replace(world.media.rows[media_id], state=state)
    with pytest.raises(ConflictError, match="Upload it again") as caught:
        world.media_service.choose(media_id, ARTIST, "all")
    assert caught.value.code == "media-not-ready"
    assert world.media_service.choose(media_id, ARTIST, before.data_mining) == before
    assert (world.media.rows[media_id], world.queue.sent) == (before, [])


def test_the_same_choice_before_the_files_are_made_writes_nothing(world: World) -> None:
    media = world.announce()
    assert world.media_service.choose(media.media_id, ARTIST, media.data_mining) == media
    assert world.media.rows[media.media_id] == media


def test_publication_waits_for_no_search_of_near_duplicates(world: World) -> None:
    def throttle(_: int, name: str) -> None:
        if name == "works.find":
            raise TemporaryError("throttled")

    media = world.upload()
    awaited = world.post(media.media_id)
    world.steps.before = throttle
    with pytest.raises(TemporaryError):  # the queue brings it again, for the search
        world.handle(media.media_id)
    shown = world.post(media.media_id)
    assert (world.state(awaited), world.state(shown)) == ("published", "published")
    assert world.is_public(media.media_id)
    world.steps.forget()
    assert world.sweep(61).failed == 0
    assert "works.find" in world.steps.names
    check_at_rest(world)


def test_only_its_artist_chooses(world: World) -> None:
    media_id = world.ready()
    for asked, account in ((media_id, "stranger"), (unknown_id(), ARTIST), ("x", ARTIST)):
        with pytest.raises(NotFoundError):
            world.media_service.choose(asked, account, "all")


def test_no_post_is_published_with_a_picture_that_is_being_made_anew(world: World) -> None:
    """The choice before each step of the publication in turn."""
    media_id = world.ready()
    draft = world.post(media_id, publish="draft")
    begin_anew = world.remember()

    def choose() -> None:
        with suppress(ConflictError):
            world.media_service.choose(media_id, ARTIST, "all")

    for number in range(1, 60):
        begin_anew()
        world.steps.interrupt_at(number, choose)
        world.change(draft, publish="now")
        check_always(world)
        if world.steps.before is not None:
            break
        world.steps.forget()
        world.deliver()
        world.sweep(90)
        assert world.state(draft) == "published"
        check_at_rest(world)
    else:
        pytest.fail("the publication never ends")
