"""A process can end at any moment. For every use case, and every single thing it asks of the world in its course:

end the process right before that, bring everything to rest as the platform would (the message comes again, or it never
does; the sweep runs), and check that nothing is stuck, nothing private is public and nothing published is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.protection import PictureRejectedError, Reason
from tests.support.fakes import ARTIST, LEASE_SECONDS, Killed, World
from tests.unit.services.invariants import check_always, check_at_rest

MOST_STEPS = 200

type Work = Callable[[World], object]
type Check = Callable[[World], None]


@dataclass
class Scene:
    """A world right before something is done in it, and the ids that matter."""

    world: World
    media: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)


def run_and_kill(scene: Scene, work: Callable[[], object], number: int) -> bool:
    """Begin some work, end the process before its step ``number``; return whether it came that far."""
    world = scene.world
    world.steps.kill_at(number)
    world.steps.after = lambda _: check_always(world)
    try:
        work()
    except Killed:
        return True
    finally:
        world.steps.forget()
    return False


def sweep_until_quiet(world: World) -> None:
    """Sweep for three hours as the schedule would, then once more a good while later."""
    for _ in range(12):
        world.sweep(15 * 60)
    world.sweep(25 * 3600)
    world.sweep(3600)


def each_step(make: Callable[[], Scene], work: Callable[[Scene], object], rest: Callable[[Scene], None]) -> int:
    """Kill some work before each of its steps in turn, bring it to rest and check; return how many steps it has."""
    scene = make()
    begin_anew = scene.world.remember()
    ids = list(scene.media), list(scene.posts)
    for number in range(1, MOST_STEPS):
        begin_anew()
        scene.media[:], scene.posts[:] = ids
        killed = run_and_kill(scene, lambda: work(scene), number)
        try:
            rest(scene)
            check_at_rest(scene.world)
        except AssertionError as error:
            error.add_note(f"killed before step {number}: {scene.world.steps.names}")
            raise
        if not killed:
            return number - 1
    raise AssertionError("this work never ends")


def bring_again(scene: Scene, *, last_try: bool = False) -> None:
    """Have the queue bring each message again until it is done with."""
    world = scene.world
    for media_id in scene.media:
        for _ in range(3):
            world.now.advance(LEASE_SECONDS + 1)
            try:
                world.handle(media_id, last_try=last_try)
            except TemporaryError:
                continue
            break


# ---------------------------------------------------------------------- another choice for what is shown


def shown() -> Scene:
    """A picture that two posts and a profile show, and that its artist has just chosen anew for."""
    world = World()
    world.join(ARTIST, "ada")
    media_id = world.ready()
    posts = [world.post(media_id), world.post(media_id, visibility="unlisted")]
    world.join(ARTIST, "ada", avatar_media_id=media_id)
    world.media_service.choose(media_id, ARTIST, "all")
    return Scene(world, [media_id], posts)


def test_crash_while_a_shown_picture_is_made_anew() -> None:
    def rest(scene: Scene) -> None:
        bring_again(scene)
        sweep_until_quiet(scene.world)
        cover = scene.world.posts.cards[scene.posts[0]].cover
        assert scene.world.media.rows[scene.media[0]].data_mining == "all"
        assert cover is not None
        assert cover.data_mining == "all"
        assert {each.partition("/")[0] for each in scene.world.derivatives.public[scene.media[0]]} == {"unindexed"}

    assert each_step(shown, handle, rest) > 20


# ---------------------------------------------------------------------- an upload arrives


def an_arrival() -> Scene:
    """A picture that has arrived, in a public, a private, and a scheduled post and in a draft."""
    world = World()
    world.join(ARTIST, "ada")
    media_id = world.upload().media_id
    other = world.ready()
    posts = [
        world.post(media_id, other),
        world.post(media_id, visibility="private"),
        world.post(media_id, publish="draft"),
        world.post(media_id, publish=world.now() + timedelta(hours=1)),
    ]
    return Scene(world, [media_id], posts)


def handle(scene: Scene) -> None:
    scene.world.handle(scene.media[0])


def test_message_comes_again_after_a_crash() -> None:
    def rest(scene: Scene) -> None:
        bring_again(scene)
        assert [scene.world.state(post) for post in scene.posts] == ["published", "published", "draft", "scheduled"]
        sweep_until_quiet(scene.world)
        assert [scene.world.state(post) for post in scene.posts] == ["published", "published", "draft", "published"]
        assert scene.world.is_public(scene.media[0])

    assert each_step(an_arrival, handle, rest) > 20


def test_message_never_comes_again_after_a_crash() -> None:
    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        state = scene.world.media.rows[scene.media[0]].state
        assert state in {"ready", "failed"}
        expected = "published" if state == "ready" else "refused"
        states = [scene.world.state(post) for post in scene.posts]
        assert states == [expected, expected, "draft", expected]

    each_step(an_arrival, handle, rest)


def test_message_never_comes_again_but_is_redriven() -> None:
    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        if scene.world.protection.requeue(scene.media[0]):
            handle(scene)
        assert [scene.world.state(post) for post in scene.posts] == ["published", "published", "draft", "published"]

    each_step(an_arrival, handle, rest)


@pytest.mark.parametrize("last_try", [False, True])
def test_crash_while_a_try_that_failed_is_noted(last_try: bool) -> None:
    def broken_arrival() -> Scene:
        scene = an_arrival()
        scene.world.imaging.error = OSError("no memory")
        return scene

    def fail(scene: Scene) -> None:
        with pytest.raises(TemporaryError):
            scene.world.handle(scene.media[0], last_try=last_try)

    def rest(scene: Scene) -> None:
        bring_again(scene, last_try=True)
        sweep_until_quiet(scene.world)
        assert scene.world.media.rows[scene.media[0]].retryable
        assert [scene.world.state(post) for post in scene.posts] == ["refused", "refused", "draft", "refused"]
        scene.world.imaging.error = None
        scene.world.protection.requeue(scene.media[0])
        handle(scene)
        assert [scene.world.state(post) for post in scene.posts] == ["published", "published", "draft", "published"]

    each_step(broken_arrival, fail, rest)


def test_crash_while_a_picture_is_refused() -> None:
    def bad_arrival() -> Scene:
        scene = an_arrival()
        scene.world.imaging.error = PictureRejectedError("refused", Reason("declared-ai", "It says that it was made."))
        return scene

    def rest(scene: Scene) -> None:
        bring_again(scene)
        assert [scene.world.state(post) for post in scene.posts[:2]] == ["refused", "refused"]
        assert scene.world.media.rows[scene.media[0]].state == "refused"

    each_step(bad_arrival, handle, rest)


def test_crash_while_a_picture_is_brought_back() -> None:
    def given_up() -> Scene:
        scene = an_arrival()
        scene.world.imaging.error = OSError()
        bring_again(scene, last_try=True)
        scene.world.imaging.error = None
        return scene

    def rest(scene: Scene) -> None:
        if scene.world.protection.requeue(scene.media[0]):
            bring_again(scene)
        assert [scene.world.state(post) for post in scene.posts[:2]] == ["published", "published"]

    each_step(given_up, lambda scene: scene.world.protection.requeue(scene.media[0]), rest)


@pytest.mark.parametrize("again", [True, False], ids=["decided again", "never decided again"])
def test_crash_while_a_moderator_clears_a_picture(again: bool) -> None:
    def appealed() -> Scene:
        world = World()
        world.join(ARTIST, "ada")
        media_id = world.refused()
        posts = [world.post(media_id, world.ready()), world.post(media_id, visibility="private")]
        world.appeal_service.appeal(ARTIST, media_id, "I painted it.", ())
        return Scene(world, [media_id], posts)

    def grant(scene: Scene) -> None:
        scene.world.decisions.decide("moderator", "grant_appeal", f"media/{scene.media[0]}", "Because.")

    def rest(scene: Scene) -> None:
        world = scene.world
        if again:
            grant(scene)
        for _ in range(3):
            world.sweep(10 * 60)
            world.deliver()
        states = [world.state(post) for post in scene.posts]
        if world.cases.entries:
            assert (world.media.rows[scene.media[0]].state, states) == ("ready", ["published", "published"])
            assert world.is_public(scene.media[0])
        else:
            assert not again, "it was decided"
            assert (world.media.rows[scene.media[0]].state, states) == ("refused", ["refused", "refused"])

    assert each_step(appealed, grant, rest) > 8


# ---------------------------------------------------------------------- posts


def ready_pictures() -> Scene:
    """Three pictures that are ready, the first of them published in a post of its own."""
    world = World()
    world.join(ARTIST, "ada")
    media = [world.ready() for _ in range(3)]
    return Scene(world, media, [world.post(media[0])])


def test_crash_while_a_post_is_made() -> None:
    def make(scene: Scene) -> None:
        scene.posts.append(scene.world.post(*scene.media))

    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        assert {scene.world.state(post) for post in scene.world.posts.rows} == {"published"}

    assert each_step(ready_pictures, make, rest) >= 20


@pytest.mark.parametrize("visibility", ["followers", "private", "unlisted"])
def test_crash_while_a_post_is_made_that_is_not_for_all(visibility: str) -> None:
    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        assert scene.world.is_public(scene.media[1]) == (visibility == "unlisted" and len(scene.world.posts.rows) == 2)

    each_step(ready_pictures, lambda scene: scene.world.post(scene.media[1], visibility=visibility), rest)


CHANGES: dict[str, Work] = {
    "narrowed": lambda world: world.change(first(world), visibility="private"),
    "narrowed to followers": lambda world: world.change(first(world), visibility="followers"),
    "to unlisted": lambda world: world.change(first(world), visibility="unlisted"),
    "picture added": lambda world: world.change(first(world), media=[*pictures(world)]),
    "picture replaced": lambda world: world.change(first(world), media=[pictures(world)[2]]),
    "pictures removed": lambda world: world.change(first(world), media=[]),
    "replaced and narrowed": lambda world: world.change(first(world), media=[pictures(world)[2]], visibility="private"),
    "title": lambda world: world.change(first(world), title="Another"),
    "deleted": lambda world: world.post_service.delete(first(world), ARTIST, set()),
}


def first(world: World) -> str:
    return min(world.posts.rows.values(), key=lambda post: post.created_at).post_id


def pictures(world: World) -> list[str]:
    return sorted(world.media.rows, key=lambda media_id: world.media.rows[media_id].created_at)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_crash_while_a_published_post_changes(name: str, visibility: str, shared: bool) -> None:
    def published() -> Scene:
        world = World()
        world.join(ARTIST, "ada")
        media = [world.ready() for _ in range(3)]
        posts = [world.post(*media[:2], visibility=visibility)]
        if shared:
            world.join(ARTIST, "ada", avatar_media_id=media[1])
            posts.append(world.post(*media[1:]))
        return Scene(world, media, posts)

    before = published()
    CHANGES[name](before.world)
    after_fields = before.world.posts.rows.get(before.posts[0])

    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        post = scene.world.posts.rows.get(scene.posts[0])
        if post is None:
            assert after_fields is None
        else:
            assert post.state == "published"

    assert each_step(published, lambda scene: CHANGES[name](scene.world), rest) > 3


@pytest.mark.parametrize("name", ["widened", "widened with another picture", "unlisted"])
def test_crash_while_a_post_is_widened(name: str) -> None:
    changes: dict[str, Work] = {
        "widened": lambda world: world.change(first(world), visibility="public"),
        "widened with another picture": lambda world: world.change(
            first(world), visibility="public", media=[*reversed(pictures(world))]
        ),
        "unlisted": lambda world: world.change(first(world), visibility="unlisted"),
    }

    def hidden() -> Scene:
        world = World()
        world.join(ARTIST, "ada")
        media = [world.ready() for _ in range(3)]
        return Scene(world, media, [world.post(*media[:2], visibility="followers")])

    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        assert scene.world.state(scene.posts[0]) == "published"

    each_step(hidden, lambda scene: changes[name](scene.world), rest)


@pytest.mark.parametrize("state", ["draft", "scheduled", "processing", "refused"])
@pytest.mark.parametrize(
    "name", ["published", "taken back", "narrowed", "picture removed", "scheduled", "deleted", "private and published"]
)
def test_crash_while_an_unpublished_post_changes(state: str, name: str) -> None:
    changes: dict[str, Work] = {
        "published": lambda world: world.change(first(world), publish="now"),
        "taken back": lambda world: world.change(first(world), publish="draft"),
        "narrowed": lambda world: world.change(first(world), visibility="private"),
        "picture removed": lambda world: world.change(first(world), media=pictures(world)[:1]),
        "scheduled": lambda world: world.change(first(world), publish=world.now() + timedelta(hours=2)),
        "deleted": lambda world: world.post_service.delete(first(world), ARTIST, set()),
        "private and published": lambda world: world.change(first(world), publish="now", visibility="private"),
    }

    def unpublished() -> Scene:
        world = World()
        world.join(ARTIST, "ada")
        media = [world.ready(), world.upload().media_id]
        publish = {"draft": "draft", "scheduled": world.now() + timedelta(hours=1)}.get(state, "now")
        post = world.post(*media, publish=publish)
        if state == "refused":
            world.imaging.error = OSError()
            with pytest.raises(TemporaryError):
                world.handle(media[1], last_try=True)
            world.imaging.error = None
        assert world.state(post) == state
        return Scene(world, media, [post])

    def rest(scene: Scene) -> None:
        scene.world.handle(scene.media[1])
        sweep_until_quiet(scene.world)
        assert scene.world.state(scene.posts[0]) in {"draft", "published", "gone"}

    each_step(unpublished, lambda scene: changes[name](scene.world), rest)


def test_post_cut_off_between_opening_its_pictures_and_saying_so_can_be_made_private() -> None:
    def publish(scene: Scene) -> None:
        scene.world.post(*scene.media[1:])

    def rest(scene: Scene) -> None:
        for post in list(scene.world.posts.rows.values()):
            scene.world.change(post.post_id, visibility="private")
        sweep_until_quiet(scene.world)

    each_step(ready_pictures, publish, rest)


@pytest.mark.parametrize("what", ["taken back", "deleted", "picture removed"])
def test_post_cut_off_while_published_can_be_changed_at_once(what: str) -> None:
    changes: dict[str, Callable[[World, str], object]] = {
        "taken back": lambda world, post: world.change(post, publish="draft"),
        "deleted": lambda world, post: world.post_service.delete(post, ARTIST, set()),
        "picture removed": lambda world, post: world.change(post, media=[]),
    }

    def rest(scene: Scene) -> None:
        for post in list(scene.world.posts.rows.values()):
            if post.state != "published":
                changes[what](scene.world, post.post_id)
        sweep_until_quiet(scene.world)

    each_step(ready_pictures, lambda scene: scene.world.post(*scene.media[1:]), rest)


def test_crash_while_a_post_settles() -> None:
    def unsettled() -> Scene:
        scene = ready_pictures()
        world = scene.world
        world.steps.fail_at(1, TemporaryError("S3"), "derivatives.expose")
        scene.posts.append(world.post(*scene.media[1:]))
        world.steps.forget()
        assert world.state(scene.posts[1]) == "processing"
        return scene

    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        assert scene.world.state(scene.posts[1]) == "published"

    each_step(unsettled, lambda scene: scene.world.publication.settle(scene.posts[1]), rest)


def test_crash_while_the_sweep_runs() -> None:
    def much_to_do() -> Scene:
        scene = an_arrival()
        world = scene.world
        never_came = world.announce().media_id
        scene.posts.append(world.post(never_came))
        world.now.advance(3700)
        return scene

    def rest(scene: Scene) -> None:
        sweep_until_quiet(scene.world)
        assert scene.world.state(scene.posts[4]) == "refused"

    assert each_step(much_to_do, lambda scene: scene.world.sweep(), rest) > 10


# ---------------------------------------------------------------------- profiles


@pytest.mark.parametrize("again", [True, False], ids=["put again", "never put again"])
@pytest.mark.parametrize("name", ["created", "avatar replaced", "pictures removed", "handle changed"])
def test_crash_while_a_profile_is_put(name: str, again: bool) -> None:
    def profile() -> Scene:
        world = World()
        media = [world.ready() for _ in range(3)]
        if name != "created":
            world.join(ARTIST, "ada", avatar_media_id=media[0], cover_media_id=media[1])
        return Scene(world, media)

    def put(scene: Scene) -> None:
        fields = {} if name == "pictures removed" else {"avatar_media_id": scene.media[2]}
        scene.world.join(ARTIST, "ada_2" if name == "handle changed" else "ada", **fields)

    def rest(scene: Scene) -> None:
        if again:
            put(scene)
        sweep_until_quiet(scene.world)

    each_step(profile, put, rest)
