"""What must hold of every world: at each moment, and once everything has come to rest."""

from collections import Counter

from chalicelib.domain import clock
from chalicelib.domain.media import Media
from tests.support.fakes import World


def shown_by_posts(world: World, media_id: str) -> bool:
    """Whether a post that everyone can read shows this picture."""
    return any(post.open and media_id in post.media_ids for post in world.posts.rows.values())


def shown_by_profile(world: World, media: Media) -> bool:
    """Whether its owner's profile shows this picture."""
    profile = world.profiles.rows.get(media.owner_id)
    return profile is not None and media.media_id in {profile.fields.avatar_media_id, profile.fields.cover_media_id}


def check_always(world: World) -> None:
    """What holds at each moment: who can read a post, a profile or a count can trust it."""
    for post in world.posts.rows.values():
        if not post.open:
            continue
        for media_id in post.media_ids:
            media = world.media.rows[media_id]
            assert media.picture is not None, f"a post is published with media that are {media.state}"
            assert world.is_public(media_id), "a post is published with a picture that is not public"
    for account_id, profile in world.profiles.rows.items():
        listed = [post for post in world.posts.rows.values() if post.author_id == account_id and post.listed]
        assert profile.posts_count == len(listed), "a profile counts other posts than are listed"


def check_at_rest(world: World) -> None:
    """What holds once nothing is under way."""
    check_always(world)
    for media in world.media.rows.values():
        wanted = shown_by_posts(world, media.media_id) or shown_by_profile(world, media)
        public = world.is_public(media.media_id)
        assert public == wanted, (
            f"a picture is {'' if public else 'not '}public, and should {'' if wanted else 'not '}be"
        )
        assert media.exposure == ("public" if public else "held"), f"its exposure is noted as {media.exposure}"
        assert media.state != "processing", "a picture is stuck in processing"
        if media.replaced is not None:
            assert world.media.due_at[media.media_id], "nobody looks after former files of a picture"
            assert media.replaced.until > clock.to_text(world.now.moment), "former files of a picture were left"
        elif media.picture is not None:
            names = {item.name for item in media.picture.renditions}
            assert world.derivatives.held[media.media_id] == names, "there are files that nobody needs"
    registered = Counter(entry.media_id for works in world.registered.rows.values() for entry in works)
    assert set(registered) == {each for each in world.media.rows if world.is_public(each)}, "else is registered"
    assert len(set(registered.values())) <= 1, "only a part of a work is registered"
    for post in world.posts.rows.values():
        states = {world.media.rows[media_id].state for media_id in post.media_ids}
        assert post.state != "deleted", "a deleted post was left"
        assert not post.unsettled, "a post was left unsettled"
        if post.state == "published":
            assert states <= {"ready"}
        if post.state == "processing":
            assert states & {"awaiting_upload", "queued"}, "a post waits for nothing"
        if post.state == "refused":
            assert states & {"refused", "failed"}, "a post was refused without cause"
        for media_id in post.media_ids:
            assert post.post_id in world.media.rows[media_id].used_by, "a picture does not know of a post that shows it"
