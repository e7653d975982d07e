"""Reactions follow their posts: a changed post's cards are renewed, a removed post's reactions removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.posts import Post
from chalicelib.services.cards import card_author
from chalicelib.services.ports import ErrandQueue, PostStore, ProfileStore, ReactionStore

KIND = "follow-post"
"""The errand that walks a post's reactions: once for all shards, then one for each shard that has more."""

SECOND_LOOK_SECONDS = 20
"""When a walk is made once more: what was written just before the change may not have been in the index yet."""

_FIRST, _PIECE = 12, 100
"""Reactions of each shard that the first piece takes, and that each further piece takes of its shard."""


@dataclass(frozen=True, slots=True)
class PostReactionConsumer:
    """Sends an errand for each change of a post that reactions must follow."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Follow some changes of posts."""
        told = [(each.old, each.new) for each in changes if each.old is not None and matters(each.old, each.new)]
        self.errands.put_all(Errand(KIND, old.post_id) for old, _ in told)
        hidden = [Errand(KIND, old.post_id) for old, new in told if hides(old, new)]
        self.errands.put_all(hidden, SECOND_LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class ReactionUpkeep:
    """The worker of the errand: makes reactions true of the post as it is now, whatever the errand was sent for."""

    reactions: ReactionStore
    posts: PostStore
    profiles: ProfileStore
    errands: ErrandQueue
    shards: int

    def work(self, errand: Errand) -> Errand | None:
        """Do one piece.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        shard = errand.arguments.get("shard")
        if shard is not None:
            position = self._piece(errand.subject, int(shard), _PIECE, errand.cursor)
            return replace(errand, cursor=position) if position else None
        begun = {each: self._piece(errand.subject, each, _FIRST, None) for each in range(self.shards)}
        self.errands.put_all(
            Errand(KIND, errand.subject, position, {"shard": str(shard)})
            for shard, position in begun.items()
            if position
        )
        return None

    def _piece(self, post_id: str, shard: int, limit: int, position: str | None) -> str | None:
        found = self.reactions.walk(post_id, shard, limit=limit, position=position)
        if not found.keys:
            return None
        # read after the reactions are: each of them gets what is true no earlier than now
        stored = self.posts.get_with_card(post_id)
        author = self.profiles.get(stored[0].author_id) if stored else None
        if stored is None or author is None or stored[0].state == "deleted":
            self.reactions.delete(found.keys)
        else:
            self.reactions.refresh(found.keys, SharedCard(stored[1], card_author(author)), stored[0].version)
        return found.position


def matters(old: Post, new: Post | None) -> bool:
    """Tell whether a change shows in lists: that of a post that was published once, in what it says or where it is."""
    if old.published_at is None:
        return False
    return new is None or _said(old) != _said(new)


def hides(old: Post, new: Post | None) -> bool:
    """Tell whether somebody who saw the post before does so no longer."""
    if new is None or new.state != "published":
        return True
    wide = ("public", "unlisted", "followers", "private")
    return wide.index(new.fields.visibility) > wide.index(old.fields.visibility)


def _said(post: Post) -> Post:
    """Return a post without what its card does not show."""
    shown = replace(
        post.fields, text="", mediums=(), software=(), categories=(), quote_post_id=None, comments="everyone"
    )
    return replace(
        post,
        fields=shown,
        version=0,
        updated_at="",
        unsettled=frozenset(),
        counted=False,
        pinned_comment_id=None,
        rank=None,
    )
