"""Posts that stand first on their author's profile."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import is_id
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.services.ports import BoundsStore, Clock, PostStore, ProfileStore

MOST = 3
"""How many posts are pinned at a time: each is read with the profile, a unit or two."""

_ATTEMPTS = 5

type Change = Callable[[tuple[str, ...]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PinService:
    """Pins posts, and shows those that are pinned to whoever may see them."""

    profiles: ProfileStore
    posts: PostStore
    relations: BoundsStore
    now: Clock = clock.now

    def pin(self, account_id: str, post_id: str) -> None:
        """Have an own published post stand first, before those that were pinned earlier; once more changes nothing.

        Raises:
            NotFoundError: there is no such post of the account's.
            ConflictError: it is not published (``post-not-published``), or others are pinned (``too-many-pinned``).
        """
        post = self.posts.get(post_id, consistent=True) if is_id(post_id) else None
        if post is None or not _is_of(post, account_id):
            raise NotFoundError(f"There is no post {post_id} of yours.")
        if post.state != "published":
            raise ConflictError("Publish the post, then pin it.", code="post-not-published")
        self._change(account_id, lambda pinned: pinned if post_id in pinned else (post_id, *self._kept(pinned)))

    def unpin(self, account_id: str, post_id: str) -> None:
        """Take a post from its place; one that is not pinned stays where it is.

        Raises:
            NotFoundError: the account has no profile yet.
        """
        self._change(account_id, lambda pinned: tuple(each for each in pinned if each != post_id))

    def shown(self, profile: Profile, account_id: str | None) -> tuple[Card, ...]:
        """Return the cards of pinned posts that an account, or a stranger, may see; no block parts the two.

        It is decided as it is read: what was deleted, narrowed, removed or is processed anew is not among them.
        """
        if not profile.pinned:
            return ()
        found = {post.post_id: (post, card) for post, card in self.posts.get_many_with_cards(profile.pinned)}

        @cache
        def follows() -> bool:
            return account_id is not None and self.relations.follows(account_id, profile.account_id)

        def shows(post: Post) -> bool:
            if not _is_of(post, profile.account_id) or post.state != "published":
                return False
            if account_id == profile.account_id:
                return True
            if post.fields.visibility == "unlisted":
                return False  # it is for those who were given its address
            protected = profile.fields.protected
            return post.visible_to(account_id, protected=protected) or (
                post.visible_to(account_id, protected=protected, follows=True) and follows()
            )

        known = (found[post_id] for post_id in profile.pinned if post_id in found)
        return tuple(card for post, card in known if shows(post))

    def _kept(self, pinned: tuple[str, ...]) -> tuple[str, ...]:
        if len(pinned) < MOST:
            return pinned
        there = {post.post_id for post in self.posts.get_many(list(pinned)) if post.state != "deleted"}
        kept = tuple(each for each in pinned if each in there)
        if len(kept) >= MOST:
            raise ConflictError(f"{MOST} posts are pinned. Unpin one of them first.", code="too-many-pinned")
        return kept

    def _change(self, account_id: str, change: Change) -> None:
        for _ in range(_ATTEMPTS):
            profile = self.profiles.get(account_id)
            if profile is None:
                raise NotFoundError("You have no profile yet. Create it with PUT /v1/me.", code="profile-missing")
            pinned = change(profile.pinned)
            if pinned == profile.pinned:
                return
            try:
                self.profiles.replace(profile, replace(profile, pinned=pinned), self.now())
            except LostRaceError:
                continue
            return
        raise TemporaryError("the profile is being changed by others")


def _is_of(post: Post, account_id: str) -> bool:
    return post.state != "deleted" and post.author_id == account_id
